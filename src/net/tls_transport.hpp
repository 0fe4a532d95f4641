#pragma once

#include <openssl/types.h>

#include <memory>
#include <string_view>

#include "core/bytes.hpp"
#include "net/flood_guard.hpp"
#include "net/tls_server.hpp"
#include "net/transport.hpp"

namespace sluice::net {

/// The server's side of TLS on another transport. Bytes are sealed in records of 16 KiB straight from where they lie;
/// several records leave in one call. What the transport below does not take at once of a sealed record waits here, so
/// that to whoever sends a record is taken whole or not at all.
class TlsTransport final : public Transport {
 public:
  /// A client's first bytes have not been read yet. REQUIRES: opened.ssl. `floods` counts, and outlives this.
  TlsTransport(std::unique_ptr<Transport> under, TlsServer::Opened opened, std::uint64_t& floods);
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;
  /// Says that no more comes, where that can be said at once.
  ~TlsTransport() override;

  Result<bool> establish() override;
  Result<std::size_t> send(std::span<const Range> ranges, bool more_follows) override;
  Result<bool> flush() override;
  Result<Received> receive(std::span<std::byte> into) override;
  Result<Received> discard(std::size_t most) override;
  [[nodiscard]] std::string_view tls_version() const override;
  void shutdown() override;
  void drop() override;

  [[nodiscard]] bool resumed() const;

 private:
  class Bio;
  friend class Bio;

  Result<std::size_t> seal(std::span<const Range> ranges);
  Result<std::size_t> seal(BytesView plain);
  void take_sealed(BytesView record);
  void send_sealed();
  std::error_code failure(int rc);
  static void on_event(const SSL* ssl, int where, int what);
  void say_goodbye();

  // borrowed (outlives this)
  std::uint64_t& floods_;
  // owned
  const std::unique_ptr<Transport> under_;
  SSL* ssl_;
  std::shared_ptr<const void> keep_;
  // state
  Bytes pending_;  // sealed, and not taken below
  std::size_t pending_sent_ = 0;
  std::error_code broken_;  // why nothing more can be sent
  bool drained_ = false;    // the transport below had nothing more when it was last asked
  bool established_ = false;
  bool ended_ = false;  // we have said our last
  FloodGuard guard_;
  bool flooded_ = false;
};

}  // namespace sluice::net
