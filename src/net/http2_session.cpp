#include "net/http2_session.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/log.hpp"
#include "net/http2_server.hpp"
#include "net/http_server.hpp"

namespace sluice::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kMostStreams = 100;
constexpr auto kIdleTimeout = seconds(65);     // without a request
constexpr auto kRequestTimeout = seconds(15);  // from the first byte of a request to its last
constexpr auto kLook = milliseconds(2500);     // so often what waits is looked at
constexpr unsigned kMostStuckLooks = 4;        // nothing at all has left, though something is to
constexpr std::size_t kMostQueued = 1000;      // frames for a peer who asks for more of them than he reads
constexpr auto kGoodbyeTimeout = seconds(1);   // for a peer to read why the connection ends
constexpr std::size_t kMostBodies = 4 << 20;   // of all requests of a connection together
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kFrameHead = 9;
// A frame of DATA that is one record of TLS with its head.
constexpr ssize_t kMostFrame = 16384 - kFrameHead;

// Prices for the FloodGuard, of 1000 that may be owed and 100 a second. They are far above what players and browsers
// do.
constexpr double kReset = 5;  // of a request that we have worked on: 200 at once, 20 a second
constexpr double kSettings = 20;
constexpr double kPing = 5;
constexpr double kContinuation = 20;
constexpr double kEmpty = 10;
constexpr double kOther = 1;  // and a frame of ours that is taken earns two
constexpr double kEarned = 2;

std::byte* scratch() {
  thread_local std::array<std::byte, kReadBytes> bytes;
  return bytes.data();
}

nghttp2_nv field(std::string_view name, std::string_view value) {
  return {.name = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
          .value = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())),
          .namelen = name.size(),
          .valuelen = value.size(),
          .flags = NGHTTP2_NV_FLAG_NONE};
}

