#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "net/tls_certificate.hpp"

namespace sluice::net::test {

/// A folder of this process that goes when it goes out of scope.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    static std::atomic<int> count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("sluice-tls-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(path_);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct CertificateForm {
  std::string names = "DNS:localhost,IP:127.0.0.1";  ///< as OpenSSL writes subjectAltName
  long from_s = -3600;                               ///< seconds from now
  long to_s = 86400;
  bool rsa = false;
  const char* password = nullptr;  ///< of the key's file
};

/// Makes a key and a certificate that it signs itself, as `stem`.crt and `stem`.key.
inline CertificateFiles make_certificate(const std::filesystem::path& stem, const CertificateForm& form = {}) {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(form.rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"),
                                                          &EVP_PKEY_free);
  std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), &X509_free);
  X509* x = made.get();
  X509_set_version(x, X509_VERSION_3);
  static std::atomic<long> serial = 1;
  ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
  X509_gmtime_adj(X509_getm_notBefore(x), form.from_s);
  X509_gmtime_adj(X509_getm_notAfter(x), form.to_s);
  X509_NAME* subject = X509_get_subject_name(x);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("Common.Name"), -1, -1,
                             0);
  X509_set_issuer_name(x, subject);
  X509_set_pubkey(x, key.get());
  if (!form.names.empty()) {
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, form.names.c_str());
    X509_add_ext(x, names, -1);
    X509_EXTENSION_free(names);
  }
  X509_sign(x, key.get(), EVP_sha256());

  CertificateFiles files{.certificate = stem.string() + ".crt", .key = stem.string() + ".key"};
  std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new_file(files.certificate.c_str(), "w"), &BIO_free);
  PEM_write_bio_X509(out.get(), x);
  out.reset(BIO_new_file(files.key.c_str(), "w"));
  PEM_write_bio_PrivateKey(out.get(), key.get(), form.password != nullptr ? EVP_aes_256_cbc() : nullptr, nullptr, 0,
                           nullptr, const_cast<char*>(form.password));
  return files;
}

/// A client that blocks, for a thread of its own. Believes every certificate.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port) : context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{.tv_sec = 20};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in to{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  TlsClient(const TlsClient&) = delete;
  ~TlsClient() {
    if (ssl_ != nullptr) SSL_shutdown(ssl_.get());  // else its session may not be used again
    ssl_.reset();
    ::close(fd_);
  }

  [[nodiscard]] SSL_CTX* context() { return context_.get(); }
  [[nodiscard]] int fd() const { return fd_; }

  /// True when the handshake is done.
  bool shake_hands(const char* host = nullptr, SSL_SESSION* session = nullptr) {
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), fd_);
    if (host != nullptr) SSL_set_tlsext_host_name(ssl_.get(), host);
    if (session != nullptr) SSL_set_session(ssl_.get(), session);
    return SSL_connect(ssl_.get()) == 1;
  }
  [[nodiscard]] SSL* ssl() { return ssl_.get(); }

  bool write(std::string_view text) { return SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) > 0; }
  /// What comes until the server ends it. `clean`: whether it said so.
  std::string read_all(bool* clean = nullptr) {
    std::string out;
    std::array<char, 65536> buffer;
    int n = 0;
    while ((n = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()))) > 0) {
      out.append(buffer.data(), static_cast<std::size_t>(n));
    }
    if (clean != nullptr) *clean = SSL_get_error(ssl_.get(), n) == SSL_ERROR_ZERO_RETURN;
    ERR_clear_error();
    return out;
  }
  /// The name that the server's certificate carries first.
  std::string server_name() {
    std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(ssl_.get()), &X509_free);
    auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(shown.get(), NID_subject_alt_name, nullptr, nullptr));
    const ASN1_STRING* first = sk_GENERAL_NAME_value(names, 0)->d.dNSName;
    std::string out(reinterpret_cast<const char*>(ASN1_STRING_get0_data(first)),
                    static_cast<std::size_t>(ASN1_STRING_length(first)));
    GENERAL_NAMES_free(names);
    return out;
  }

 private:
  int fd_ = -1;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, &SSL_free};
};

}  // namespace sluice::net::test
