#pragma once

#include <memory>
#include <string>

#include "stream/window.hpp"

namespace sluice::stream {

class Flow;
struct FlowForm;

/// A stream or a file as a protocol sees it, on one shard.
class Media {
 public:
  virtual ~Media() = default;

  [[nodiscard]] virtual const std::string& name() const = 0;

  /// The live edge of a stream, or the whole of a file.
  virtual std::shared_ptr<Window> window() = 0;

  /// What the config says of it, as far as playing needs it.
  [[nodiscard]] virtual const struct StreamConfig& config() const = 0;
};

}  // namespace sluice::stream
