#pragma once

#include <optional>
#include <string>

#include "core/result.hpp"
#include "core/task.hpp"
#include "load/http_answer.hpp"
#include "load/viewer.hpp"
#include "load/wire.hpp"

namespace sluice::load {

/// Asks the viewer's target for one thing after the other, on one connection for as long as the server keeps it.
class HttpClient {
 public:
  /// The largest body that is kept in memory.
  static constexpr std::size_t kMostBodyBytes = std::size_t{256} << 20;

  explicit HttpClient(Viewer& viewer) : viewer_(&viewer) {}

  struct Answer {
    unsigned status = 0;
    Bytes body;  ///< empty where it was only counted
    SteadyTime requested{};
    SteadyTime answered{};  ///< when the last byte was here
  };
  enum class Keep : std::uint8_t { all, nothing };

  /// GETs `path` and reads the whole answer, in `limit` at most. Statuses other than 200 are answers, too, and counted.
  /// Errors: unreachable, bad_answer, answer_too_large, and the socket's.
  Task<Result<Answer>> get(std::string path, Keep keep, std::chrono::nanoseconds limit);

  /// GETs `path` and reads the head of the answer. Errors as get().
  Task<Result<AnswerHead>> open(std::string path, SteadyTime deadline);
  /// The next bytes of the body, valid until the next call; empty at its end.
  Task<Result<BytesView>> read(SteadyTime deadline = SteadyTime::max());
  /// Throws the next bytes of the body away; returns how many, 0 at its end.
  Task<Result<std::uint64_t>> discard(SteadyTime deadline = SteadyTime::max());

 private:
  Task<Result<AnswerHead>> ask(const std::string& request, SteadyTime deadline);
  Task<Result<void>> fill(SteadyTime deadline);
  /// Leaves the connection ready for the next request, or closes it.
  void end_of_answer();

  // borrowed (outlives this)
  Viewer* viewer_;
  // owned
  std::optional<Wire> wire_;
  Bytes buffer_;
  // state
  std::size_t filled_ = 0;  ///< bytes of buffer_ that came
  std::size_t taken_ = 0;   ///< of these, that were handed on
  std::optional<AnswerBody> body_;
  bool keep_alive_ = false;
};

}  // namespace sluice::load