/// Lines "Name: value" as HTTP/2 has them: names in small letters, which `lines` is changed to.
std::vector<nghttp2_nv> fields_of(std::string_view status, std::string& lines) {
  std::vector<nghttp2_nv> out{field(":status", status)};
  for (std::size_t at = 0; at < lines.size();) {
    const auto end = std::min(lines.find("\r\n", at), lines.size());
    const auto colon = lines.find(':', at);
    if (colon < end) {
      std::transform(lines.begin() + static_cast<std::ptrdiff_t>(at),
                     lines.begin() + static_cast<std::ptrdiff_t>(colon),
                     lines.begin() + static_cast<std::ptrdiff_t>(at),
                     [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
      const auto value = lines.find_first_not_of(' ', colon + 1);
      const std::string_view all(lines);
      out.push_back(field(all.substr(at, colon - at), value < end ? all.substr(value, end - value) : ""));
    }
    at = end + 2;
  }
  return out;
}

}  // namespace

Http2Counters& Http2Counters::operator+=(const Http2Counters& other) {
  for (const auto member :
       {&Http2Counters::connections, &Http2Counters::requests, &Http2Counters::reset_by_peer,
        &Http2Counters::floods_of_resets, &Http2Counters::floods_of_settings, &Http2Counters::floods_of_pings,
        &Http2Counters::floods_of_continuations, &Http2Counters::floods_of_empty_frames,
        &Http2Counters::floods_of_others, &Http2Counters::too_long_heads, &Http2Counters::protocol_errors,
        &Http2Counters::too_slow}) {
    this->*member += other.*member;
  }
  return *this;
}

/// nghttp2's callbacks, which end in the members of the session.
struct Http2Session::Callbacks {
  using Session = nghttp2_session;
  static Http2Session& self(void* user) { return *static_cast<Http2Session*>(user); }
  static BytesView view(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const std::byte*>(data), size};
  }
  static int ok(bool good) { return good ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE; }

  static int begin_frame(Session*, const nghttp2_frame_hd* header, void* user) {
    return ok(self(user).on_begin_frame(*header));
  }
  static int frame(Session*, const nghttp2_frame* frame, void* user) { return ok(self(user).on_frame(*frame)); }
  static int begin_headers(Session*, const nghttp2_frame* frame, void* user) {
    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) self(user).on_begin_request(frame->hd.stream_id);
    return 0;
  }
  static int header(Session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                    const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;  // trailers
    return ok(self(user).on_field(frame->hd.stream_id, view(name, name_size), view(value, value_size)));
  }
  static int data(Session*, std::uint8_t, std::int32_t id, const std::uint8_t* data, std::size_t size, void* user) {
    self(user).on_body(id, view(data, size));
    return 0;
  }
  static int close(Session*, std::int32_t id, std::uint32_t error_code, void* user) {
    self(user).on_close(id, error_code);
    return 0;
  }
  static int sent(Session*, const nghttp2_frame* frame, void* user) {
    self(user).on_frame_sent(*frame);
    return 0;
  }
  static ssize_t length(Session*, std::uint8_t, std::int32_t, std::int32_t connection_window,
                        std::int32_t stream_window, std::uint32_t most, void*) {
    return std::min<ssize_t>({kMostFrame, connection_window, stream_window, static_cast<ssize_t>(most)});
  }
  static ssize_t offer(Session*, std::int32_t, std::uint8_t*, std::size_t most, std::uint32_t* flags,
                       nghttp2_data_source* source, void*) {
    bool last = false;
    const std::size_t n = static_cast<Http2Stream*>(source->ptr)->offer(most, last);
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY | (last ? NGHTTP2_DATA_FLAG_EOF : 0U);
    return n == 0 && !last ? ssize_t{NGHTTP2_ERR_DEFERRED} : static_cast<ssize_t>(n);
  }
  static int send_data(Session*, nghttp2_frame*, const std::uint8_t* head, std::size_t size,
                       nghttp2_data_source* source, void* user) {
    return self(user).send_data(*static_cast<Http2Stream*>(source->ptr), view(head, kFrameHead), size);
  }

  static const nghttp2_session_callbacks* all() {
    static const nghttp2_session_callbacks* const kAll = [] {
      nghttp2_session_callbacks* made = nullptr;
      nghttp2_session_callbacks_new(&made);
      nghttp2_session_callbacks_set_on_begin_frame_callback(made, &begin_frame);
      nghttp2_session_callbacks_set_on_frame_recv_callback(made, &frame);
      nghttp2_session_callbacks_set_on_begin_headers_callback(made, &begin_headers);
      nghttp2_session_callbacks_set_on_header_callback(made, &header);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, &data);
      nghttp2_session_callbacks_set_on_stream_close_callback(made, &close);
      nghttp2_session_callbacks_set_on_frame_send_callback(made, &sent);
      nghttp2_session_callbacks_set_data_source_read_length_callback(made, &length);
      nghttp2_session_callbacks_set_send_data_callback(made, &send_data);
      return made;
    }();
    return kAll;
  }
  static const nghttp2_option* options() {
    static const nghttp2_option* const kOptions = [] {
      nghttp2_option* made = nullptr;
      nghttp2_option_new(&made);
      nghttp2_option_set_no_closed_streams(made, 1);
      // Clients that know only the priorities of RFC 7540 still have them.
      nghttp2_option_set_server_fallback_rfc7540_priorities(made, 1);
      nghttp2_option_set_max_outbound_ack(made, 200);
      return made;
    }();
    return kOptions;
  }
};

Http2Session::Http2Session(TcpSocket& socket, const HttpHandler& handler, Http2Counters& counters)
    : socket_(socket),
      handler_(handler),
      counters_(counters),
      guard_(Shard::current().now()),
      idle_since_(Shard::current().now()) {
  nghttp2_session* made = nullptr;
  nghttp2_mem memory = memory_.hooks();
  nghttp2_session_server_new3(&made, Callbacks::all(), this, Callbacks::options(), &memory);
  session_.reset(made);
  const std::array settings{
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kMostStreams},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(kMostHeadBytes)},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1}};
  nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  socket_.observe_writable(this);
  ++counters_.connections;
}

