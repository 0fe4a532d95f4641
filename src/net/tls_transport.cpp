#include "net/tls_transport.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/assert.hpp"
#include "core/shard.hpp"
#include "net/errc.hpp"

namespace sluice::net {
namespace {

constexpr std::size_t kRecord = SSL3_RT_MAX_PLAIN_LENGTH;  // 16 KiB, RFC 8446 section 5.1
// Records that leave in one call. More gain nothing measurable, and what a slow peer leaves of them has to be kept.
constexpr std::size_t kMostRecords = 4;
// For the FloodGuard: 50 messages at once, 5 a second.
constexpr double kMessage = 20;
constexpr std::size_t kSealedBytes = kMostRecords * (kRecord + SSL3_RT_MAX_ENCRYPTED_OVERHEAD + SSL3_RT_HEADER_LENGTH);

/// Sealed records on their way from OpenSSL to the transport below, and plain bytes that are gathered for a record: of
/// one connection at a time, as nothing of them outlives a call.
struct Scratch {
  std::array<std::byte, kSealedBytes> sealed;
  std::size_t sealed_size = 0;
  const void* owner = nullptr;
  std::array<std::byte, kRecord> plain;
};

Scratch& scratch() {
  thread_local const auto made = std::make_unique<Scratch>();
  return *made;
}

}  // namespace

/// What OpenSSL reads and writes: the transport below, which it never has to wait for when it writes.
class TlsTransport::Bio {
 public:
  static BIO* make(TlsTransport& owner) {
    static BIO_METHOD* const kMethod = make_method();
    BIO* bio = BIO_new(kMethod);
    if (bio == nullptr) return nullptr;
    BIO_set_data(bio, &owner);
    BIO_set_init(bio, 1);
    return bio;
  }

 private:
  static BIO_METHOD* make_method() {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "transport");
    SLUICE_ASSERT(method != nullptr, "no memory at start");
    BIO_meth_set_write_ex(method, &write);
    BIO_meth_set_read_ex(method, &read);
    BIO_meth_set_ctrl(method, [](BIO*, int command, long, void*) -> long { return command == BIO_CTRL_FLUSH ? 1 : 0; });
    return method;
  }
  static int write(BIO* bio, const char* data, std::size_t size, std::size_t* written) {
    static_cast<TlsTransport*>(BIO_get_data(bio))->take_sealed({reinterpret_cast<const std::byte*>(data), size});
    *written = size;
    return 1;
  }
  static int read(BIO* bio, char* data, std::size_t size, std::size_t* got) {
    auto& self = *static_cast<TlsTransport*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (self.flooded_) return 0;
    const auto received = self.under_->receive({reinterpret_cast<std::byte*>(data), size});
    if (!received) {
      self.drained_ = true;
      BIO_set_flags(bio, received.error() == Errc::closed ? BIO_FLAGS_IN_EOF : 0);
      return 0;
    }
    self.drained_ = received->drained;
    *got = received->bytes;
    if (received->bytes == 0) BIO_set_retry_read(bio);
    return received->bytes > 0 ? 1 : 0;
  }
};

TlsTransport::TlsTransport(std::unique_ptr<Transport> under, TlsServer::Opened opened, std::uint64_t& floods)
    : floods_(floods),
      under_(std::move(under)),
      ssl_(opened.ssl),
      keep_(std::move(opened.keep)),
      guard_(Shard::current().now()) {
  SSL_set_app_data(ssl_, this);
  SSL_set_info_callback(ssl_, &on_event);
  BIO* bio = Bio::make(*this);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_accept_state(ssl_);
}

TlsTransport::~TlsTransport() {
  if (Shard::current_or_null() != nullptr) say_goodbye();  // else the server has ended
  SSL_free(ssl_);
  if (Scratch& s = scratch(); s.owner == this) s.sealed_size = 0;
}

bool TlsTransport::resumed() const { return SSL_session_reused(ssl_) == 1; }
std::string_view TlsTransport::tls_version() const { return SSL_get_version(ssl_); }

/// Why a call of OpenSSL failed; `rc` is what it returned. No error: it wants to read more first.
std::error_code TlsTransport::failure(int rc) {
  const int error = SSL_get_error(ssl_, rc);
  ERR_clear_error();
  switch (error) {
    case SSL_ERROR_WANT_READ: return {};
    case SSL_ERROR_ZERO_RETURN: return Errc::closed;
    case SSL_ERROR_SYSCALL: broken_ = flooded_ ? Errc::bad_tls : Errc::closed; return broken_;
    default: broken_ = Errc::bad_tls; return broken_;
  }
}

/// What comes after the handshake and is no data (KeyUpdate, attempts to renegotiate) costs us work and an answer, and
/// brings nobody anything; OpenSSL sets no bound to it.
void TlsTransport::on_event(const SSL* ssl, int where, int) {
  if ((where & (SSL_CB_EXIT | SSL_CB_ALERT)) == 0) return;  // a step within a message
  auto& self = *static_cast<TlsTransport*>(SSL_get_app_data(ssl));
  if (!self.established_ || self.flooded_ || self.guard_.pay(kMessage, Shard::current().now())) return;
  self.flooded_ = true;
  ++self.floods_;
}

Result<bool> TlsTransport::establish() {
  ERR_clear_error();
  const int rc = SSL_do_handshake(ssl_);
  send_sealed();
  if (rc == 1) {
    established_ = true;
    return true;
  }
  if (const auto error = failure(rc)) return fail(error);
  return false;
}

// --- sending ------------------------------------------------------------------------------------------------------

