#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "format/flv/file_reader.hpp"
#include "format/flv/frame_reader.hpp"
#include "format/mp4/init.hpp"
#include "format/mpegts/demuxer.hpp"
#include "load/viewer.hpp"

/// Takes what a viewer gets apart into frames, and tells the viewer of them.
namespace sluice::load {

/// A file for what a viewer gets, so that another program can judge it. Without a path it does nothing.
class Recording {
 public:
  explicit Recording(const std::string& path);
  [[nodiscard]] bool active() const { return file_.is_open(); }
  void write(BytesView bytes);

 private:
  std::ofstream file_;
};

/// The messages of RTMP and of FLV.
class MessageProbe {
 public:
  explicit MessageProbe(Viewer& viewer) : viewer_(&viewer) {}
  /// Errors: those of flv::FrameReader.
  Result<void> take(const flv::Message& message);

 private:
  Viewer* viewer_;  // borrowed (outlives this)
  flv::FrameReader reader_;
  media::Tracks tracks_;
};

/// The bytes of a flow, in pieces as they come.
class FlowProbe {
 public:
  virtual ~FlowProbe() = default;
  /// Errors are permanent.
  virtual Result<void> take(BytesView bytes) = 0;
  /// The connection was closed: what is open is complete.
  virtual void finish() = 0;

  /// REQUIRES: http_flv or http_ts.
  static std::unique_ptr<FlowProbe> make(Kind kind, Viewer& viewer);
};

/// Segments and parts of HLS, whole ones: MPEG-TS or fragmented MP4.
class SegmentProbe {
 public:
  explicit SegmentProbe(Viewer& viewer) : viewer_(&viewer) {}

  /// An init segment, for the segments after it. Errors: those of the mp4 room.
  Result<void> init(BytesView bytes);
  Result<void> segment(BytesView bytes);

 private:
  Result<void> fragments(BytesView bytes);

  Viewer* viewer_;  // borrowed (outlives this)
  mp4::Init init_;
};

}  // namespace sluice::load
