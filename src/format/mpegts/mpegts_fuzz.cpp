#include <algorithm>
#include <cstdlib>

#include "format/mpegts/demuxer.hpp"
#include "format/mpegts/pes.hpp"
#include "format/mpegts/psi.hpp"

using namespace sluice;
using namespace sluice::mpegts;

namespace {

/// A PAT and a PMT whose CRC is right, whatever they hold: what is read is written again, and read as the same.
void tables(BytesView body) {
  for (const std::uint8_t table_id : {kPatTableId, kPmtTableId}) {
    const Section section{.table_id = table_id, .body = body.first(std::min(body.size(), kMaxSectionBody))};
    const Bytes bytes = section.write();
    const auto read = Section::parse(bytes);
    if (!read) std::abort();
    const auto pat = Pat::parse(*read);
    if (pat && Pat::parse(Section::parse(pat->write()).value()) != *pat) std::abort();
    const auto pmt = Pmt::parse(*read);
    if (pmt && !Pmt::parse(Section::parse(pmt->write()).value())) std::abort();
  }
}

void stream(BytesView in, std::size_t step) {
  Demuxer demuxer;
  std::size_t tracks = 0;
  const auto drain = [&] {
    while (const auto event = demuxer.next()) {
      if (const auto* const told = std::get_if<media::Tracks>(&*event)) {
        tracks = told->size();
        continue;
      }
      const auto& frame = std::get<media::Frame>(*event);
      if (frame.track >= tracks || frame.pts < frame.dts || frame.payload.empty()) std::abort();
    }
  };
  for (; !in.empty(); in = in.subspan(std::min(step, in.size()))) {
    demuxer.push(in.first(std::min(step, in.size())));
    drain();
  }
  demuxer.finish();
  drain();
}

}  // namespace

/// The first byte says how the rest is read: 0 as the body of a table, 1 as PES header, others as stream that comes in
/// pieces of that many bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView in(reinterpret_cast<const std::byte*>(data + 1), size - 1);
  if (data[0] == 0) tables(in);
  if (data[0] == 1) (void)PesHeader::parse(in);
  if (data[0] > 1) stream(in, data[0]);
  return 0;
}
