#pragma once

#include <openssl/types.h>

#include <memory>
#include <string_view>

#include "core/bytes.hpp"
#include "net/tls_server.hpp"
#include "net/transport.hpp"

namespace sluice::net {

/// The server's side of TLS on another transport. Bytes are sealed in records of 16 KiB straight from where they lie;
/// several records leave in one call. What the transport below does not take at once of a sealed record waits here, so
/// that to whoever sends a record is taken whole or not at all.
class TlsTransport final : public Transport {
 public:
  /// A client's first bytes have not been read yet. REQUIRES: opened.ssl.
  TlsTransport(std::unique_ptr<Transport> under, TlsServer::Opened opened);
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;
  /// Says that no more comes, where that can be said at once.
  ~TlsTransport() override;

  Result<bool> establish() override;
  Result<std::size_t> send(std::span<const Range> ranges, bool more_follows) override;
  Result<bool> flush() override;
  Result<Received> receive(std::span<std::byte> into) override;
  Result<Received> discard(std::size_t most) override;
  void shutdown() override;
  void drop() override;

  [[nodiscard]] bool resumed() const;
  /// "TLSv1.3". Lives as long as the process.
  [[nodiscard]] std::string_view version() const;

 private:
  class Bio;
  friend class Bio;

  Result<std::size_t> seal(std::span<const Range> ranges);
  Result<std::size_t> seal(BytesView plain);
  void take_sealed(BytesView record);
  void send_sealed();
  std::error_code failure(int rc);
  void say_goodbye();

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
};

}  // namespace sluice::net
