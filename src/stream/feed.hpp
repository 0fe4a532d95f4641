#pragma once

#include <memory>
#include <string>

#include "core/shard.hpp"
#include "media/frame.hpp"
#include "media/track.hpp"

namespace sluice::stream {

/// Where a source puts what it reads: one source's end of a stream, on the source's shard. Frames cross to the
/// stream's home shard in batches. Destroying it tells the stream that the source is gone.
class Feed {
 public:
  virtual ~Feed() = default;

  /// The tracks of the frames that follow. Call it again when tracks or parameters change.
  virtual void set_tracks(media::Tracks tracks) = 0;
  /// A frame with the source's stamps, unwrapped. REQUIRES: set_tracks() was called.
  virtual void push(media::Frame frame) = 0;
  /// The end of what was read at once: hands the batch over.
  virtual void flush() = 0;

  /// Until when the source may let what comes to it gather, because nobody would have it sooner; in the past: it is
  /// read at once.
  [[nodiscard]] virtual SteadyTime next_read() const = 0;

  /// True once the stream wants no more of this source: another took over, or the stream is gone.
  [[nodiscard]] virtual bool closed() const = 0;
  /// Notified when closed() becomes true.
  virtual Event& on_closed() = 0;
};

/// Somebody who wants to push a source into a stream.
struct PublishRequest {
  std::string name;      ///< of the stream; checked by Registry::publish
  std::string password;  ///< as given, or empty
  std::string proto;     ///< "rtmp"
  std::string ip;
};

}  // namespace sluice::stream
