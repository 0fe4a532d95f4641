#include "api/gzip.hpp"

#include <zlib.h>

#include <algorithm>

#include "core/shard.hpp"

namespace sluice::api {
namespace {

constexpr std::size_t kLeast = 1024;
constexpr std::size_t kPiece = 64 * 1024;  // about a millisecond
constexpr int kGzipWindow = 15 + 16;       // the largest, in the gzip format
constexpr int kMemoryLevel = 8;

/// zlib's state.
class Deflate {
 public:
  Deflate() {
    ready_ = deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  Deflate(const Deflate&) = delete;
  Deflate& operator=(const Deflate&) = delete;
  ~Deflate() {
    if (ready_) deflateEnd(&stream_);
  }

  [[nodiscard]] bool ready() const { return ready_; }

  void add(BytesView in, bool last, Bytes& out) {
    const auto had = out.size();
    out.resize(had + deflateBound(&stream_, in.size()) + 64);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data() + had);
    stream_.avail_out = static_cast<uInt>(out.size() - had);
    deflate(&stream_, last ? Z_FINISH : Z_SYNC_FLUSH);
    out.resize(out.size() - stream_.avail_out);
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace

Task<void> gzip(net::HttpResponse& response) {
  if (response.gzip || response.takeover || response.body.ranges.size() != 1 || response.body.size() < kLeast)
    co_return;
  const Range& range = response.body.ranges.front();
  if (range.memory == nullptr) co_return;
  BytesView rest(range.memory, range.length);
  Deflate deflate;
  if (!deflate.ready()) co_return;
  Bytes out;
  while (!rest.empty()) {
    const auto piece = rest.first(std::min(rest.size(), kPiece));
    rest = rest.subspan(piece.size());
    deflate.add(piece, rest.empty(), out);
    if (!rest.empty()) co_await yield();
  }
  response.body = Body::of(std::move(out));
  response.gzip = true;
  response.headers += "Vary: Accept-Encoding\r\n";
}

}  // namespace sluice::api
