#pragma once

#include <memory>
#include <string>

#include "stream/media.hpp"

namespace sluice::stream {

/// A media that is all window and not live: a file, a range of an archive. Each viewer of a flow has it from the
/// beginning, at its own pace. Belongs to the shard of its window.
class WindowMedia final : public Media {
 public:
  WindowMedia(std::shared_ptr<const StreamConfig> config, std::shared_ptr<Window> window);

  [[nodiscard]] const std::string& name() const override { return config_->name; }
  [[nodiscard]] const StreamConfig& config() const override { return *config_; }
  std::shared_ptr<Window> window() override { return window_; }
  Task<Result<WaitedFrom>> ready(const FlowForm& form, View view, SteadyTime deadline) override;
  Task<Result<std::unique_ptr<Follower>>> follow(const FlowForm& form, View view, net::TcpSocket& socket,
                                                 std::uint64_t& sent, WaitedFrom from, SteadyTime deadline) override;

 private:
  // owned
  const std::shared_ptr<const StreamConfig> config_;
  const std::shared_ptr<Window> window_;
};

}  // namespace sluice::stream
