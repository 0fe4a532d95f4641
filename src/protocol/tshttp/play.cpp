#include "protocol/tshttp/play.hpp"

#include "format/mpegts/codecs.hpp"
#include "format/mpegts/muxer.hpp"
#include "stream/ts_program.hpp"

namespace sluice::tshttp {
namespace {

class TsFlow final : public stream::FlowMuxer {
 public:
  TsFlow(const media::Tracks& tracks, const stream::StreamConfig& config)
      : muxer_(tracks, stream::ts_program(config)) {}

  // A viewer begins at a random access frame, and the tables stand before each of these.
  Bytes init() override { return {}; }
  void frame(Bytes& out, const media::Frame& frame) override {
    ByteWriter writer(out);
    muxer_.frame(writer, frame);
  }
  void change(Bytes&, const media::Tracks& tracks) override { muxer_.change(tracks); }

 private:
  mpegts::Muxer muxer_;
};

std::unique_ptr<stream::FlowMuxer> make(const media::Tracks& tracks, const stream::StreamConfig& config) {
  return std::make_unique<TsFlow>(tracks, config);
}

constexpr net::AnswerKind kAnswer{.content_type = "video/mp2t", .cache_control = "no-cache, no-store"};

Task<net::HttpResponse> play(protocol::HttpPlay play) { return protocol::play_flow(std::move(play), kFlow, kAnswer); }

}  // namespace

const stream::FlowForm kFlow{.name = "ts", .carries = mpegts::carries, .make = make};

const protocol::HttpPlayProtocol kPlay{
    .proto = "tshttp",
    .lasts = true,
    .match = [](std::string_view path) { return protocol::name_before(path, "/mpegts"); },
    .play = play,
};

}  // namespace sluice::tshttp
