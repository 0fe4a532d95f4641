#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace sluice::media {

enum class Content : std::uint8_t { video, audio, text, data };

std::string_view to_string(Content content);

/// What the parameter sets of a track say, as far as anybody outside a codec's own file needs it. 0 is unknown.
struct CodecDetails {
  std::string codec_string;  ///< RFC 6381, "avc1.64001f"; empty where the codec has none
  std::string profile;       ///< "High", "LC"
  std::string level;         ///< "3.1"
  std::uint32_t width = 0;   ///< display size in pixels, after the sample aspect ratio
  std::uint32_t height = 0;
  std::uint32_t pixel_width = 0;  ///< coded size after cropping
  std::uint32_t pixel_height = 0;
  std::uint32_t sar_width = 1;
  std::uint32_t sar_height = 1;
  double fps = 0;  ///< as the parameter sets state it, 0 where they do not
  std::uint32_t num_ref_frames = 0;
  bool progressive = true;
  std::uint32_t sample_rate = 0;
  std::uint32_t channels = 0;
  std::uint32_t samples_per_frame = 0;  ///< audio: 1024 for AAC-LC, 1152 for MP3
};

/// One codec: a row in the table of media/codecs.cpp, and one file that knows its bits.
struct Codec {
  std::string_view name;  ///< as the API and the docs write it: "h264", "aac", "mp3"
  Content content = Content::data;

  /// Reads a track's parameter sets: the decoder configuration record as ISO/IEC 14496-15 or 14496-3 stores it
  /// (avcC, AudioSpecificConfig), or, for codecs without one, the first frame.
  Result<CodecDetails> (*details)(BytesView config) = nullptr;

  /// True where the frame is a random access point by its own bits; null where every frame is one (audio, text, data).
  bool (*random_access)(BytesView payload) = nullptr;
};

/// The codec of that name, or null. Pointers are valid for the life of the process and equal for equal codecs.
const Codec* find_codec(std::string_view name);

std::span<const Codec> all_codecs();

/// Adds a row to the table. For tests, before any other thread looks.
void add_codec(const Codec& codec);

}  // namespace sluice::media
