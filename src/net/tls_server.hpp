#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/tls_certificate.hpp"

namespace sluice::net {

/// The versions of TLS that a port speaks. Those before 1.2 are for very old clients: RFC 8996 forbids them.
struct TlsVersions {
  bool tls1_0 = false;
  bool tls1_1 = false;
  bool tls1_2 = true;
  bool tls1_3 = true;

  [[nodiscard]] bool old() const { return tls1_0 || tls1_1; }
  bool operator==(const TlsVersions&) const = default;
};

/// What the ports that are configured alike speak TLS with: versions, certificates, the keys of tickets. Any thread;
/// connections keep what they need of it.
class TlsServer {
 public:
  struct Options {
    std::vector<CertificateFiles> certificates;  ///< at least one; the first is for clients who name no host
    TlsVersions versions;
    bool http = true;  ///< says by ALPN that HTTP/2 and HTTP/1.1 are spoken

    bool operator==(const Options&) const = default;
  };

  /// Reads the certificates; blocks. The error says which file and why.
  static std::expected<std::shared_ptr<TlsServer>, std::string> create(Options options);

  /// What a new connection begins with: `ssl` is the caller's to free, before `keep`.
  struct Opened {
    SSL* ssl = nullptr;  ///< null: no memory
    std::shared_ptr<const void> keep;
  };
  [[nodiscard]] Opened open() const;

  /// Looks whether the files have changed and lie still since the last look, and reads them then; blocks. What is
  /// broken changes nothing. Says in the log what it did and, once a day, which certificates end soon.
  void refresh();

  [[nodiscard]] const Options& options() const { return options_; }

 private:
  class Contexts;
  struct Stamp {
    std::filesystem::file_time_type written_at;
    std::uintmax_t size = 0;
    std::uint64_t inode = 0;
    bool operator==(const Stamp&) const = default;
  };

  explicit TlsServer(Options options) : options_(std::move(options)) {}
  std::expected<void, std::string> load();
  [[nodiscard]] std::vector<Stamp> stamps() const;
  void warn_of_ends();

  const Options options_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Contexts> contexts_;  // what is in force; guarded by mutex_
  // Of refresh() alone.
  std::vector<Stamp> loaded_;
  std::vector<Stamp> seen_;
  std::chrono::steady_clock::time_point warned_at_{};
};

}  // namespace sluice::net
