#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "format/flv/message.hpp"
#include "media/codec.hpp"

namespace sluice::flv {

/// What the reader needs of a codec whose frames are NAL units behind lengths.
struct NalUnitCodec {
  /// A sequence header's record as a track has it: with 4-byte lengths.
  struct Config {
    Bytes record;
    unsigned length_size = 4;  ///< of the frames that follow
  };
  Result<Config> (*read_config)(BytesView record);
  bool (*has_picture)(BytesView payload);
  bool (*intra_only)(BytesView payload);
  bool (*disposable)(BytesView payload);
};

/// What FLV knows of a codec: a row in the table of codecs.cpp.
struct CodecRow {
  std::string_view name;  ///< as in media's table
  Message::Type type;     ///< audio or video
  std::uint8_t id;        ///< SoundFormat or CodecID of annex E
  bool packet_type;  ///< a byte that tells sequence headers from frames follows and, for video, the composition time
  const NalUnitCodec* nal_units;  ///< null where frames are taken as they are
  /// The config that a frame brings with it, where it differs from `config`; null for codecs whose frames bring none.
  std::optional<Bytes> (*updated_config)(BytesView config, BytesView payload);

  [[nodiscard]] const media::Codec& codec() const { return *media::find_codec(name); }
};

/// The row of a codec; null where FLV has no id for it.
const CodecRow* find_row(const media::Codec& codec);
/// The row of an id; fails with the code that names the codec.
Result<const CodecRow*> find_row(Message::Type type, unsigned id);

/// AVCPacketType and AACPacketType, annex E.4.3.1 and E.4.2.2.
inline constexpr std::uint8_t kSequenceHeader = 0, kFrames = 1;
/// FrameType, annex E.4.3.1.
inline constexpr unsigned kKeyFrame = 1, kInterFrame = 2, kDisposableFrame = 3, kGeneratedKeyFrame = 4,
                          kCommandFrame = 5;

}  // namespace sluice::flv
