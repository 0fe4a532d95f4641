#include "format/mp4/box.hpp"

namespace sluice::mp4 {

Result<BoxView> read_box(BytesView in) {
  ByteReader r(in);
  std::uint64_t size = r.be32();
  const FourCC type = r.be32();
  if (size == 1) size = r.be64();
  if (!r.ok()) return fail(Errc::truncated);
  const std::size_t header = in.size() - r.left();
  if (size == 0) size = in.size();
  if (size < header) return fail(Errc::bad_box);
  if (size > in.size()) return fail(Errc::truncated);
  return BoxView{type, in.subspan(header, static_cast<std::size_t>(size) - header), static_cast<std::size_t>(size)};
}

Result<PlacedBox> seek_box(BytesView in, std::size_t at, FourCC type, Errc at_end) {
  while (at < in.size()) {
    const auto box = read_box(in.subspan(at));
    if (!box) return fail(box.error());
    if (box->type == type) return PlacedBox{*box, at};
    at += box->size;
  }
  return fail(at_end);
}

Result<BytesView> find_box(BytesView children, FourCC type) {
  const auto found = seek_box(children, 0, type, Errc::missing_box);
  if (found) return found->box.body;
  // The parent is wholly there: a child that ends outside it is no matter of waiting.
  return fail(found.error() == Errc::missing_box ? Errc::missing_box : Errc::bad_box);
}

Result<BytesView> find_box(BytesView children, std::span<const FourCC> path) {
  for (const FourCC type : path) {
    const auto body = find_box(children, type);
    if (!body) return body;
    children = *body;
  }
  return children;
}

}  // namespace sluice::mp4
