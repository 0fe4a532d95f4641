#pragma once

#include <cstdint>

#include "format/flv/stream_writer.hpp"
#include "load/clip.hpp"

namespace sluice::load {

/// Writes what a ClipLoop plays as FLV messages, with a stamp of the moment in every H.264 picture.
class StampedWriter {
 public:
  using Emit = flv::StreamWriter::Emit;

  /// `clip` outlives this. `run` names all that this writer writes.
  StampedWriter(const Clip& clip, std::uint32_t run) : clip_(&clip), run_(run) {}

  /// onMetaData and the sequence headers.
  void headers(const Emit& emit) const;
  void frame(const ClipLoop::Next& next, const Emit& emit);

 private:
  const Clip* clip_;
  std::uint32_t run_;
  std::uint64_t picture_ = 0;  ///< number of the newest
};

}  // namespace sluice::load
