#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "media/frame.hpp"
#include "media/track.hpp"
#include "stream/stream_config.hpp"

namespace sluice::stream {

/// Writes one form of a stream frame by frame, once for all viewers. Made by a protocol, driven by a Flow.
/// `Frame::track` counts in the tracks that it was made for.
class FlowMuxer {
 public:
  virtual ~FlowMuxer() = default;

  /// What a viewer gets before his first frame: headers, metadata, sequence headers. The same for every viewer of a
  /// run.
  virtual Bytes init() = 0;

  /// Appends the frame's bytes, a whole unit: a viewer may begin, or go on after a skip, behind any of them.
  virtual void frame(Bytes& out, const media::Frame& frame) = 0;

  /// The tracks or their parameters change in mid-stream: appends what tells a running viewer so.
  virtual void change(Bytes& out, const media::Tracks& tracks) = 0;

  /// Appends what ends the stream for a running viewer, if the form has such a thing.
  virtual void end(Bytes& out) { (void)out; }
};

/// A protocol's endless form: one row, with static lifetime.
struct FlowForm {
  std::string_view name;  ///< "ts", "flv", "rtmp"
  bool (*carries)(const media::Codec&);
  std::unique_ptr<FlowMuxer> (*make)(const media::Tracks&, const StreamConfig&);
};

}  // namespace sluice::stream
