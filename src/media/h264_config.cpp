#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/bits.hpp"
#include "media/errc.hpp"
#include "media/h264.hpp"
#include "media/h264_rbsp.hpp"

namespace sluice::media::h264 {

namespace {

constexpr std::size_t kMaxSps = 31;  // numOfSequenceParameterSets has 5 bits
constexpr std::size_t kMaxPps = 255;
constexpr std::size_t kMaxParameterSet = 0xffff;

/// The profiles whose record ends without chroma format and bit depths.
bool is_plain_profile(unsigned profile_idc) { return profile_idc == 66 || profile_idc == 77 || profile_idc == 88; }

void read_sets(ByteReader& r, std::size_t count, std::vector<BytesView>& out) {
  for (std::size_t i = 0; i < count; ++i) out.push_back(r.bytes(r.be16()));
}

bool writable(std::span<const BytesView> sets, std::size_t most) {
  return sets.size() <= most &&
         std::ranges::all_of(sets, [](BytesView set) { return !set.empty() && set.size() <= kMaxParameterSet; });
}

void write_sets(ByteWriter& w, std::span<const BytesView> sets) {
  for (const BytesView set : sets) {
    w.be16(set.size());
    w.bytes(set);
  }
}

/// The id by which slices and parameter sets refer to a set; nothing where it cannot be read.
std::optional<std::uint32_t> id_of(BytesView nal) {
  if (nal_type(nal) == NalType::sps) {
    const auto sps = parse_sps(nal);
    return sps ? std::optional(sps->id) : std::nullopt;
  }
  const Bytes rbsp = unescape(nal.subspan(1, std::min<std::size_t>(nal.size() - 1, 16)));
  BitReader r(rbsp);
  const std::uint32_t id = r.ue();
  return r.ok() && id <= 255 ? std::optional(id) : std::nullopt;
}

/// Puts `nal` in the place of the set with its id, or, a new one, in front: the picture that brought it uses it, and
/// the first SPS is the one that describes the track.
void replace_set(std::vector<BytesView>& sets, BytesView nal) {
  const auto id = id_of(nal);
  if (!id || nal.size() > kMaxParameterSet) return;
  const auto same = std::ranges::find_if(sets, [&](BytesView set) { return id_of(set) == id; });
  if (same == sets.end()) {
    sets.insert(sets.begin(), nal);
  } else {
    *same = nal;
  }
}

bool same_sets(std::span<const BytesView> a, std::span<const BytesView> b) {
  return std::ranges::equal(a, b, [](BytesView x, BytesView y) { return std::ranges::equal(x, y); });
}

std::string profile_name(unsigned profile_idc, unsigned constraint_flags) {
  const auto constraint = [&](unsigned set) { return (constraint_flags & (0x80u >> set)) != 0; };
  switch (profile_idc) {
    case 44: return "CAVLC 4:4:4 Intra";
    case 66: return constraint(1) ? "Constrained Baseline" : "Baseline";
    case 77: return "Main";
    case 88: return "Extended";
    case 100: return !constraint(4) ? "High" : constraint(5) ? "Constrained High" : "Progressive High";
    case 110: return constraint(3) ? "High 10 Intra" : "High 10";
    case 118: return "Multiview High";
    case 122: return constraint(3) ? "High 4:2:2 Intra" : "High 4:2:2";
    case 128: return "Stereo High";
    case 244: return constraint(3) ? "High 4:4:4 Intra" : "High 4:4:4 Predictive";
    default: return "";
  }
}

/// H.264 table A-1; level 1b of the old profiles is 11 with constraint_set3_flag.
std::string level_name(const Sps& sps) {
  const bool is_1b = is_plain_profile(sps.profile_idc) && sps.level_idc == 11 && (sps.constraint_flags & 0x10) != 0;
  if (is_1b || sps.level_idc == 9) return "1b";
  return fmt::format("{}.{}", sps.level_idc / 10, sps.level_idc % 10);
}

}  // namespace

Result<DecoderConfig> parse_config(BytesView avcc) {
  ByteReader r(avcc);
  DecoderConfig config;
  const auto version = r.u8();
  config.profile_idc = r.u8();
  config.constraint_flags = r.u8();
  config.level_idc = r.u8();
  config.length_size = (r.u8() & 3u) + 1;
  read_sets(r, r.u8() & 0x1fu, config.sps);
  read_sets(r, r.u8(), config.pps);
  if (!r.ok()) return fail(Errc::truncated);
  // Many writers leave out what the standard puts here for high profiles.
  if (!is_plain_profile(config.profile_idc) && r.left() >= 4) {
    r.skip(3);  // chroma_format, bit depths: the SPS says the same
    read_sets(r, r.u8(), config.sps_extensions);
    if (!r.ok()) return fail(Errc::truncated);
  }
  const auto all_of_type = [](std::span<const BytesView> sets, NalType type) {
    return std::ranges::all_of(sets, [&](BytesView nal) { return !nal.empty() && nal_type(nal) == type; });
  };
  if (version != 1 || !all_of_type(config.sps, NalType::sps) || !all_of_type(config.pps, NalType::pps) ||
      !all_of_type(config.sps_extensions, NalType::sps_extension)) {
    return fail(Errc::bad_config);
  }
  return config;
}

Result<Bytes> write_config(const DecoderConfig& config) {
  if (config.sps.empty() || config.pps.empty() || !writable(config.sps, kMaxSps) || !writable(config.pps, kMaxPps) ||
      !writable(config.sps_extensions, kMaxPps)) {
    return fail(Errc::bad_config);
  }
  const auto sps = parse_sps(config.sps.front());
  if (!sps) return std::unexpected(sps.error());

  Bytes out;
  ByteWriter w(out);
  w.u8(1);
  w.u8(config.profile_idc);
  w.u8(config.constraint_flags);
  w.u8(config.level_idc);
  w.u8(0xfc | (config.length_size - 1));
  w.u8(0xe0 | config.sps.size());
  write_sets(w, config.sps);
  w.u8(config.pps.size());
  write_sets(w, config.pps);
  if (!is_plain_profile(config.profile_idc)) {
    w.u8(0xfc | sps->chroma_format_idc);
    w.u8(0xf8 | (sps->bit_depth_luma - 8));
    w.u8(0xf8 | (sps->bit_depth_chroma - 8));
    w.u8(config.sps_extensions.size());
    write_sets(w, config.sps_extensions);
  }
  return out;
}

Result<Bytes> make_config(std::span<const BytesView> sps, std::span<const BytesView> pps) {
  if (sps.empty() || sps.front().size() < 4) return fail(Errc::bad_config);
  const BytesView first = sps.front();
  return write_config({.profile_idc = std::to_integer<std::uint8_t>(first[1]),
                       .constraint_flags = std::to_integer<std::uint8_t>(first[2]),
                       .level_idc = std::to_integer<std::uint8_t>(first[3]),
                       .sps = {sps.begin(), sps.end()},
                       .pps = {pps.begin(), pps.end()}});
}

std::optional<Bytes> updated_config(BytesView avcc, BytesView payload) {
  std::vector<BytesView> sps, pps;
  for (const BytesView nal : nal_units(payload)) {
    const NalType type = nal_type(nal);
    if (type == NalType::sps) sps.push_back(nal);
    if (type == NalType::pps) pps.push_back(nal);
    if (sps.size() > kMaxSps || pps.size() > kMaxPps) return std::nullopt;
  }
  if (sps.empty() && pps.empty()) return std::nullopt;

  DecoderConfig old;
  if (!avcc.empty()) {
    auto parsed = parse_config(avcc);
    if (!parsed) return std::nullopt;
    old = std::move(*parsed);
  }
  DecoderConfig config = old;
  for (const BytesView nal : sps) replace_set(config.sps, nal);
  for (const BytesView nal : pps) replace_set(config.pps, nal);
  // Compared at the end: an access unit may bring the same id twice.
  if (same_sets(config.sps, old.sps) && same_sets(config.pps, old.pps)) return std::nullopt;
  if (config.sps.empty() || config.sps.front().size() < 4) return std::nullopt;

  const BytesView first = config.sps.front();
  config.profile_idc = std::to_integer<std::uint8_t>(first[1]);
  config.constraint_flags = std::to_integer<std::uint8_t>(first[2]);
  config.level_idc = std::to_integer<std::uint8_t>(first[3]);
  config.length_size = 4;
  auto written = write_config(config);
  return written ? std::optional(std::move(*written)) : std::nullopt;
}

Result<CodecDetails> details(BytesView avcc) {
  const auto config = parse_config(avcc);
  if (!config) return std::unexpected(config.error());
  if (config->sps.empty()) return fail(Errc::bad_config);
  const auto sps = parse_sps(config->sps.front());
  if (!sps) return std::unexpected(sps.error());

  CodecDetails out;
  out.codec_string =
      fmt::format("avc1.{:02x}{:02x}{:02x}", config->profile_idc, config->constraint_flags, config->level_idc);
  out.profile = profile_name(sps->profile_idc, sps->constraint_flags);
  out.level = level_name(*sps);
  out.pixel_width = sps->width;
  out.pixel_height = sps->height;
  out.sar_width = sps->sar_width;
  out.sar_height = sps->sar_height;
  const double stretched = std::round(static_cast<double>(sps->width) * sps->sar_width / sps->sar_height);
  // A ratio that makes a needle of the picture is a broken encoder's; what cannot be shown is not announced.
  const bool shows = stretched >= 1 && stretched <= 65'535;
  out.width = shows ? static_cast<std::uint32_t>(stretched) : sps->width;
  out.height = sps->height;
  out.fps = sps->fps();
  out.num_ref_frames = sps->num_ref_frames;
  out.progressive = sps->frame_mbs_only;
  return out;
}

}  // namespace sluice::media::h264
