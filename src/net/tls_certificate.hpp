#pragma once

#include <openssl/types.h>

#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace sluice::net {

/// Where a certificate and its private key lie, both PEM.
struct CertificateFiles {
  std::filesystem::path certificate;  ///< the server's own first, then those that vouch for it
  std::filesystem::path key;
  std::filesystem::path chain = {};  ///< more of those that vouch for it; empty: none

  bool operator==(const CertificateFiles&) const = default;
};

/// A certificate, those that vouch for it, and its key: what a server shows to prove its name.
struct Certificate {
  std::shared_ptr<X509> leaf;
  std::vector<std::shared_ptr<X509>> chain;
  std::shared_ptr<EVP_PKEY> key;
  std::vector<std::string> names;  ///< lower-case; "*.example.com" stands for one label
  UtcTime not_before{};
  UtcTime not_after{};

  /// What is wrong with its time at `now`, as in "expired on 2026-01-31"; empty: nothing.
  [[nodiscard]] std::string time_fault(UtcTime now) const;
};

/// Reads the files; blocks. The error says which file and why: "/etc/x.key: cannot be read: Permission denied". A
/// certificate whose time is over or has not come is none: servers go on with it, loudly.
std::expected<Certificate, std::string> load_certificate(const CertificateFiles& files);

/// Whether a certificate's name stands for `host` (lower-case), RFC 6125 section 6.4.
bool stands_for(std::string_view name, std::string_view host);

}  // namespace sluice::net
