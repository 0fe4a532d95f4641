#include "format/flv/codecs.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "format/flv/errc.hpp"
#include "media/h264.hpp"
#include "media/mp3.hpp"

namespace sluice::flv {

namespace {

using enum Message::Type;

Result<NalUnitCodec::Config> read_avcc(BytesView record) {
  auto config = media::h264::parse_config(record);
  if (!config) return std::unexpected(config.error());
  const unsigned length_size = std::exchange(config->length_size, 4);
  if (length_size == 4) return NalUnitCodec::Config{.record = Bytes(record.begin(), record.end())};
  auto rewritten = media::h264::write_config(*config);
  if (!rewritten) return std::unexpected(rewritten.error());
  return NalUnitCodec::Config{.record = std::move(*rewritten), .length_size = length_size};
}

constexpr NalUnitCodec kH264{.read_config = read_avcc,
                             .has_picture = media::h264::has_picture,
                             .intra_only = media::h264::intra_only,
                             .disposable = media::h264::disposable};

// Of the two ids of MP3 the writers use the first.
constexpr std::array kRows{
    CodecRow{"h264", video, 7, true, &kH264, media::h264::updated_config},
    CodecRow{"aac", audio, 10, true, nullptr, nullptr},
    CodecRow{"mp3", audio, 2, false, nullptr, media::mp3::updated_config},
    CodecRow{"mp3", audio, 14, false, nullptr, media::mp3::updated_config},  // at 8 kHz
};

}  // namespace

const CodecRow* find_row(const media::Codec& codec) {
  const auto* const found = std::ranges::find(kRows, codec.name, &CodecRow::name);
  return found == kRows.end() ? nullptr : found;
}

Result<const CodecRow*> find_row(Message::Type type, unsigned id) {
  const auto* const found =
      std::ranges::find_if(kRows, [&](const CodecRow& row) { return row.type == type && row.id == id; });
  if (found != kRows.end()) return found;
  const auto base = static_cast<unsigned>(type == audio ? Errc::audio_codec : Errc::video_codec);
  return fail(static_cast<Errc>(base + id));
}

}  // namespace sluice::flv
