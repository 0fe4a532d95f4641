#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/task.hpp"
#include "media/frame.hpp"
#include "stream/flow_form.hpp"
#include "stream/view.hpp"
#include "stream/window.hpp"

namespace sluice::stream {

/// Reads the frames of a window back out of its segments, from the first that is listed to the last, in the order of
/// their stamps: those of a view that a form carries. Belongs to its shard; one reading at a time.
class WindowReader {
 public:
  /// `form` outlives this.
  WindowReader(std::shared_ptr<Window> window, const FlowForm& form, View view);

  /// Frames of one run.
  struct Some {
    std::shared_ptr<const Run> run;
    std::vector<media::Frame> frames;
    Ticks pause{};  ///< before them, in which the media has nothing
  };
  /// The next, about a segment of them; nothing at the end of the window. Waits for what a window has yet to show.
  /// Errors: the window's, of reading, and those of read_frames().
  Task<Result<std::optional<Some>>> next();

 private:
  Task<std::shared_ptr<const Segment>> next_segment();
  void hold_back(std::vector<media::Frame>& frames, Ticks end);

  // borrowed (outlives this)
  const FlowForm& form_;
  // owned
  const std::shared_ptr<Window> window_;
  const View view_;
  // state
  std::optional<std::uint64_t> next_number_;
  std::shared_ptr<const Segment> segment_;  // to be read next, where it is known
  std::shared_ptr<const Run> run_;
  std::optional<Ticks> end_;        // of the newest segment that was read
  std::vector<media::Frame> rest_;  // of it, to be handed out among those of the next
};

}  // namespace sluice::stream
