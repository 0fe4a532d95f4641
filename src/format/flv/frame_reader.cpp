#include "format/flv/frame_reader.hpp"

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "format/amf/amf.hpp"
#include "format/flv/codecs.hpp"
#include "format/flv/data_header.hpp"
#include "format/flv/errc.hpp"
#include "media/h264.hpp"

namespace sluice::flv {

namespace {

constexpr double kMaxKbits = 4'000'000;

std::uint32_t bits_per_second(const amf::Value* kbits) {
  const double value = kbits ? kbits->number().value_or(0) : 0;
  return value > 0 && value < kMaxKbits ? static_cast<std::uint32_t>(value * 1000) : 0;
}

/// Whether onMetaData announces a track: what it says with `has`, or true where it describes the track; nothing where
/// it does not speak of it.
std::optional<bool> announcement(const amf::Value& metadata, std::string_view has,
                                 std::initializer_list<std::string_view> descriptions) {
  if (const auto* value = metadata.find(has); value && value->boolean()) return *value->boolean();
  const bool described = std::ranges::any_of(descriptions, [&](std::string_view name) {
    const auto* value = metadata.find(name);
    return value && !value->nothing();
  });
  return described ? std::optional(true) : std::nullopt;
}

}  // namespace

Result<FrameReader::Output> FrameReader::read(const Message& message, SteadyTime arrival) {
  if (message.type == Message::Type::script) return read_script(message.body.view());
  const auto header = read_data_header(message.type, message.body.view());
  if (!header) return std::unexpected(header.error());
  if (!*header) return Output{};
  return (*header)->sequence_header ? read_sequence_header(message, **header) : read_frame(message, **header, arrival);
}

bool FrameReader::complete() const {
  const auto settled = [](const Lane& lane) { return lane.track.has_value() || !lane.announced.value_or(true); };
  return settled(video_) && settled(audio_) && (video_.track || audio_.track);
}

Result<FrameReader::Output> FrameReader::read_sequence_header(const Message& message, const DataHeader& header) {
  const BytesView sent = message.body.view().subspan(header.size);
  if (sent.empty()) return Output{};  // sent by encoders that do not know their parameters yet

  Lane& target = lane(message.type);
  Bytes config(sent.begin(), sent.end());
  if (header.row->nal_units) {
    auto read = header.row->nal_units->read_config(sent);
    if (!read) return std::unexpected(read.error());
    config = std::move(read->record);
    target.length_size = read->length_size;
  }
  const bool same = target.track && target.track->codec == &header.row->codec() &&
                    std::ranges::equal(target.track->config.view(), config);
  if (same) return Output{};  // encoders and relays repeat it
  if (auto done = configure(target, *header.row, std::move(config)); !done) return std::unexpected(done.error());
  return Output{.tracks = tracks(), .frame = std::nullopt};
}

Result<FrameReader::Output> FrameReader::read_frame(const Message& message, const DataHeader& header,
                                                    SteadyTime arrival) {
  const CodecRow& row = *header.row;
  Lane& from = lane(message.type);
  const Ticks dts = std::chrono::milliseconds(clock_.unwrap(message.timestamp));

  media::Frame frame;
  frame.payload = message.body.sub(header.size, message.body.size() - header.size);
  if (row.nal_units) {
    auto units = nal_units(from, frame.payload);
    frame.corrupt = units && from.length_size == 4 && units->size() != frame.payload.size();
    if (!units) return Output{};
    frame.payload = std::move(*units);
  }
  if (frame.payload.empty()) return Output{};

  Output out;
  const bool known = from.track && from.track->codec == &row.codec();
  if (row.updated_config) {
    auto config = row.updated_config(known ? from.track->config.view() : BytesView(), frame.payload.view());
    if (config) {
      if (auto done = configure(from, row, std::move(*config)); !done) return std::unexpected(done.error());
      out.tracks = tracks();
    }
  }
  if (!from.track || from.track->codec != &row.codec()) return out;
  const BytesView bits = frame.payload.view();
  if (row.nal_units && !row.nal_units->has_picture(bits)) return out;

  frame.track = &from == &audio_ && video_.track ? 1 : 0;
  frame.dts = dts;
  // Composition times before the decoding time come from broken encoders only; nothing can be shown before it is
  // decoded.
  frame.pts = dts + std::chrono::milliseconds(std::max(header.composition, 0));
  const auto is_random_access = row.codec().random_access;
  frame.random_access =
      !is_random_access || is_random_access(bits) || (header.key && row.nal_units && row.nal_units->intra_only(bits));
  frame.disposable = row.nal_units && row.nal_units->disposable(bits);
  frame.after_loss = std::exchange(from.lost, false);
  frame.arrival = arrival;
  out.frame = std::move(frame);
  return out;
}

/// The payload as Sluice keeps it, without what is behind the last whole NAL unit; nothing where there is none.
std::optional<Payload> FrameReader::nal_units(Lane& lane, Payload payload) {
  if (lane.length_size != 4) {
    auto widened = media::h264::with_four_byte_lengths(payload.view(), lane.length_size);
    if (widened && !widened->empty()) return Payload::own(std::move(*widened));
  } else if (const std::size_t sound = media::h264::sound_length(payload.view()); sound != 0) {
    return payload.sub(0, sound);
  }
  lane.lost = true;
  return std::nullopt;
}

Result<void> FrameReader::configure(Lane& lane, const CodecRow& row, Bytes config) {
  const media::Codec& codec = row.codec();
  auto details = codec.details(config);
  if (!details) return std::unexpected(details.error());
  lane.track = media::Track{.codec = &codec,
                            .config = Payload::own(std::move(config)),
                            .details = std::move(*details),
                            .bitrate = lane.bitrate};
  return {};
}

media::Tracks FrameReader::tracks() const {
  media::Tracks out;
  for (const Lane* lane : {&video_, &audio_}) {
    if (lane->track) out.push_back(*lane->track);
  }
  media::assign_ids(out);
  return out;
}

Result<FrameReader::Output> FrameReader::read_script(BytesView body) {
  ByteReader r(body);
  auto name = amf::read_amf0(r);
  // RTMP publishers send the request to keep the metadata before the metadata.
  if (name && name->string() == "@setDataFrame") name = amf::read_amf0(r);
  if (!name) return std::unexpected(name.error());
  if (!name->string()) return fail(Errc::no_script);
  if (name->string() != "onMetaData") return Output{};
  const auto metadata = amf::read_amf0(r);
  if (!metadata) return std::unexpected(metadata.error());

  video_.bitrate = bits_per_second(metadata->find("videodatarate"));
  audio_.bitrate = bits_per_second(metadata->find("audiodatarate"));
  video_.announced = announcement(*metadata, "hasVideo", {"videocodecid", "width", "framerate", "videodatarate"});
  audio_.announced =
      announcement(*metadata, "hasAudio", {"audiocodecid", "audiosamplerate", "stereo", "audiodatarate"});
  // Writers leave out the fields of a track that does not come; only if they name neither, both may.
  if (video_.announced && !audio_.announced) audio_.announced = false;
  if (audio_.announced && !video_.announced) video_.announced = false;
  return Output{};
}

}  // namespace sluice::flv
