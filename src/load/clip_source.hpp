#pragma once

#include <cstdint>
#include <string>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace sluice::load {

/// A test picture and a tone, as sluice-fake makes them.
struct GeneratedClip {
  unsigned width = 1280;
  unsigned height = 720;
  double fps = 25;
  std::uint64_t bitrate = 2'000'000;  ///< bit/s of the video
  double gop = 2;                     ///< seconds from keyframe to keyframe
};

/// Runs the sluice-fake that lies beside this program and returns the FLV it makes, whole GOPs of about 10 s. Blocks.
/// Errors: the system's, io_error where the program fails.
Result<Bytes> generate_clip(const GeneratedClip& options);

/// The content of a file of at most 512 MB. Errors: the system's.
Result<Bytes> read_clip(const std::string& path);

}  // namespace sluice::load
