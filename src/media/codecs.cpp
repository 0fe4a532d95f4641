#include <algorithm>
#include <array>

#include "media/aac.hpp"
#include "media/codec.hpp"
#include "media/codec_table.hpp"
#include "media/h264.hpp"
#include "media/mp3.hpp"

namespace sluice::media {

namespace {

/// For codecs without parameter sets, whose track is described by its codec string alone.
Result<CodecDetails> no_details(BytesView) { return CodecDetails{}; }

Result<CodecDetails> webvtt_details(BytesView) { return CodecDetails{.codec_string = "wvtt"}; }  // ISO/IEC 14496-30

// A codec is one row here, and one in each format that carries it.
constinit CodecTable codecs(std::array{
    Codec{.name = "h264", .content = Content::video, .details = h264::details, .random_access = h264::random_access},
    Codec{.name = "aac", .content = Content::audio, .details = aac::details, .random_access = nullptr},
    Codec{.name = "mp3", .content = Content::audio, .details = mp3::details, .random_access = nullptr},
    // The payload of a text frame is the cue text in UTF-8; begin and end are the frame's.
    Codec{.name = "webvtt", .content = Content::text, .details = webvtt_details, .random_access = nullptr},
    // Point events: an ID3v2 tag, a KLV packet (SMPTE ST 336), as they are.
    Codec{.name = "id3", .content = Content::data, .details = no_details, .random_access = nullptr},
    Codec{.name = "klv", .content = Content::data, .details = no_details, .random_access = nullptr},
});

}  // namespace

std::string_view to_string(Content content) {
  switch (content) {
    case Content::video: return "video";
    case Content::audio: return "audio";
    case Content::text: return "text";
    case Content::data: return "data";
  }
  return "";
}

const Codec* find_codec(std::string_view name) {
  const auto found = std::ranges::find(all_codecs(), name, &Codec::name);
  return found == all_codecs().end() ? nullptr : &*found;
}

std::span<const Codec> all_codecs() { return codecs.rows(); }

void add_codec(const Codec& codec) { codecs.add(codec); }

}  // namespace sluice::media
