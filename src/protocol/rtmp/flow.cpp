#include "protocol/rtmp/flow.hpp"

#include "format/flv/stream_writer.hpp"
#include "format/flv/writer.hpp"
#include "protocol/rtmp/chunk_writer.hpp"
#include "protocol/rtmp/message.hpp"

namespace sluice::rtmp {
namespace {

class RtmpFlow final : public stream::FlowMuxer {
 public:
  explicit RtmpFlow(const media::Tracks& tracks) : writer_(tracks) {}

  Bytes init() override {
    Bytes out;
    writer_.headers(messages(out));
    return out;
  }
  void frame(Bytes& out, const media::Frame& frame) override { writer_.frame(frame, messages(out)); }
  void change(Bytes& out, const media::Tracks& tracks) override {
    writer_.set_tracks(tracks);
    writer_.headers(messages(out));
  }

 private:
  static flv::StreamWriter::Emit messages(Bytes& out) {
    return [&out](flv::Message::Type type, std::uint32_t ms, std::span<const BytesView> body) {
      ByteWriter bytes(out);
      write_message(bytes, media_header(type, ms), body);
    };
  }

  flv::StreamWriter writer_;
};

}  // namespace

const stream::FlowForm kFlow{
    .name = "rtmp",
    .carries = flv::carries,
    .make = [](const media::Tracks& tracks, const stream::StreamConfig&) -> std::unique_ptr<stream::FlowMuxer> {
      return std::make_unique<RtmpFlow>(tracks);
    },
};

}  // namespace sluice::rtmp