void TlsTransport::take_sealed(BytesView record) {
  Scratch& s = scratch();
  SLUICE_ASSERT(s.sealed_size == 0 || s.owner == this, "a transport was left with records that nobody flushed");
  if (pending_.empty() && s.sealed_size + record.size() > s.sealed.size()) send_sealed();
  if (!pending_.empty() || record.size() > s.sealed.size()) {
    pending_.insert(pending_.end(), record.begin(), record.end());
    return;
  }
  s.owner = this;
  std::ranges::copy(record, s.sealed.begin() + static_cast<std::ptrdiff_t>(s.sealed_size));
  s.sealed_size += record.size();
}

/// Hands the sealed records on; what is not taken waits.
void TlsTransport::send_sealed() {
  Scratch& s = scratch();
  const std::size_t size = std::exchange(s.sealed_size, 0);
  if (size == 0 || broken_) return;
  const Range range{.length = size, .memory = s.sealed.data()};
  const auto n = under_->send({&range, 1}, false);
  if (!n) {
    broken_ = n.error();
    return;
  }
  pending_.assign(s.sealed.begin() + static_cast<std::ptrdiff_t>(*n),
                  s.sealed.begin() + static_cast<std::ptrdiff_t>(size));
}

Result<bool> TlsTransport::flush() {
  send_sealed();
  while (pending_sent_ < pending_.size() && !broken_) {
    const Range rest{.length = pending_.size() - pending_sent_, .memory = pending_.data() + pending_sent_};
    const auto n = under_->send({&rest, 1}, false);
    if (!n) {
      broken_ = n.error();
    } else if (*n == 0) {
      return false;
    } else {
      pending_sent_ += *n;
    }
  }
  if (broken_) return fail(broken_);
  if (pending_sent_ > 0) {
    Bytes().swap(pending_);
    pending_sent_ = 0;
  }
  return true;
}

Result<std::size_t> TlsTransport::send(std::span<const Range> ranges, bool more_follows) {
  if (!pending_.empty()) {
    const auto flushed = flush();
    if (!flushed) return std::unexpected(flushed.error());
    if (!*flushed) return std::size_t{0};
  }
  if (broken_) return fail(broken_);
  auto taken = seal(ranges);
  if (!more_follows || !taken) send_sealed();
  if (taken && broken_) return fail(broken_);
  return taken;
}

/// Seals as many bytes as leave in one call.
Result<std::size_t> TlsTransport::seal(std::span<const Range> ranges) {
  std::size_t taken = 0;
  Scratch& s = scratch();
  Range range;
  auto next = ranges.begin();
  while (taken < kMostRecords * kRecord && pending_.empty()) {
    while (range.length == 0 && next != ranges.end()) range = *next++;
    if (range.length == 0) break;
    BytesView plain;
    if (range.memory != nullptr && (range.length >= kRecord || next == ranges.end())) {
      plain = {range.memory, std::min(range.length, kRecord)};
      range.drop_front(plain.size());
    } else {
      std::size_t gathered = 0;
      while (gathered < kRecord && range.length > 0) {
        const std::size_t n = std::min(range.length, kRecord - gathered);
        if (range.memory != nullptr) {
          std::memcpy(s.plain.data() + gathered, range.memory, n);
        } else if (::pread(range.fd, s.plain.data() + gathered, n, static_cast<off_t>(range.offset)) !=
                   static_cast<ssize_t>(n)) {
          return fail(std::make_error_code(std::errc::io_error));
        }
        range.drop_front(n);
        gathered += n;
        while (range.length == 0 && next != ranges.end()) range = *next++;
      }
      plain = {s.plain.data(), gathered};
    }
    const auto n = seal(plain);
    if (!n) return n;
    taken += *n;
  }
  return taken;
}

Result<std::size_t> TlsTransport::seal(BytesView plain) {
  ERR_clear_error();
  std::size_t written = 0;
  const int rc = SSL_write_ex(ssl_, plain.data(), plain.size(), &written);
  if (rc == 1) return written;
  const auto error = failure(rc);
  // To write, it never has to read: renegotiation is off.
  broken_ = error ? error : Errc::bad_tls;
  return fail(broken_);
}

// --- receiving ----------------------------------------------------------------------------------------------------

Result<Transport::Received> TlsTransport::receive(std::span<std::byte> into) {
  Received out;
  drained_ = false;
  while (out.bytes < into.size()) {
    ERR_clear_error();
    std::size_t n = 0;
    const int rc = SSL_read_ex(ssl_, into.data() + out.bytes, into.size() - out.bytes, &n);
    if (rc == 1) {
      out.bytes += n;
      if (drained_ && SSL_has_pending(ssl_) == 0) break;
      continue;
    }
    // What the peer was to be told, an alert even: whoever uses the scratch next is another.
    send_sealed();
    const auto error = failure(rc);
    drained_ = true;
    if (error && out.bytes == 0) return fail(error);
    // The end is said again to whoever reads on.
    if (error) return out;
    break;
  }
  out.drained = drained_ && out.bytes < into.size();
  send_sealed();  // what the peer was to be answered: alerts, new keys
  return out;
}

Result<Transport::Received> TlsTransport::discard(std::size_t most) {
  Scratch& s = scratch();
  return receive(std::span(s.plain).first(std::min(most, s.plain.size())));
}

// --- the end ------------------------------------------------------------------------------------------------------

void TlsTransport::say_goodbye() {
  if (!std::exchange(ended_, true) && established_ && !broken_ && flush().value_or(false)) {
    ERR_clear_error();
    SSL_shutdown(ssl_);
    ERR_clear_error();
    send_sealed();
  }
}

void TlsTransport::shutdown() {
  say_goodbye();
  under_->shutdown();
}

void TlsTransport::drop() {
  ended_ = true;
  under_->drop();
}

}  // namespace sluice::net
