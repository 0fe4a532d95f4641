#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"

namespace sluice::stream {

/// The value of a timeout that never strikes (`source_timeout false;`).
inline constexpr std::chrono::seconds kNever = std::chrono::seconds::max();

/// Options of one scheme by name, values in their canonical spelling ("640", "1200000"); checked when the config was
/// read.
using InputOptions = std::map<std::string, std::string>;

/// One `input` of a stream.
struct InputConfig {
  std::string scheme;                                  ///< "publish", "fake": what stands before "://"
  std::string url;                                     ///< as written
  std::uint32_t priority = 1;                          ///< 1 is best; its place in the list where none is written
  std::optional<std::chrono::seconds> source_timeout;  ///< kNever, or unset: see source_timeout()
  InputOptions options;  ///< of the scheme, from `key=value`, from the URL's query, and the defaults
  std::string comment;
  config::Origin origin;

  bool operator==(const InputConfig&) const = default;
};

/// How much a new viewer of a flow (RTMP, HTTP-FLV, HTTP-TS) gets before the live edge.
struct Prepush {
  enum class Mode : std::uint8_t {
    off,     ///< starts at the next random access frame
    gop,     ///< starts at the last random access frame
    seconds  ///< starts at a random access frame at least `length` back
  };
  Mode mode = Mode::gop;
  std::chrono::seconds length{0};  ///< of Mode::seconds

  bool operator==(const Prepush&) const = default;
};

/// How long the frames of a flow are gathered before they are sent.
struct MergeWindow {
  enum class Mode : std::uint8_t {
    none,   ///< every frame at once
    video,  ///< audio rides on the next video frame, for `length` at most
    time    ///< everything of `length`
  };
  Mode mode = Mode::video;
  std::chrono::milliseconds length{50};  ///< 0 of Mode::none

  bool operator==(const MergeWindow&) const = default;
};

/// PIDs of MPEG-TS by name: "pmt", "sdt", "pcr", a track ("v1"), or a base for all tracks of a kind ("a0").
using Pids = std::map<std::string, std::uint16_t, std::less<>>;

/// What is configured for one stream: the server's defaults, then its template, then its own block, already merged.
struct StreamConfig {
  std::string name;
  std::vector<InputConfig> inputs;  ///< in the order of the file

  bool is_static = true;  ///< starts with the server; else on the first request
  bool disabled = false;  ///< kept, but not run
  std::string title;
  std::string comment;
  std::string template_name;  ///< the template it took its options from, or empty
  std::string password;       ///< that a publisher must give; empty: none

  std::chrono::milliseconds segment_duration{5000};
  std::uint32_t segment_count = 4;
  std::chrono::milliseconds chunk_duration{200};
  Prepush prepush;
  MergeWindow merge_window;
  std::string url_prefix;  ///< put before segment URIs in playlists; empty: none
  bool add_audio_only = false;
  std::string provider;  ///< service_provider_name in MPEG-TS
  Pids mpegts_pids;      ///< what is missing is chosen

  std::optional<std::chrono::seconds> source_timeout;  ///< kNever, or unset: see source_timeout()
  std::chrono::seconds clients_timeout{60};            ///< on demand: stops this long after the last viewer; kNever

  config::Origin origin;

  bool operator==(const StreamConfig&) const = default;
};

/// Options for streams that are made when somebody asks for them, or that name the template in their block.
struct TemplateConfig {
  StreamConfig options;               ///< its `name` is the template's
  std::vector<std::string> prefixes;  ///< "a" matches "a/rest", "" matches every name

  bool operator==(const TemplateConfig&) const = default;
};

/// Without a frame for so long the source counts as lost: the input's own value, the stream's, or the default (60 s; 0
/// for `publish://`, where the next input takes over at once). kNever: never.
std::chrono::seconds source_timeout(const StreamConfig& stream, const InputConfig& input);

/// The stream that a request for `name` makes from the template with the longest matching prefix, with `%s` in its
/// input URLs replaced by the rest of the name; nothing where no prefix matches. REQUIRES: valid_stream_name(name).
std::optional<StreamConfig> make_from_template(std::span<const TemplateConfig> templates, std::string_view name);

}  // namespace sluice::stream
