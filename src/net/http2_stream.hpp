#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/task.hpp"
#include "net/http.hpp"
#include "net/http_parser.hpp"
#include "net/pace.hpp"
#include "net/socket.hpp"

namespace sluice::net {

class Http2Session;

/// One request of an HTTP/2 connection and its answer. The request is made into a head of HTTP/1, so that one parser
/// reads both. Owned by the session.
class Http2Stream {
 public:
  Http2Stream(Http2Session& session, std::int32_t id, SteadyTime now) : session_(session), id_(id), began_(now) {}
  Http2Stream(const Http2Stream&) = delete;
  Http2Stream& operator=(const Http2Stream&) = delete;

  [[nodiscard]] std::int32_t id() const { return id_; }
  [[nodiscard]] SteadyTime began() const { return began_; }

  // --- the request, as it comes

  /// False when there is more of it than any request may have.
  bool add_field(std::string_view name, std::string_view value);
  /// `keep` false: there is no room for it.
  void add_body(BytesView bytes, bool keep);
  [[nodiscard]] std::size_t body_bytes() const { return body_.size(); }
  /// All of it is there: answers it.
  void complete();
  [[nodiscard]] bool is_complete() const { return complete_; }

  // --- the answer, as it goes

  [[nodiscard]] HttpResponse& response() { return response_; }
  [[nodiscard]] bool has_body() const;
  /// How many bytes there are to send, at most `most`; 0: none now, or none any more. `last`: nothing follows them.
  std::size_t offer(std::size_t most, bool& last);
  /// Adds the next `size` bytes to `to`, where they lie, and takes them for sent. REQUIRES: offer() has just said so.
  void take(std::size_t size, std::vector<Range>& to);
  /// Whether something of the answer's body waits to be taken.
  [[nodiscard]] bool waits_to_be_taken() const { return pace_ && at_ < size_; }
  /// Says what the connection as a whole has taken meanwhile. Error: this answer is to be given up.
  Result<void> look(std::uint64_t taken, SteadyTime now);

  /// The peer or we have closed it, or the connection has ended.
  void close();

 private:
  class Flow;

  Task<void> answer();
  void refuse(unsigned status, std::string_view why);
  void submit();

  // borrowed (outlives this)
  Http2Session& session_;
  // state
  const std::int32_t id_;
  const SteadyTime began_;
  std::string method_;
  std::string path_;
  std::string authority_;
  std::string fields_;
  std::size_t field_bytes_ = 0;
  Bytes body_;
  bool complete_ = false;
  bool body_too_large_ = false;
  // The head of HTTP/1 that `request_` shows.
  std::string head_;
  HttpRequest request_;
  HttpResponse response_;
  std::uint64_t size_ = 0;  // of the response's body
  std::uint64_t at_ = 0;    // bytes of it that are sent
  std::optional<Pace> pace_;
  bool head_only_ = false;
  // A flow instead of a body.
  bool flows_ = false;
  bool flow_ended_ = false;
  bool wants_room_ = false;  // the flow waits to be told that it may send again
  Range offered_;            // by the flow, during its call
  IoObserver* flow_events_ = nullptr;
  // owned; last, so that it ends first
  TaskScope task_;
};

}  // namespace sluice::net
