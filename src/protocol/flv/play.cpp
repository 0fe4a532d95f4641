#include "protocol/flv/play.hpp"

#include "format/flv/stream_writer.hpp"
#include "format/flv/writer.hpp"

namespace sluice::flvhttp {
namespace {

class FlvFlow final : public stream::FlowMuxer {
 public:
  explicit FlvFlow(const media::Tracks& tracks) : writer_(tracks) {}

  Bytes init() override {
    Bytes out;
    ByteWriter bytes(out);
    flv::write_file_header(bytes, writer_.has(media::Content::audio), writer_.has(media::Content::video));
    writer_.headers(tags(out));
    return out;
  }
  void frame(Bytes& out, const media::Frame& frame) override { writer_.frame(frame, tags(out)); }
  void change(Bytes& out, const media::Tracks& tracks) override {
    writer_.set_tracks(tracks);
    writer_.headers(tags(out));
  }

 private:
  static flv::StreamWriter::Emit tags(Bytes& out) {
    return [&out](flv::Message::Type type, std::uint32_t ms, std::span<const BytesView> body) {
      ByteWriter bytes(out);
      flv::write_tag(bytes, type, ms, body);
    };
  }

  flv::StreamWriter writer_;
};

std::unique_ptr<stream::FlowMuxer> make(const media::Tracks& tracks, const stream::StreamConfig&) {
  return std::make_unique<FlvFlow>(tracks);
}

constexpr net::AnswerKind kAnswer{.content_type = "video/x-flv", .cache_control = "no-cache, no-store"};

std::optional<std::size_t> match(std::string_view path) {
  const auto folder = protocol::name_before(path, "/flv");
  return folder ? folder : protocol::name_before(path, ".flv");
}

Task<net::HttpResponse> play(protocol::HttpPlay play) { return protocol::play_flow(std::move(play), kFlow, kAnswer); }

}  // namespace

const stream::FlowForm kFlow{.name = "flv", .carries = flv::carries, .make = make};
const protocol::HttpPlayProtocol kPlay{.proto = "flv", .lasts = true, .match = match, .play = play};

}  // namespace sluice::flvhttp