Http2Session::~Http2Session() {
  socket_.observe_writable(nullptr);
  // Streams end before the session that they speak through.
  tasks_.cancel();
  streams_.clear();
  closed_.clear();
}

// --- the connection -----------------------------------------------------------------------------------------------

Task<void> Http2Session::run(Bytes first) {
  tasks_.spawn(write());
  tasks_.spawn(look_after());
  co_await read(std::move(first));
  tasks_.cancel();
  pump();
  for (const auto& [id, stream] : streams_) stream->close();
  if (!ended_) co_return;
  socket_.flush_now();
  co_await drain();
}

Task<void> Http2Session::read(Bytes first) {
  bool goes_on = take(first);
  Bytes().swap(first);
  while (goes_on && !ended_) {
    if (is_over()) break;
    if (auto ok = co_await socket_.readable(idle_deadline()); !ok) {
      if (Shard::current().now() >= idle_deadline()) end(NGHTTP2_NO_ERROR);
      continue;
    }
    const auto n = socket_.read_now({scratch(), kReadBytes});
    if (!n) co_return;
    goes_on = take({scratch(), *n});
    co_await yield();  // there may always be more, and everybody else waits
  }
}

/// After the last that we say: a connection that is closed with something unread loses what it said.
Task<void> Http2Session::drain() {
  const auto deadline = Shard::current().now() + kGoodbyeTimeout;
  while (co_await socket_.discard_some(kReadBytes, deadline)) {
  }
}

bool Http2Session::is_over() const {
  return nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0;
}

SteadyTime Http2Session::idle_deadline() const {
  // Who waits for an answer may wait.
  return (streams_.empty() ? idle_since_ : Shard::current().now()) + kIdleTimeout;
}

