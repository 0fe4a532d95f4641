#include "format/mpegts/h264_stream.hpp"

#include <algorithm>
#include <array>

#include "media/h264.hpp"

namespace sluice::mpegts {

namespace {

namespace h264 = media::h264;
using h264::NalType;

constexpr std::array kStartCode{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}};
// nal_unit_type 9, primary_pic_type 7: any slices
constexpr std::array kDelimiter{std::byte{0}, std::byte{0},    std::byte{0},
                                std::byte{1}, std::byte{0x09}, std::byte{0xf0}};

class H264Encoder final : public Encoder {
 public:
  explicit H264Encoder(BytesView avcc) {
    ByteWriter w(parameters_);
    w.bytes(kDelimiter);
    const auto config = h264::parse_config(avcc);
    if (!config) return;  // the parameter sets are in the payloads, or the track cannot be decoded by anybody
    for (const auto* sets : {&config->sps, &config->sps_extensions, &config->pps}) {
      for (const BytesView nal : *sets) h264::write_annex_b(w, nal);
    }
  }

  void encode(const media::Frame& frame, ElementaryBytes& out) const override {
    const auto nals = h264::nal_units(frame.payload.view());
    if (nals.begin() == nals.end()) return;
    const bool brings_parameters =
        std::ranges::any_of(nals, [](BytesView nal) { return h264::nal_type(nal) == NalType::sps; });
    const auto opening = BytesView(parameters_);
    out.borrow(frame.random_access && !brings_parameters ? opening : opening.first(kDelimiter.size()));
    for (const BytesView nal : nals) {
      if (h264::nal_type(nal) == NalType::access_unit_delimiter) continue;
      out.borrow(kStartCode);
      out.borrow(nal);
    }
  }

 private:
  Bytes parameters_;  // the delimiter, then the parameter sets of the config
};

class H264Decoder final : public Decoder {
 public:
  std::size_t decode(const PesUnit& unit, std::vector<DecodedFrame>& out) override {
    Bytes payload, parameters;
    payload.reserve(unit.data.size() + 16);
    const bool has_slices = sort(unit.data, payload, parameters);
    if (!parameters.empty()) learn(parameters);
    if (!has_slices || !unit.dts) return 1;
    DecodedFrame decoded;
    media::Frame& frame = decoded.frame;
    frame.dts = *unit.dts;
    frame.pts = *unit.pts;
    frame.corrupt = unit.corrupt;
    frame.random_access = h264::random_access(payload) || (unit.random_access_indicator && h264::intra_only(payload));
    frame.disposable = h264::disposable(payload);
    frame.payload = Payload::own(std::move(payload));
    decoded.config = std::exchange(new_config_, std::nullopt);
    out.push_back(std::move(decoded));
    return 0;
  }

 private:
  /// Lays the NAL units of an access unit where they belong; true where there are slices.
  static bool sort(BytesView stream, Bytes& payload, Bytes& parameters) {
    bool has_slices = false;
    for (const BytesView nal : h264::split_annex_b(stream)) {
      const NalType type = h264::nal_type(nal);
      if (type == NalType::access_unit_delimiter || type == NalType::filler) continue;
      const bool parameter = type == NalType::sps || type == NalType::pps || type == NalType::sps_extension;
      ByteWriter w(parameter ? parameters : payload);
      w.be32(nal.size());
      w.bytes(nal);
      has_slices |= h264::is_slice(type);
    }
    return has_slices;
  }

  void learn(BytesView parameters) {
    auto config = h264::updated_config(config_, parameters);
    if (!config) return;
    config_ = *config;
    new_config_ = std::move(config);
  }

  Bytes config_;
  std::optional<Bytes> new_config_;  // not told with a frame yet
};

}  // namespace

std::unique_ptr<Encoder> h264_encoder(const media::Track& track) {
  return std::make_unique<H264Encoder>(track.config.view());
}

std::unique_ptr<Decoder> h264_decoder() { return std::make_unique<H264Decoder>(); }

}  // namespace sluice::mpegts
