#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "media/codec.hpp"

/// ITU-T H.264 as ISO/IEC 14496-15 stores it. A payload here is an access unit as Sluice keeps it: NAL units, each
/// behind a 4-byte length.
namespace sluice::media::h264 {

/// nal_unit_type, H.264 table 7-1.
enum class NalType : std::uint8_t {
  slice = 1,
  partition_a = 2,
  partition_b = 3,
  partition_c = 4,
  idr = 5,
  sei = 6,
  sps = 7,
  pps = 8,
  access_unit_delimiter = 9,
  end_of_sequence = 10,
  end_of_stream = 11,
  filler = 12,
  sps_extension = 13,
};
/// REQUIRES: `nal` is not empty, as every element of nal_units() is.
inline NalType nal_type(BytesView nal) { return static_cast<NalType>(std::to_integer<unsigned>(nal[0]) & 0x1f); }
/// True for the NAL units that carry picture data (VCL).
inline bool is_slice(NalType type) { return type >= NalType::slice && type <= NalType::idr; }

/// The NAL units of a payload, in order, for a range-based for; views of the payload's memory. Empty units are passed
/// over; the walk ends where a length leads outside.
class NalUnits {
 public:
  class iterator {
   public:
    using value_type = BytesView;
    using difference_type = std::ptrdiff_t;

    iterator() = default;
    explicit iterator(BytesView rest) : rest_(rest) { advance(); }
    BytesView operator*() const { return nal_; }
    iterator& operator++() {
      advance();
      return *this;
    }
    iterator operator++(int) {
      iterator before = *this;
      advance();
      return before;
    }
    bool operator==(std::default_sentinel_t) const { return nal_.empty(); }

   private:
    void advance();

    BytesView nal_;
    BytesView rest_;
  };

  explicit NalUnits(BytesView payload) : payload_(payload) {}
  [[nodiscard]] iterator begin() const { return iterator(payload_); }
  [[nodiscard]] static std::default_sentinel_t end() { return {}; }

 private:
  BytesView payload_;
};
inline NalUnits nal_units(BytesView payload) { return NalUnits(payload); }

/// How many bytes at the front of `payload` are whole NAL units; payload.size() where it is sound.
std::size_t sound_length(BytesView payload);

/// An access unit with lengths of 1, 2 or 4 bytes (3 is read too) as payload. Errors: bad_nal_length.
Result<Bytes> with_four_byte_lengths(BytesView in, unsigned length_size);

/// The NAL units of an Annex B byte stream, without start codes and trailing zeros; views of `stream`.
std::vector<BytesView> split_annex_b(BytesView stream);
/// An Annex B byte stream as payload.
Bytes from_annex_b(BytesView stream);
/// Appends `nal` behind a 4-byte start code.
void write_annex_b(ByteWriter& out, BytesView nal);
/// A payload as Annex B byte stream, with 4-byte start codes.
Bytes to_annex_b(BytesView payload);

/// What a sequence parameter set says, H.264 section 7.3.2.1.1 and annex E.
struct Sps {
  std::uint8_t profile_idc = 0;
  std::uint8_t constraint_flags = 0;  ///< constraint_set0_flag is the highest bit
  std::uint8_t level_idc = 0;
  std::uint32_t id = 0;
  std::uint8_t chroma_format_idc = 1;
  std::uint8_t bit_depth_luma = 8;
  std::uint8_t bit_depth_chroma = 8;
  std::uint32_t num_ref_frames = 0;
  std::uint32_t pic_order_cnt_type = 0;
  bool frame_mbs_only = true;  ///< no field coding: progressive
  std::uint32_t width = 0;     ///< pixels after cropping
  std::uint32_t height = 0;
  std::uint32_t sar_width = 1;
  std::uint32_t sar_height = 1;
  std::uint32_t num_units_in_tick = 0;  ///< 0 where there is no timing
  std::uint32_t time_scale = 0;
  bool fixed_frame_rate = false;
  std::optional<std::uint32_t> max_num_reorder_frames;  ///< of the VUI's bitstream_restriction

  /// Frames a second: time_scale is in fields. 0 where the SPS does not say, or says nonsense (over 1000).
  [[nodiscard]] double fps() const;
  /// True unless the SPS rules out that presentation order differs from decoding order (B-frames).
  [[nodiscard]] bool may_reorder() const;
};
/// Reads a sequence parameter set with its NAL header. Errors: truncated, bad_parameter_set, unsupported_config.
Result<Sps> parse_sps(BytesView nal);

/// AVCDecoderConfigurationRecord, ISO/IEC 14496-15 section 5.3.3.1. Views live as long as what was parsed.
struct DecoderConfig {
  std::uint8_t profile_idc = 0;
  std::uint8_t constraint_flags = 0;
  std::uint8_t level_idc = 0;
  unsigned length_size = 4;  ///< bytes of a NAL unit's length: 1, 2 or 4
  std::vector<BytesView> sps;
  std::vector<BytesView> pps;
  std::vector<BytesView> sps_extensions;
};
/// Errors: truncated, bad_config.
Result<DecoderConfig> parse_config(BytesView avcc);
/// The record's bytes; chroma format and bit depths of high profiles come from the first SPS. Errors: bad_config for no
/// or too many parameter sets, and those of parse_sps.
Result<Bytes> write_config(const DecoderConfig& config);
/// A record of bare parameter sets, for sources without one (MPEG-TS, RTP); profile and level are those of the first
/// SPS.
Result<Bytes> make_config(std::span<const BytesView> sps, std::span<const BytesView> pps);
/// A new record (4-byte lengths) where the access unit brings parameter sets that `avcc` lacks or has with another
/// content: a set replaces the one of its id. A resolution changed in mid-stream shows itself only so. `avcc` may be
/// empty: then the access unit must bring both. Nothing where all stays the same, or what comes is unreadable.
std::optional<Bytes> updated_config(BytesView avcc, BytesView payload);

/// True where decoding can begin at this access unit: an IDR picture, or a recovery point SEI (H.264 D.2.8). Encoders
/// of open GOPs write that message before the I picture that follows leading B pictures, and encoders with intra
/// refresh, which never send an IDR, at the start of each wave: both are where the standard says to begin.
bool random_access(BytesView payload);
/// True where the access unit has a slice: there is something to decode. Some encoders send parameter sets alone.
bool has_picture(BytesView payload);
/// True where all slices of the access unit are I slices by their headers. An encoder that calls such a picture a
/// keyframe is believed, also without recovery point.
bool intra_only(BytesView payload);
/// True where no other picture refers to this one: nal_ref_idc of all its slices is 0.
bool disposable(BytesView payload);

/// The columns of the codec table.
Result<CodecDetails> details(BytesView avcc);

}  // namespace sluice::media::h264
