#pragma once

#include <nghttp2/nghttp2.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/shard.hpp"
#include "core/task.hpp"
#include "net/flood_guard.hpp"
#include "net/http.hpp"
#include "net/http2_counters.hpp"
#include "net/http2_memory.hpp"
#include "net/http2_stream.hpp"
#include "net/socket.hpp"

namespace sluice::net {

/// One HTTP/2 connection: nghttp2 knows the protocol, this knows the socket, the clock and who answers. Bytes go out
/// from two places only: the writer's task, and a flow that has something for its stream. What is closed is destroyed
/// by the writer, so that nothing is destroyed by what it called.
class Http2Session final : private IoObserver {
 public:
  Http2Session(TcpSocket& socket, const HttpHandler& handler, Http2Counters& counters);
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;
  ~Http2Session();

  /// Until the connection ends. `first` has been read of it already.
  Task<void> run(Bytes first);

  // For the streams.

  /// What `stream` has to send may be taken again.
  void resume(Http2Stream& stream);
  /// Sends what can be sent now.
  void pump();
  /// Ends `stream` without an end of its answer.
  void reset(Http2Stream& stream, std::uint32_t error_code);
  /// Begins to send `stream`'s response.
  void submit(Http2Stream& stream);

  [[nodiscard]] const std::string& peer() const { return socket_.peer(); }
  [[nodiscard]] std::string_view tls_version() const { return socket_.tls_version(); }
  [[nodiscard]] const HttpHandler& handler() const { return handler_; }

 private:
  struct Callbacks;
  struct Delete {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };

  void on_io(std::uint32_t) override { work_.notify_all(); }
  Task<void> read(Bytes first);
  Task<void> write();
  Task<void> look_after();
  Task<void> drain();
  bool hold(std::span<const Range> ranges);
  bool take(BytesView bytes);
  void start_requests();
  bool look();
  bool too_slow(SteadyTime now);
  void end(std::uint32_t error_code);
  [[nodiscard]] bool is_over() const;
  [[nodiscard]] bool has_unfinished() const;
  [[nodiscard]] SteadyTime idle_deadline() const;

  // What nghttp2 tells.
  bool on_begin_frame(const nghttp2_frame_hd& header);
  bool on_frame(const nghttp2_frame& frame);
  void on_begin_request(std::int32_t id);
  bool on_field(std::int32_t id, BytesView name, BytesView value);
  void on_body(std::int32_t id, BytesView bytes);
  void on_close(std::int32_t id, std::uint32_t error_code);
  void on_frame_sent(const nghttp2_frame& frame);
  int send_data(Http2Stream& stream, BytesView head, std::size_t size);
  Http2Stream* find(std::int32_t id);
  bool flood(std::uint64_t Http2Counters::* counter);

  // borrowed (outlives this)
  TcpSocket& socket_;
  const HttpHandler& handler_;
  Http2Counters& counters_;
  // owned
  Http2Memory memory_;
  std::unique_ptr<nghttp2_session, Delete> session_;
  std::unordered_map<std::int32_t, std::unique_ptr<Http2Stream>> streams_;
  std::vector<std::unique_ptr<Http2Stream>> closed_;  // the writer destroys them
  // state
  std::vector<std::int32_t> complete_;  // requests that are read and not yet answered
  FloodGuard guard_;
  Range unsent_;             // of a frame that was begun
  Bytes held_;               // what unsent_ shows, where it is not nghttp2's
  Event work_;               // for the writer
  Event unfinished_;         // for look_after()
  SteadyTime idle_since_;    // of the end of the last stream
  std::uint64_t taken_ = 0;  // bytes of bodies since the last look
  std::uint64_t sent_ = 0;   // bytes of anything since the last look
  unsigned stuck_looks_ = 0;
  bool ended_ = false;
  bool pumping_ = false;
  // owned; last, so that they end first
  TaskScope tasks_;
};

}  // namespace sluice::net
