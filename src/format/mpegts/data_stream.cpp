#include "format/mpegts/data_stream.hpp"

namespace sluice::mpegts {

namespace {

class DataEncoder final : public Encoder {
 public:
  void encode(const media::Frame& frame, ElementaryBytes& out) const override { out.borrow(frame.payload.view()); }
};

class DataDecoder final : public Decoder {
 public:
  std::size_t decode(const PesUnit& unit, std::vector<DecodedFrame>& out) override {
    if (!unit.dts || unit.corrupt || unit.data.empty()) return 1;
    DecodedFrame& decoded = out.emplace_back();
    decoded.frame.dts = *unit.dts;
    decoded.frame.pts = *unit.pts;
    decoded.frame.payload = Payload::copy(unit.data);
    decoded.frame.random_access = true;
    return 0;
  }
};

}  // namespace

std::unique_ptr<Encoder> data_encoder(const media::Track&) { return std::make_unique<DataEncoder>(); }

std::unique_ptr<Decoder> data_decoder() { return std::make_unique<DataDecoder>(); }

}  // namespace sluice::mpegts
