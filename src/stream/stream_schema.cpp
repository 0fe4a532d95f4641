#include "stream/stream_schema.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <optional>

#include "config/syntax.hpp"
#include "stream/name.hpp"
#include "stream/pids_row.hpp"

namespace sluice::stream {
namespace {

using config::Argument;
using config::Kind;
using config::list;
using config::Rewrite;
using config::row;
using config::Schema;
using config::Statement;
using config::Support;
using namespace std::chrono_literals;

Kind<Prepush> prepush() {
  constexpr std::int64_t kMost = 60;
  return {.syntax = "off|on|SECONDS",
          .expected = fmt::format("off, on, or a number of seconds from 0 to {}", kMost),
          .parse = [](std::string_view word) -> std::optional<Prepush> {
            if (word == "on" || word == "true") return Prepush{};
            if (word == "off" || word == "false" || word == "0") return Prepush{.mode = Prepush::Mode::off};
            const auto length = config::parse_integer<std::int64_t>(word);
            if (!length || *length < 0 || *length > kMost) return std::nullopt;
            return Prepush{.mode = Prepush::Mode::seconds, .length = std::chrono::seconds(*length)};
          },
          .print = [](const Prepush& value) -> std::string {
            if (value.mode == Prepush::Mode::seconds) return std::to_string(value.length.count());
            return value.mode == Prepush::Mode::off ? "off" : "on";
          },
          .bare = Prepush{},
          .has_false = true,
          .json = {.integer = {{0, kMost}}, .booleans = {false, true}, .unit = "seconds"}};
}

Kind<MergeWindow> merge_window() {
  constexpr std::int64_t kMost = 1000;
  return {.syntax = "0|video|MILLISECONDS",
          .expected = fmt::format("video, or a number of milliseconds from 0 to {}", kMost),
          .parse = [](std::string_view word) -> std::optional<MergeWindow> {
            if (word == "video") return MergeWindow{};
            const auto length = config::parse_integer<std::int64_t>(word);
            if (!length || *length < 0 || *length > kMost) return std::nullopt;
            if (*length == 0) return MergeWindow{.mode = MergeWindow::Mode::none, .length = 0ms};
            return MergeWindow{.mode = MergeWindow::Mode::time, .length = std::chrono::milliseconds(*length)};
          },
          .print = [](const MergeWindow& value) -> std::string {
            return value.mode == MergeWindow::Mode::video ? "video" : std::to_string(value.length.count());
          },
          .json = {.string = true, .words = {"video"}, .integer = {{0, kMost}}, .unit = "milliseconds"}};
}

/// `urls a b;`: an input each.
std::vector<Statement> inputs_of_urls(const Statement& old) {
  std::vector<Statement> out;
  out.reserve(old.args.size());
  for (const Argument& url : old.args) out.push_back(config::make_statement("input", {url}, old));
  return out;
}

std::vector<Statement> publish_input(const Statement& old) {
  return {config::make_statement("input", {config::make_argument("publish://", old)}, old)};
}

Kind<std::string> prefix() {
  auto kind = stream_name();
  kind.syntax = "PREFIX";
  kind.expected = R"(the first parts of a stream name, without the '/' behind it, or "" for every name)";
  kind.parse = [](std::string_view word) -> std::optional<std::string> {
    if (!word.empty() && !valid_stream_name(word)) return std::nullopt;
    return std::string(word);
  };
  return kind;
}

void add_supported(Schema<StreamConfig>& schema) {
  using S = StreamConfig;
  schema.add(row("static", config::flag(), &S::is_static, "Starts with the server; without it on the first request."))
      .add(row("disabled", config::flag(), &S::disabled, "The stream is kept, but not run."))
      .add(row("title", config::text(), &S::title, "The name that viewers see, also the service name in MPEG-TS."))
      .add(row("comment", config::text(), &S::comment, "A note for people."))
      .add(row("password", config::text(), &S::password,
               "What a publisher must give as `password` in the query of its URL."))
      .add(row("segment_duration", config::decimal_seconds(1s, 15s), &S::segment_duration,
               "Length of a segment of HLS; a segment always holds whole GOPs."))
      .add(row("segment_count", config::integer<std::uint32_t>(2, 200), &S::segment_count,
               "How many segments a live playlist lists."))
      .add(row("chunk_duration", config::milliseconds(50ms, 2s), &S::chunk_duration, "Length of a part of LL-HLS."))
      .add(row(
          "prepush", prepush(), &S::prepush,
          "How far back a new viewer of RTMP, HTTP-FLV or HTTP-TS starts: the last keyframe (`on`), at least so many "
          "seconds, or not at all."))
      .add(row("merge_window", merge_window(), &S::merge_window,
               "How long the frames for viewers of RTMP, HTTP-FLV and HTTP-TS are gathered before they are sent: `0` "
               "every frame "
               "at once, `video` audio rides on the next video frame for 50 ms at most."))
      .add(row("url_prefix", config::uri(), &S::url_prefix,
               "Put before the addresses of segments in playlists, for a CDN."))
      .add(row("add_audio_only", config::flag(), &S::add_audio_only,
               "Adds a variant without video to the HLS master playlist."))
      .add(row("provider", config::text(), &S::provider, "Who provides the stream: the service's provider in MPEG-TS."))
      .add(mpegts_pids_row())
      .add(row("source_timeout", config::seconds_or_never(0s, kLongestTimeout), &S::source_timeout,
               "Without a frame for so long a source counts as lost. Default: 60, and 0 for `publish://`."))
      .add(row("clients_timeout", config::seconds_or_never(0s, kLongestTimeout), &S::clients_timeout,
               "A stream on demand stops so long after its last viewer left."));
}

void add_not_yet(Schema<StreamConfig>& schema) {
  schema.add_bare(Support::not_yet,
                  {{"push", "Sends the stream to another server.", {}, "pushes"},
                   {"retry_limit", "A stream on demand gives up after so many failed attempts to connect."},
                   {"video_timeout", "Without a video frame for so long a source counts as lost."},
                   {"audio_timeout", "Without an audio frame for so long a source counts as lost."},
                   {"max_retry_timeout", "The longest pause between two attempts to connect."},
                   {"recheck_secondary_inputs_interval", "How often the inputs that are not in use are tried."},
                   {"frames_timeout", "Without a frame for so long an event is raised."},
                   {"backup", "A file that is shown while no input has frames."},
                   {"dvr", "Records the stream."},
                   {"dvr_offline", "An archive whose recording is started by the API."},
                   {"cache", "A cache for segments on disk.", {"segment_cache"}},
                   {"thumbnails", "A JPEG for each segment."},
                   {"dash_update_period", "How often a player of DASH asks for the manifest."},
                   {"hls_scte35", "How SCTE-35 markers are written in HLS."},
                   {"protocols", "The protocols that may play the stream."},
                   {"playback_headers", "Headers for answers to viewers."},
                   {"track_filter", "Rules that hide tracks from devices."},
                   {"mpegts_ac3", "How AC-3 is signalled in MPEG-TS."},
                   {"meta", "Free values of the stream, among them the program number of MPEG-TS."},
                   {"input_media_info", "Picks and renames the tracks of the input."},
                   {"epg_enabled", "Reads the programme guide of the input."},
                   {"dvbocr", "Makes WebVTT from DVB subtitles."},
                   {"substyle", "Where subtitles stand in the picture."},
                   {"silencedetect", "Raises an event on silence."},
                   {"motion_detector", "Raises events on motion."},
                   {"vision", "Analyses the picture."},
                   {"logo", "A picture over the player."},
                   {"transcoder", "Makes further tracks by transcoding."},
                   {"aac_ab", "The bit rate of audio that is transcoded at ingest."},
                   {"drm", "Encrypts the stream for players."},
                   {"on_play", "Who decides whether a viewer may play.", {"auth"}},
                   {"on_publish", "Who decides whether a publisher may publish."},
                   {"domains", "The sites that may embed the stream."},
                   {"allowed_countries", "The countries that may play."},
                   {"disallowed_countries", "The countries that may not play."},
                   {"max_sessions", "The most viewers at a time."},
                   {"max_bitrate", "A publisher above this many kbit/s is disconnected."},
                   {"rtp", "The transport of RTSP inputs."},
                   {"group", "The group of the stream for other servers.", {"groups"}, "groups"},
                   {"labels", "Keys and values of the stream."},
                   {"srt", "A port of SRT for the stream."},
                   {"srt_publish", "A port of SRT to publish the stream to."},
                   {"srt_play", "A port of SRT to play the stream from."},
                   {"webrtc_abr", "How the bit rate is adapted in WebRTC."},
                   {"cluster_ingest", "Only one server of the cluster takes the stream in."},
                   {"debug_stream", "Keeps raw dumps.", {"record_input"}},
                   {"jpeg_snapshot_sign_key", "The key that signs requests for pictures."},
                   {"pulse_off", "Keeps the stream out of the statistics."}});
}

/// Options of WebRTC publishing that stood in the stream itself, and the switches before `protocols`.
void add_old_places(Schema<StreamConfig>& schema) {
  for (const char* name : {"abr_mode", "abr_loss_lower", "abr_loss_upper", "abr_stepup", "abr_stepdown",
                           "abr_max_bitrate", "min_bitrate", "abr_correction", "abr_cycles", "abr_debug"}) {
    schema.add_bare(Support::not_yet, {{name, "How the bit rate of a WebRTC publisher is adapted (old place)."}});
  }
  for (const char* name : {"hls", "dash", "mss", "rtmp", "rtsp", "m4f", "m4s", "mpegts"}) {
    schema.add_bare(Support::not_yet, {{name, "Switches a protocol off (old form of `protocols`)."}});
  }
}

}  // namespace

Kind<std::string> stream_name() {
  auto kind = config::text("NAME", kMaxStreamName);
  kind.expected = "a name of Latin letters, digits, '.', '-' and '_', in parts with '/' between them";
  kind.parse = [](std::string_view word) -> std::optional<std::string> {
    if (!valid_stream_name(word)) return std::nullopt;
    return std::string(word);
  };
  return kind;
}

Schema<StreamConfig> stream_schema(std::span<const InputScheme> schemes) {
  Schema<StreamConfig> schema("stream", "directive", "One stream.");
  schema
      .add(row("template", stream_name(), &StreamConfig::template_name,
               "Takes the options of that template; own options go before."))
      .add(input_row(schemes));
  add_supported(schema);
  add_not_yet(schema);
  add_old_places(schema);
  schema.add(Rewrite{.form = {"urls", "input URL; for each URL"}, .apply = inputs_of_urls})
      .add(Rewrite{.form = {"publish_enabled", "input publish://;"}, .apply = publish_input});
  return schema;
}

Schema<TemplateConfig> template_schema(const Schema<StreamConfig>& stream) {
  Schema<TemplateConfig> schema("template", "directive",
                                "Options for streams that are made on request or that name the template.");
  schema
      .add(
          list("prefix", prefix(), &TemplateConfig::prefixes,
               "A request for PREFIX/REST makes a stream; `%s` in its inputs stands for REST. The longest prefix wins.")
              .json_path("prefixes"))
      .include(stream, &TemplateConfig::options, {"template"});
  return schema;
}

std::string to_text(const Schema<StreamConfig>& schema, const StreamConfig& stream, const StreamConfig& base) {
  config::Printer out;
  out.open("stream", std::vector{config::as_word(stream.name)});
  schema.write(out, stream, base);
  out.close();
  return out.take();
}

}  // namespace sluice::stream
