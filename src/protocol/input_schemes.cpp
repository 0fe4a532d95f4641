#include "protocol/input_schemes.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stream/stream_schema.hpp"

namespace sluice::protocol {
namespace {

using config::Schema;
using config::Support;
using stream::InputOptions;
using stream::InputScheme;
using stream::option;

InputScheme publish() {
  Schema<InputOptions> options("input publish://", "option", {});
  options.add_bare(Support::not_yet,
                   {{"transport", "The transport that WebRTC publishers should use."},
                    {"prefer_video_codec", "The codec that WebRTC publishers should use.", {"prefer_codec"}},
                    {"webrtc_abr", "Adapts the bit rate of WebRTC publishers."},
                    {"abr_mode", "What the adaptation of the bit rate looks at."},
                    {"abr_loss_lower", "Below this loss in percent the bit rate steps up."},
                    {"abr_loss_upper", "Above this loss in percent the bit rate steps down."},
                    {"abr_stepup", "A step up in percent."},
                    {"abr_stepdown", "A step down in percent."},
                    {"abr_max_bitrate", "The most kbit/s that are asked for."},
                    {"min_bitrate", "The least kbit/s that are asked for."},
                    {"abr_correction", "Allowance between the target and the publisher's bit rate."},
                    {"abr_cycles", "How often the bit rate is adapted."},
                    {"abr_debug", "Logs the adaptation."}});
  return {.name = "publish",
          .doc = "Waits for somebody who publishes to the stream.",
          .support = Support::supported,
          .form = "publish://",
          .accepts = [](std::string_view address) { return address.empty(); },
          .options = std::move(options)};
}

/// A side of the picture: 4:2:0 wants an even number of pixels.
config::Kind<std::uint32_t> even(std::uint32_t least, std::uint32_t most) {
  auto kind = config::integer(least, most);
  kind.expected = fmt::format("an even number from {} to {}", least, most);
  kind.parse = [parse = kind.parse](std::string_view text) {
    const auto value = parse(text);
    return value && *value % 2 == 0 ? value : std::nullopt;
  };
  return kind;
}

/// Frames a second as `25`, `29.97` or `30000/1001`; kept as written.
config::Kind<std::string> frame_rate() {
  constexpr std::int64_t kLeastTenths = 1;
  constexpr std::int64_t kMost = 240;
  return {.syntax = "RATE",
          .expected = fmt::format("frames a second from 0.{} to {}, like 25, 29.97 or 30000/1001", kLeastTenths, kMost),
          .parse = [](std::string_view text) -> std::optional<std::string> {
            const auto slash = text.find('/');
            const auto numerator = config::parse_thousandths(text.substr(0, slash));
            const bool fraction = slash != std::string_view::npos;
            const auto denominator = fraction ? config::parse_integer<std::int32_t>(text.substr(slash + 1)) : 1;
            if (!numerator || !denominator || *denominator <= 0 || (fraction && *numerator % 1000 != 0))
              return std::nullopt;
            const std::int64_t unit = std::int64_t{1000} * *denominator;
            if (*numerator > kMost * unit || *numerator * 10 < kLeastTenths * unit) return std::nullopt;
            return std::string(text);
          },
          .print = [](const std::string& value) { return value; },
          .json = {.string = true, .integer = {{1, kMost}}, .unit = "frames a second"}};
}

InputScheme fake() {
  Schema<InputOptions> options("input fake://fake", "option", {});
  options.add(option("width", even(128, 7680), "320", "Width of the picture in pixels."))
      .add(option("height", even(96, 4320), "240", "Height of the picture in pixels."))
      .add(option("bitrate", config::kbitrate(10, 200'000), "500", "Bit rate of the video in kbit/s."))
      .add(option("fps", frame_rate(), "25", "Frames a second: `25`, `29.97`, `30000/1001`."));
  return {.name = "fake",
          .doc = "A moving test picture with a clock, and a tone. Its options may also stand in the query of the URL.",
          .support = Support::supported,
          .form = "fake://fake",
          .accepts = [](std::string_view address) { return address.empty() || address == "fake"; },
          .query_options = true,
          .options = std::move(options)};
}

/// Schemes of the specification that are not built.
constexpr struct {
  const char* name;
  const char* doc;
} kNotYet[] = {
    {"udp", "MPEG-TS over UDP or RTP, multicast or unicast."},
    {"udp1", "As udp://."},
    {"udp2", "As udp://."},
    {"udp3", "As udp://."},
    {"mpts-udp", "One program of several in MPEG-TS over UDP."},
    {"mpts-http", "One program of several in MPEG-TS over HTTP."},
    {"mpts-https", "One program of several in MPEG-TS over HTTPS."},
    {"mpts-dvb", "One program of a DVB card."},
    {"dvb", "A DVB card."},
    {"rtp", "RTP without RTSP."},
    {"http", "HLS (.m3u8) or MPEG-TS (.ts, /mpegts) over HTTP."},
    {"https", "HLS (.m3u8) or MPEG-TS (.ts, /mpegts) over HTTPS."},
    {"tshttp", "MPEG-TS over HTTP."},
    {"tshttps", "MPEG-TS over HTTPS."},
    {"tstcp", "MPEG-TS over TCP."},
    {"tsssl", "MPEG-TS over TLS."},
    {"hls", "HLS, one variant."},
    {"hlss", "HLS over HTTPS, one variant."},
    {"hls2", "HLS, all variants."},
    {"hlss2", "HLS over HTTPS, all variants."},
    {"rtsp", "RTSP, by default over TCP."},
    {"rtsps", "RTSP over TLS."},
    {"rtsp-udp", "RTSP with RTP over UDP."},
    {"rtsp2", "RTSP, audio transcoded to AAC."},
    {"rtmp", "RTMP from another server."},
    {"rtmps", "RTMP over TLS from another server."},
    {"rtmpe", "Encrypted RTMP from another server."},
    {"m4f", "Another server of this kind, by segments."},
    {"m4fs", "Another server of this kind, by segments over TLS."},
    {"m4s", "Another server of this kind, by frames."},
    {"m4ss", "Another server of this kind, by frames over TLS."},
    {"srt", "SRT, as the caller."},
    {"srt1", "As srt://."},
    {"srt2", "As srt://."},
    {"file", "A file of a VOD location, as if it were live."},
    {"playlist", "Files and streams one after the other."},
    {"timeshift", "The archive of a stream, with a delay."},
    {"copy", "Another stream of this server."},
    {"mixer", "The video of one stream and the audio of another."},
    {"mosaic", "Several streams in one picture."},
    {"mosaic2", "A room of several publishers in one picture."},
    {"shoutcast", "Audio from a SHOUTcast or Icecast server."},
    {"shoutcasts", "Audio from a SHOUTcast or Icecast server over TLS."},
    {"shout", "Old spelling of shoutcast://."},
    {"h323", "A video conference terminal."},
    {"ndi", "NDI."},
    {"decklink", "A DeckLink card."},
    {"dektec", "A Dektec card."},
    {"dektec-asi", "A Dektec ASI card."},
    {"aja", "An AJA card."},
    {"v4l", "A Video4Linux device."},
    {"v4l2", "A Video4Linux device."},
    {"st2110", "SMPTE ST 2110."},
    {"frip", "Shared memory of another process."},
    {"mxl", "Shared memory of another process."},
};

}  // namespace

std::span<const InputScheme> input_schemes() {
  static const auto schemes = [] {
    std::vector<InputScheme> out;
    out.push_back(publish());
    out.push_back(fake());
    for (const auto& [name, doc] : kNotYet)
      out.push_back({.name = name, .doc = doc, .form = std::string(name) + "://"});
    return out;
  }();
  return schemes;
}

const Schema<stream::StreamConfig>& stream_schema() {
  static const auto schema = stream::stream_schema(input_schemes());
  return schema;
}

const Schema<stream::TemplateConfig>& template_schema() {
  static const auto schema = stream::template_schema(stream_schema());
  return schema;
}

}  // namespace sluice::protocol
