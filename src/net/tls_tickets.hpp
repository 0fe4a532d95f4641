#pragma once

#include <openssl/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace sluice::net {

/// The keys of session tickets (RFC 5077 section 4), with which clients come back without a full handshake. A new one
/// is made twice a day and the one before still opens what it sealed, so that a key that leaks opens no more than a
/// day. Any thread.
class TicketKeys {
 public:
  TicketKeys();
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;
  ~TicketKeys();

  /// Has tickets of `context` sealed and opened with these keys, which outlive it.
  void serve(SSL_CTX* context);

 private:
  struct Key {
    std::array<unsigned char, 16> name{};
    std::array<unsigned char, 32> aes{};
    std::array<unsigned char, 32> hmac{};
  };
  static int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                       int seals);
  static Key make_key();
  void rotate();

  std::mutex mutex_;
  Key current_;
  Key previous_;
  std::chrono::steady_clock::time_point made_at_;
};

}  // namespace sluice::net