/// False when the connection is over.
bool Http2Session::take(BytesView bytes) {
  if (!bytes.empty()) {
    const auto n =
        nghttp2_session_mem_recv(session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (n < 0) {
      if (n == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS) flood(&Http2Counters::floods_of_continuations);
      if (n == NGHTTP2_ERR_FLOODED) flood(&Http2Counters::floods_of_others);
      if (!ended_) ++counters_.protocol_errors;
      end(ended_ ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR);
      return false;
    }
  }
  if (nghttp2_session_get_outbound_queue_size(session_.get()) > kMostQueued) {
    flood(&Http2Counters::floods_of_others);
    end(NGHTTP2_ENHANCE_YOUR_CALM);
    return false;
  }
  start_requests();
  work_.notify_all();
  return true;
}

/// Here, and not in what nghttp2 calls, because an answer may be there at once.
void Http2Session::start_requests() {
  for (std::size_t i = 0; i < complete_.size(); ++i) {
    if (Http2Stream* stream = find(complete_[i])) stream->complete();
  }
  complete_.clear();
  if (has_unfinished()) unfinished_.notify_all();
}

void Http2Session::end(std::uint32_t error_code) {
  ended_ = true;
  nghttp2_session_terminate_session(session_.get(), error_code);
}

Task<void> Http2Session::write() {
  for (;;) {
    closed_.clear();
    pump();
    if (has_unfinished()) unfinished_.notify_all();
    if (is_over()) socket_.events().on_io(EPOLLIN);  // wakes the reader
    co_await work_.wait();
  }
}

void Http2Session::pump() {
  if (std::exchange(pumping_, true)) return;
  for (;;) {
    if (unsent_.length == 0) {
      Bytes().swap(held_);
      const std::uint8_t* data = nullptr;
      const auto n = nghttp2_session_mem_send(session_.get(), &data);
      if (n > 0) {
        unsent_ = {.length = static_cast<std::size_t>(n), .memory = reinterpret_cast<const std::byte*>(data)};
      }
      if (unsent_.length == 0) break;
    }
    const auto n = socket_.send_now(unsent_, true);
    if (!n || *n == 0) break;
    sent_ += *n;
    unsent_.drop_front(*n);
  }
  socket_.flush_now();
  pumping_ = false;
}

/// Sends a frame from where its bytes lie. Of a flow they lie there for this call alone: what the socket does not take
/// is copied.
int Http2Session::send_data(Http2Stream& stream, BytesView head, std::size_t size) {
  thread_local std::vector<Range> ranges;
  ranges.assign(1, {.length = head.size(), .memory = head.data()});
  stream.take(size, ranges);
  taken_ += size;
  std::span<Range> rest(ranges);
  while (!rest.empty()) {
    auto n = socket_.send_now(rest, true);
    if (n && *n == 0) {
      if (hold(rest)) return NGHTTP2_ERR_PAUSE;
      n = fail(std::make_error_code(std::errc::io_error));
    }
    if (!n) {
      socket_.drop();  // in the middle of a frame
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    sent_ += *n;
    while (!rest.empty() && *n >= rest.front().length) {
      *n -= rest.front().length;
      rest = rest.subspan(1);
    }
    if (*n > 0) rest.front().drop_front(*n);
  }
  return 0;
}

/// Has pump() send copies of `ranges` before all else. False where a file cannot be read.
bool Http2Session::hold(std::span<const Range> ranges) {
  for (const Range& range : ranges) {
    const std::size_t at = held_.size();
    held_.resize(at + range.length);
    if (range.memory != nullptr) {
      std::memcpy(held_.data() + at, range.memory, range.length);
    } else if (::pread(range.fd, held_.data() + at, range.length, static_cast<off_t>(range.offset)) !=
               static_cast<ssize_t>(range.length)) {
      return false;
    }
  }
  unsent_ = {.length = held_.size(), .memory = held_.data()};
  return true;
}

// --- who is too slow ----------------------------------------------------------------------------------------------

bool Http2Session::has_unfinished() const {
  return unsent_.length != 0 || std::ranges::any_of(streams_, [](const auto& entry) {
           return !entry.second->is_complete() || entry.second->waits_to_be_taken();
         });
}

Task<void> Http2Session::look_after() {
  for (;;) {
    while (!has_unfinished()) co_await unfinished_.wait();
    taken_ = 0;
    co_await sleep_for(kLook);
    if (too_slow(Shard::current().now())) {
      ++counters_.too_slow;
      log::notice("HTTP/2 viewer is cut off", {{"peer", peer()}, {"error", std::error_code(Errc::too_slow).message()}});
      socket_.drop();
      co_return;
    }
  }
}

/// Whether the connection is to be ended; ends streams that somebody wants back. What one stream takes counts for all
/// of them: it is the peer who says in which order he wants them.
bool Http2Session::too_slow(SteadyTime now) {
  const bool stuck = std::exchange(sent_, 0) == 0 && unsent_.length != 0;
  stuck_looks_ = stuck ? stuck_looks_ + 1 : 0;
  if (stuck_looks_ == kMostStuckLooks) return true;
  const auto taken = std::exchange(taken_, 0);
  std::vector<Http2Stream*> given_up;
  for (const auto& [id, stream] : streams_) {
    if (!stream->is_complete() && now - stream->began() > kRequestTimeout) return true;
    if (stream->waits_to_be_taken() && !stream->look(taken, now)) given_up.push_back(stream.get());
  }
  if (taken == 0 && !given_up.empty()) return true;
  for (Http2Stream* stream : given_up) reset(*stream, NGHTTP2_CANCEL);
  return false;
}

// --- streams ------------------------------------------------------------------------------------------------------

Http2Stream* Http2Session::find(std::int32_t id) {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

void Http2Session::resume(Http2Stream& stream) {
  nghttp2_session_resume_data(session_.get(), stream.id());
  work_.notify_all();
}

void Http2Session::reset(Http2Stream& stream, std::uint32_t error_code) {
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream.id(), error_code);
  work_.notify_all();
}

void Http2Session::submit(Http2Stream& stream) {
  std::string lines = response_fields(stream.response());
  const auto status = std::to_string(stream.response().status);
  const auto fields = fields_of(status, lines);
  nghttp2_data_provider provider{.source = {.ptr = &stream}, .read_callback = &Callbacks::offer};
  nghttp2_submit_response(session_.get(), stream.id(), fields.data(), fields.size(),
                          stream.has_body() ? &provider : nullptr);
  work_.notify_all();
}

// --- what nghttp2 tells -------------------------------------------------------------------------------------------

bool Http2Session::flood(std::uint64_t Http2Counters::* counter) {
  ++(counters_.*counter);
  log::notice("HTTP/2 client is cut off", {{"peer", peer()}, {"error", "more frames than anybody needs"}});
  ended_ = true;
  return false;
}

bool Http2Session::on_begin_frame(const nghttp2_frame_hd& header) {
  double price = 0;
  auto counter = &Http2Counters::floods_of_others;
  switch (header.type) {
    case NGHTTP2_HEADERS:  // as many as are answered; what is refused is reset
      if (find(header.stream_id) != nullptr || streams_.size() < kMostStreams) break;
      price = kReset;
      counter = &Http2Counters::floods_of_resets;
      break;
    case NGHTTP2_DATA: break;  // is told at its end alone
    case NGHTTP2_RST_STREAM:
      price = find(header.stream_id) != nullptr ? kReset : kOther;
      counter = &Http2Counters::floods_of_resets;
      break;
    case NGHTTP2_SETTINGS:
      price = kSettings;
      counter = &Http2Counters::floods_of_settings;
      break;
    case NGHTTP2_PING:
      price = kPing;
      counter = &Http2Counters::floods_of_pings;
      break;
    case NGHTTP2_CONTINUATION:
      price = kContinuation;
      counter = &Http2Counters::floods_of_continuations;
      break;
    default: price = kOther; break;
  }
  return price == 0 || guard_.pay(price, Shard::current().now()) || flood(counter);
}

bool Http2Session::on_frame(const nghttp2_frame& frame) {
  const bool last = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  if (frame.hd.type == NGHTTP2_DATA && frame.hd.length == 0 && !last && !guard_.pay(kEmpty, Shard::current().now())) {
    return flood(&Http2Counters::floods_of_empty_frames);
  }
  if (!last || (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA)) return true;
  if (Http2Stream* stream = find(frame.hd.stream_id); stream != nullptr && !stream->is_complete()) {
    ++counters_.requests;
    complete_.push_back(stream->id());
  }
  return true;
}

void Http2Session::on_begin_request(std::int32_t id) {
  streams_.emplace(id, std::make_unique<Http2Stream>(*this, id, Shard::current().now()));
}

bool Http2Session::on_field(std::int32_t id, BytesView name, BytesView value) {
  Http2Stream* stream = find(id);
  return stream == nullptr || stream->add_field(as_text(name), as_text(value)) || flood(&Http2Counters::too_long_heads);
}

void Http2Session::on_body(std::int32_t id, BytesView bytes) {
  Http2Stream* stream = find(id);
  if (stream == nullptr) return;
  std::size_t held = bytes.size();
  for (const auto& [other_id, other] : streams_) held += other->body_bytes();
  stream->add_body(bytes, held <= kMostBodies);
}

void Http2Session::on_close(std::int32_t id, std::uint32_t error_code) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  if (error_code != NGHTTP2_NO_ERROR) ++counters_.reset_by_peer;
  found->second->close();
  closed_.push_back(std::move(found->second));
  streams_.erase(found);
  idle_since_ = Shard::current().now();
  work_.notify_all();
}

void Http2Session::on_frame_sent(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_DATA || frame.hd.type == NGHTTP2_HEADERS) guard_.earn(kEarned);
  if (frame.hd.type == NGHTTP2_GOAWAY && !std::exchange(ended_, true)) ++counters_.protocol_errors;
}

Task<void> serve_http2(TcpSocket socket, const HttpHandler& handler, Http2Counters* counters, Bytes first) {
  Http2Counters nobodys;
  Http2Session session(socket, handler, counters != nullptr ? *counters : nobodys);
  co_await session.run(std::move(first));
}

}  // namespace sluice::net
