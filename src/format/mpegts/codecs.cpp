#include "format/mpegts/codecs.hpp"

#include <algorithm>
#include <array>

#include "format/mpegts/audio_stream.hpp"
#include "format/mpegts/data_stream.hpp"
#include "format/mpegts/h264_stream.hpp"
#include "format/mpegts/pes.hpp"
#include "format/mpegts/psi.hpp"
#include "media/codec_table.hpp"

namespace sluice::mpegts {

namespace {

constexpr std::uint32_t kId3 = 0x4944'3320;   // "ID3 "
constexpr std::uint32_t kKlva = 0x4b4c'5641;  // "KLVA"

bool is_mpeg1(const media::CodecDetails& details) { return details.sample_rate == 0 || details.sample_rate >= 32'000; }

// A codec is one row here; MP3 has two, because MPEG-1 and MPEG-2 audio differ in stream_type.
constinit media::CodecTable table(std::array{
    CodecRow{.codec = "h264",
             .stream_type = 0x1b,
             .stream_id = kVideoStream,
             .encoder = h264_encoder,
             .decoder = h264_decoder},
    CodecRow{
        .codec = "aac", .stream_type = 0x0f, .stream_id = kAudioStream, .encoder = aac_encoder, .decoder = aac_decoder},
    CodecRow{.codec = "mp3",
             .stream_type = 0x03,
             .stream_id = kAudioStream,
             .suits = is_mpeg1,
             .encoder = mp3_encoder,
             .decoder = mp3_decoder},
    CodecRow{
        .codec = "mp3", .stream_type = 0x04, .stream_id = kAudioStream, .encoder = mp3_encoder, .decoder = mp3_decoder},
    // Timed Metadata for HTTP Live Streaming, section 2.
    CodecRow{.codec = "id3",
             .stream_type = kMetadataInPes,
             .stream_id = kPrivateStream1,
             .format_identifier = kId3,
             .encoder = data_encoder,
             .decoder = data_decoder},
    // MISB ST 1402, asynchronous carriage.
    CodecRow{.codec = "klv",
             .stream_type = 0x06,
             .stream_id = kPrivateStream1,
             .format_identifier = kKlva,
             .encoder = data_encoder,
             .decoder = data_decoder},
});

const CodecRow* find_row(auto matches) {
  const auto found = std::ranges::find_if(table.rows(), matches);
  return found == table.rows().end() ? nullptr : &*found;
}

}  // namespace

bool carries(const media::Codec& codec) {
  return find_row([&](const CodecRow& row) { return row.codec == codec.name; }) != nullptr;
}

const CodecRow* row_for(const media::Track& track) {
  return find_row(
      [&](const CodecRow& row) { return row.codec == track.codec->name && (!row.suits || row.suits(track.details)); });
}

const CodecRow* row_for(std::uint8_t stream_type, std::uint32_t format_identifier) {
  return find_row([&](const CodecRow& row) {
    return row.stream_type == stream_type && (row.format_identifier == 0 || row.format_identifier == format_identifier);
  });
}

void add_codec(const CodecRow& row) { table.add(row); }

}  // namespace sluice::mpegts
