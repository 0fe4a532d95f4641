#include "format/mpegts/audio_stream.hpp"

#include "media/aac.hpp"
#include "media/adts.hpp"
#include "media/mp3.hpp"

namespace sluice::mpegts {

namespace {

namespace aac = media::aac;
namespace mp3 = media::mp3;

class AacEncoder final : public Encoder {
 public:
  explicit AacEncoder(const aac::AudioSpecificConfig& config) : config_(config) {}

  void encode(const media::Frame& frame, ElementaryBytes& out) const override {
    const BytesView raw = frame.payload.view();
    const auto header = aac::adts_header(config_, raw.size());
    if (!header || raw.empty()) return;
    out.copy(*header);
    out.borrow(raw);
  }

 private:
  aac::AudioSpecificConfig config_;
};

class Mp3Encoder final : public Encoder {
 public:
  void encode(const media::Frame& frame, ElementaryBytes& out) const override { out.borrow(frame.payload.view()); }
};

/// What the header of a frame in an elementary stream says.
struct FrameShape {
  std::size_t header_size;  ///< bytes that are no part of the payload
  std::size_t size;         ///< header included
  std::uint32_t samples;
  std::uint32_t sample_rate;
};

struct Adts {
  static constexpr std::size_t kHeaderSize = aac::kAdtsHeaderSize;

  static std::optional<FrameShape> shape(BytesView in) {
    const auto header = aac::parse_adts(in);
    // Several blocks in one frame share a header, and only their bits tell where one ends: live encoders write one.
    if (!header || header->raw_data_blocks != 1 || header->frame_size == header->header_size) return std::nullopt;
    return FrameShape{header->header_size, header->frame_size, 1024, header->sample_rate};
  }

  std::optional<Bytes> updated_config(BytesView frame) {
    const auto config = aac::parse_adts(frame)->config();
    if (config == config_) return std::nullopt;
    config_ = config;
    return aac::write_config(config);
  }

 private:
  std::optional<aac::AudioSpecificConfig> config_;
};

struct Mp3 {
  static constexpr std::size_t kHeaderSize = mp3::kHeaderSize;

  static std::optional<FrameShape> shape(BytesView in) {
    const auto header = mp3::parse_header(in);
    if (!header || header->layer != 3 || header->frame_size <= mp3::kHeaderSize) return std::nullopt;
    return FrameShape{0, header->frame_size, header->samples_per_frame, header->sample_rate};
  }

  std::optional<Bytes> updated_config(BytesView frame) {
    auto config = mp3::updated_config(config_, frame);
    if (config) config_ = *config;
    return config;
  }

 private:
  Bytes config_;
};

/// Finds the frames of a stream whose frames tell their length. `Format` is Adts or Mp3.
template <class Format>
class FramedDecoder final : public Decoder {
 public:
  std::size_t decode(const PesUnit& unit, std::vector<DecodedFrame>& out) override {
    if (unit.corrupt) {
      rest_.clear();
      front_stamp_.reset();
      return 1;
    }
    std::size_t bad = 0, at = 0;
    stamp_at_ = rest_.size();
    stamp_ = unit.dts;
    rest_.insert(rest_.end(), unit.data.begin(), unit.data.end());
    while (rest_.size() - at >= Format::kHeaderSize) {
      const auto in = BytesView(rest_).subspan(at);
      const auto shape = Format::shape(in);
      if (!shape || (lost_ && !confirmed(in, shape->size))) {
        bad += lost_ ? 0 : 1;  // a stretch without frames counts as one
        lost_ = true;
        ++at;
        continue;
      }
      if (in.size() < shape->size) break;
      lost_ = false;
      bad += emit(in, *shape, at, out) ? 0 : 1;
      at += shape->size;
    }
    if (at > 0 || stamp_at_ == 0) front_stamp_ = at >= stamp_at_ && at < rest_.size() ? stamp_ : std::nullopt;
    rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(at));
    return bad;
  }

 private:
  /// Where sync was lost, a header is believed only if another follows the frame, as far as that can be seen.
  static bool confirmed(BytesView in, std::size_t size) {
    return in.size() < size + Format::kHeaderSize || Format::shape(in.subspan(size)).has_value();
  }

  /// False where no stamp is known yet.
  bool emit(BytesView in, const FrameShape& shape, std::size_t at, std::vector<DecodedFrame>& out) {
    if (at == 0 && front_stamp_) {
      begin(*front_stamp_, shape.sample_rate);
    } else if (stamp_ && at >= stamp_at_) {
      begin(*std::exchange(stamp_, std::nullopt), shape.sample_rate);
    } else if (since_ && shape.sample_rate != rate_) {
      begin(next_dts(), shape.sample_rate);
    }
    if (!since_) return false;
    DecodedFrame& decoded = out.emplace_back();
    decoded.frame.dts = decoded.frame.pts = next_dts();
    decoded.frame.payload = Payload::copy(in.first(shape.size).subspan(shape.header_size));
    decoded.frame.random_access = true;
    decoded.config = format_.updated_config(in);
    samples_ += shape.samples;
    return true;
  }

  void begin(Ticks dts, std::uint32_t rate) {
    since_ = dts;
    rate_ = rate;
    samples_ = 0;
  }
  [[nodiscard]] Ticks next_dts() const { return *since_ + from_rate(samples_, rate_); }

  Format format_;
  Bytes rest_;                        // the beginning of a frame that the next PES packet completes,
  std::optional<Ticks> front_stamp_;  // and its stamp, if it has one of its own
  std::size_t stamp_at_ = 0;          // where in rest_ the PES packet at hand begins
  std::optional<Ticks> stamp_;        // its stamp, until a frame has it
  std::optional<Ticks> since_;        // the last stamp that a frame had,
  std::uint32_t rate_ = 0;            // the sample rate, and
  std::int64_t samples_ = 0;          // the samples since then
  bool lost_ = true;                  // what came last was no frame, or nothing came yet
};

}  // namespace

std::unique_ptr<Encoder> aac_encoder(const media::Track& track) {
  const auto config = aac::parse_config(track.config.view());
  if (!config || !aac::adts_header(*config, 0)) return nullptr;
  return std::make_unique<AacEncoder>(*config);
}
std::unique_ptr<Decoder> aac_decoder() { return std::make_unique<FramedDecoder<Adts>>(); }

std::unique_ptr<Encoder> mp3_encoder(const media::Track&) { return std::make_unique<Mp3Encoder>(); }
std::unique_ptr<Decoder> mp3_decoder() { return std::make_unique<FramedDecoder<Mp3>>(); }

}  // namespace sluice::mpegts
