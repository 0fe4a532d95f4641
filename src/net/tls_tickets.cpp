#include "net/tls_tickets.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>

#include "core/assert.hpp"

namespace sluice::net {
namespace {

constexpr auto kKeyTime = std::chrono::hours(12);

}  // namespace

TicketKeys::Key TicketKeys::make_key() {
  Key key;
  SLUICE_ASSERT(RAND_bytes(key.name.data(), static_cast<int>(key.name.size())) == 1 &&
                    RAND_priv_bytes(key.aes.data(), static_cast<int>(key.aes.size())) == 1 &&
                    RAND_priv_bytes(key.hmac.data(), static_cast<int>(key.hmac.size())) == 1,
                "the system gives no random bytes");
  return key;
}

TicketKeys::TicketKeys() : current_(make_key()), previous_(make_key()), made_at_(std::chrono::steady_clock::now()) {}

TicketKeys::~TicketKeys() {
  OPENSSL_cleanse(&current_, sizeof current_);
  OPENSSL_cleanse(&previous_, sizeof previous_);
}

void TicketKeys::serve(SSL_CTX* context) {
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, &on_ticket);
}

void TicketKeys::rotate() {
  const auto now = std::chrono::steady_clock::now();
  if (now - made_at_ < kKeyTime) return;
  // After a day without a ticket both are too old.
  previous_ = now - made_at_ < 2 * kKeyTime ? current_ : make_key();
  current_ = make_key();
  made_at_ = now;
}

/// As SSL_CTX_set_tlsext_ticket_key_evp_cb(3) wants it. 1: use the ticket; 2: use it and send a new one; 0: it is none
/// of ours; -1: failure.
int TicketKeys::on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                          int seals) {
  auto& keys = *static_cast<TicketKeys*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const std::lock_guard lock(keys.mutex_);
  keys.rotate();
  Key* key = &keys.current_;
  if (seals != 0) {
    std::ranges::copy(key->name, name);
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
  } else if (!std::ranges::equal(key->name, std::span(name, key->name.size()))) {
    key = &keys.previous_;
    if (!std::ranges::equal(key->name, std::span(name, key->name.size()))) return 0;
  }
  std::array<OSSL_PARAM, 3> parameters{
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->hmac.data(), key->hmac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>("SHA256"), 0),
      OSSL_PARAM_construct_end()};
  const int ok = seals != 0 ? EVP_EncryptInit_ex2(cipher, EVP_aes_256_cbc(), key->aes.data(), iv, nullptr)
                            : EVP_DecryptInit_ex2(cipher, EVP_aes_256_cbc(), key->aes.data(), iv, nullptr);
  if (ok != 1 || EVP_MAC_CTX_set_params(mac, parameters.data()) != 1) return -1;
  return key == &keys.current_ ? 1 : 2;
}

}  // namespace sluice::net
