#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "stream/flow_form.hpp"
#include "stream/stream_config.hpp"

namespace sluice::stream {

/// Muxes a media in one form through all its runs: which tracks of a view the form carries, what a viewer is told when
/// they change, and at which frames he may begin. What a Flow does once for all viewers of a stream, and a player of a
/// window for its one.
class RunMuxer {
 public:
  /// `form` outlives this.
  RunMuxer(const FlowForm& form, std::shared_ptr<const StreamConfig> config);

  /// For a muxer that is made from now on.
  void set_config(std::shared_ptr<const StreamConfig> config) { config_ = std::move(config); }

  /// The tracks of `selection`, indexes in `tracks`, that the form carries.
  static std::vector<std::uint32_t> carried(const FlowForm& form, const media::Tracks& tracks,
                                            std::vector<std::uint32_t> selection);

  /// A run begins. Appends what tells it to a running viewer: nothing for the first. False where the form carries
  /// nothing of it: then its frames are left out.
  bool begin_run(Bytes& out, const media::Tracks& tracks, std::vector<std::uint32_t> selection);

  /// What a viewer who begins in this run gets first. REQUIRES: has_tracks().
  [[nodiscard]] Bytes init() { return muxer_->init(); }

  struct Unit {
    bool start = false;  ///< a viewer may begin here
    bool leads = false;  ///< of the track that others wait for
  };
  /// Appends the frame as a whole unit. Nothing for a frame of another track.
  std::optional<Unit> frame(Bytes& out, const media::Frame& frame);

  /// Appends what ends the stream.
  void end(Bytes& out);

  /// True once a run had something that the form carries.
  [[nodiscard]] bool has_tracks() const { return muxer_ != nullptr; }

 private:
  // borrowed (outlives this)
  const FlowForm& form_;
  // owned
  std::shared_ptr<const StreamConfig> config_;
  std::unique_ptr<FlowMuxer> muxer_;
  // state
  std::vector<std::int32_t> place_;  // track of the run -> track of the muxer, or -1
  std::uint32_t leader_ = 0;         // whose random access frames are starts
  std::optional<Ticks> led_until_;   // dts of its newest frame, or of the run's first of any track
};

}  // namespace sluice::stream
