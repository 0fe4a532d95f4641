#include <algorithm>
#include <array>

#include "core/bits.hpp"
#include "media/errc.hpp"
#include "media/h264.hpp"
#include "media/h264_rbsp.hpp"

namespace sluice::media::h264 {

namespace {

// Level 6.2 allows 139264 macroblocks in a frame, and sqrt(8 times that) in a row or column (H.264 A.3.1).
constexpr std::uint32_t kMaxMacroblocks = 1055;

// All scaling matrices and both HRDs at their fullest need less; what is behind is not looked at.
constexpr std::size_t kLongest = 4096;

/// The profiles whose SPS has chroma format, bit depths and scaling matrices.
bool has_chroma_format(unsigned profile_idc) {
  switch (profile_idc) {
    case 100:
    case 110:
    case 122:
    case 244:
    case 44:
    case 83:
    case 86:
    case 118:
    case 128:
    case 138:
    case 139:
    case 134:
    case 135: return true;
    default: return false;
  }
}

/// scaling_list(), H.264 section 7.3.2.1.1.1, passed over.
void skip_scaling_list(BitReader& r, unsigned size) {
  int last = 8, next = 8;
  for (unsigned i = 0; i < size && next != 0 && r.ok(); ++i) {
    next = (last + r.se() % 256 + 256) % 256;
    if (next != 0) last = next;
  }
}

void read_chroma(BitReader& r, Sps& sps, bool& separate_colour_plane) {
  sps.chroma_format_idc = static_cast<std::uint8_t>(std::min(r.ue(), 255u));
  if (sps.chroma_format_idc == 3) separate_colour_plane = r.flag();
  sps.bit_depth_luma = static_cast<std::uint8_t>(std::min(r.ue(), 100u) + 8);
  sps.bit_depth_chroma = static_cast<std::uint8_t>(std::min(r.ue(), 100u) + 8);
  r.flag();  // qpprime_y_zero_transform_bypass_flag
  if (!r.flag()) return;
  const unsigned lists = sps.chroma_format_idc != 3 ? 8 : 12;
  for (unsigned i = 0; i < lists && r.ok(); ++i) {
    if (r.flag()) skip_scaling_list(r, i < 6 ? 16 : 64);
  }
}

void skip_pic_order_cnt(BitReader& r, Sps& sps) {
  sps.pic_order_cnt_type = r.ue();
  if (sps.pic_order_cnt_type == 0) {
    r.ue();  // log2_max_pic_order_cnt_lsb_minus4
  } else if (sps.pic_order_cnt_type == 1) {
    r.flag();  // delta_pic_order_always_zero_flag
    r.se();    // offset_for_non_ref_pic
    r.se();    // offset_for_top_to_bottom_field
    const std::uint32_t cycle = r.ue();
    for (std::uint32_t i = 0; i < cycle && i < 256 && r.ok(); ++i) r.se();
  }
}

void skip_hrd(BitReader& r) {
  const std::uint32_t count = r.ue();
  r.skip(8);  // bit_rate_scale, cpb_size_scale
  for (std::uint32_t i = 0; i <= count && i < 32 && r.ok(); ++i) {
    r.ue();
    r.ue();
    r.flag();
  }
  r.skip(20);  // the lengths of delays and time_offset
}

void read_aspect_ratio(BitReader& r, Sps& sps) {
  struct Ratio {
    std::uint8_t width, height;
  };
  static constexpr std::array<Ratio, 17> kTableE1{{{1, 1},
                                                   {1, 1},
                                                   {12, 11},
                                                   {10, 11},
                                                   {16, 11},
                                                   {40, 33},
                                                   {24, 11},
                                                   {20, 11},
                                                   {32, 11},
                                                   {80, 33},
                                                   {18, 11},
                                                   {15, 11},
                                                   {64, 33},
                                                   {160, 99},
                                                   {4, 3},
                                                   {3, 2},
                                                   {2, 1}}};
  constexpr unsigned kExtended = 255;

  const auto index = static_cast<unsigned>(r.bits(8));
  std::uint32_t width = 1, height = 1;
  if (index == kExtended) {
    width = static_cast<std::uint32_t>(r.bits(16));
    height = static_cast<std::uint32_t>(r.bits(16));
  } else if (index < kTableE1.size()) {
    width = kTableE1[index].width;
    height = kTableE1[index].height;
  }
  if (width == 0 || height == 0) return;  // "unspecified"
  sps.sar_width = width;
  sps.sar_height = height;
}

/// vui_parameters(), H.264 section E.1.1.
void read_vui(BitReader& r, Sps& sps) {
  if (r.flag()) read_aspect_ratio(r, sps);
  if (r.flag()) r.flag();  // overscan
  if (r.flag()) {          // video_signal_type
    r.skip(4);
    if (r.flag()) r.skip(24);
  }
  if (r.flag()) {  // chroma_loc_info
    r.ue();
    r.ue();
  }
  if (r.flag()) {
    sps.num_units_in_tick = static_cast<std::uint32_t>(r.bits(32));
    sps.time_scale = static_cast<std::uint32_t>(r.bits(32));
    sps.fixed_frame_rate = r.flag();
  }
  const bool nal_hrd = r.flag();
  if (nal_hrd) skip_hrd(r);
  const bool vcl_hrd = r.flag();
  if (vcl_hrd) skip_hrd(r);
  if (nal_hrd || vcl_hrd) r.flag();  // low_delay_hrd_flag
  r.flag();                          // pic_struct_present_flag
  if (r.flag()) {                    // bitstream_restriction
    r.flag();
    for (int i = 0; i < 4; ++i) r.ue();  // bytes and bits of pictures and macroblocks, lengths of motion vectors
    sps.max_num_reorder_frames = r.ue();
    r.ue();  // max_dec_frame_buffering
  }
}

/// The size in pixels: whole macroblocks less the cropping rectangle (H.264 7-20, 7-21). False where it is nonsense.
bool read_size(BitReader& r, Sps& sps, bool separate_colour_plane) {
  const std::uint32_t columns = r.ue() + 1;
  const std::uint32_t map_units = r.ue() + 1;
  sps.frame_mbs_only = r.flag();
  if (!sps.frame_mbs_only) r.flag();  // mb_adaptive_frame_field_flag
  r.flag();                           // direct_8x8_inference_flag
  std::uint64_t left = 0, right = 0, top = 0, bottom = 0;
  if (r.flag()) {
    left = r.ue();
    right = r.ue();
    top = r.ue();
    bottom = r.ue();
  }
  if (columns - 1 >= kMaxMacroblocks || map_units - 1 >= kMaxMacroblocks) return false;

  const unsigned chroma_array_type = separate_colour_plane ? 0 : sps.chroma_format_idc;
  const std::uint32_t fields = sps.frame_mbs_only ? 1 : 2;
  const std::uint64_t crop_x = (left + right) * (chroma_array_type == 1 || chroma_array_type == 2 ? 2 : 1);
  const std::uint64_t crop_y = (top + bottom) * (chroma_array_type == 1 ? 2 : 1) * fields;
  const std::uint32_t coded_width = columns * 16;
  const std::uint32_t coded_height = map_units * 16 * fields;
  if (crop_x >= coded_width || crop_y >= coded_height) return false;
  sps.width = coded_width - static_cast<std::uint32_t>(crop_x);
  sps.height = coded_height - static_cast<std::uint32_t>(crop_y);
  return true;
}

}  // namespace

double Sps::fps() const {
  if (num_units_in_tick == 0 || time_scale == 0) return 0;
  const double rate = time_scale / (2.0 * num_units_in_tick);
  return rate <= 1000 ? rate : 0;
}

bool Sps::may_reorder() const {
  if (max_num_reorder_frames) return *max_num_reorder_frames != 0;
  const bool baseline = profile_idc == 66;
  const bool intra_profile = (constraint_flags & 0x10) != 0 && profile_idc != 77 && profile_idc != 88;
  return !baseline && !intra_profile && profile_idc != 44 && pic_order_cnt_type != 2;
}

Result<Sps> parse_sps(BytesView nal) {
  if (nal.size() < 4) return fail(Errc::truncated);
  if (nal_type(nal) != NalType::sps) return fail(Errc::bad_parameter_set);
  const Bytes rbsp = unescape(nal.subspan(1, std::min(nal.size() - 1, kLongest)));
  BitReader r(rbsp);

  Sps sps;
  sps.profile_idc = static_cast<std::uint8_t>(r.bits(8));
  sps.constraint_flags = static_cast<std::uint8_t>(r.bits(8));
  sps.level_idc = static_cast<std::uint8_t>(r.bits(8));
  sps.id = r.ue();
  bool separate_colour_plane = false;
  if (has_chroma_format(sps.profile_idc)) read_chroma(r, sps, separate_colour_plane);
  r.ue();  // log2_max_frame_num_minus4
  skip_pic_order_cnt(r, sps);
  sps.num_ref_frames = r.ue();
  r.flag();  // gaps_in_frame_num_value_allowed_flag
  const bool sound_size = read_size(r, sps, separate_colour_plane);
  if (r.flag()) read_vui(r, sps);

  if (!r.ok()) return fail(Errc::truncated);
  if (!sound_size || sps.id > 31 || sps.chroma_format_idc > 3 || sps.bit_depth_luma > 14 || sps.bit_depth_chroma > 14 ||
      sps.num_ref_frames > 16 || sps.pic_order_cnt_type > 2) {
    return fail(Errc::bad_parameter_set);
  }
  return sps;
}

}  // namespace sluice::media::h264
