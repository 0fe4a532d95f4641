#include "net/tls_certificate.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>

namespace sluice::net {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;

template <class T>
using Loaded = std::expected<T, std::string>;

using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::unexpected<std::string> broken(const std::filesystem::path& file, std::string_view why) {
  return std::unexpected(fmt::format("{}: {}", file.string(), why));
}

/// What OpenSSL says was wrong last, and forgets.
std::string reason() {
  const char* text = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return text == nullptr ? "not PEM" : text;
}

Loaded<std::string> read_file(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {
    return broken(file, "cannot be read: " + (error ? error.message() : "not a file"));
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) return broken(file, fmt::format("cannot be read: {}", std::strerror(errno)));
  std::string text(kMostBytes, '\0');
  in.read(text.data(), kMostBytes);
  if (in.bad()) return broken(file, fmt::format("cannot be read: {}", std::strerror(errno)));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

BioPtr bio_of(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

/// Streamer keys have carried this password since the days of Flussonic's installer; it guards nothing.
int customary_password(char* out, int size, int, void*) {
  constexpr std::string_view kPassword = "flussonic";
  if (size < static_cast<int>(kPassword.size())) return -1;
  std::memcpy(out, kPassword.data(), kPassword.size());
  return static_cast<int>(kPassword.size());
}

UtcTime utc_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return UtcTime(std::chrono::seconds(::timegm(&parts)));
}

std::string text_of(const ASN1_STRING* name) {
  std::string out(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name)),
                  static_cast<std::size_t>(ASN1_STRING_length(name)));
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

/// The DNS names of the subject; the common name where there are none (RFC 6125 section 6.4.4).
std::vector<std::string> names_of(X509* leaf) {
  std::vector<std::string> names;
  auto* alternatives = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives, i);
    if (name->type == GEN_DNS) names.push_back(text_of(name->d.dNSName));
  }
  GENERAL_NAMES_free(alternatives);
  if (!names.empty()) return names;
  X509_NAME* subject = X509_get_subject_name(leaf);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at >= 0) names.push_back(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
  return names;
}

/// All certificates of a file, one at least.
Loaded<std::vector<std::shared_ptr<X509>>> load_certificates(const std::filesystem::path& file) {
  const auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  std::vector<std::shared_ptr<X509>> out;
  ERR_clear_error();
  const BioPtr in = bio_of(*text);
  while (X509* one = PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)) out.emplace_back(one, &X509_free);
  const auto end = ERR_peek_last_error();  // after the last certificate, "no start line" is the end of the file
  if (ERR_GET_LIB(end) != ERR_LIB_PEM || ERR_GET_REASON(end) != PEM_R_NO_START_LINE) {
    return broken(file, "not a certificate: " + reason());
  }
  ERR_clear_error();
  if (out.empty()) return broken(file, "there is no certificate in it");
  return out;
}

}  // namespace

std::string Certificate::time_fault(UtcTime now) const {
  const auto day = [](UtcTime t) {
    return fmt::format("{:%Y-%m-%d %H:%M} UTC",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(
                           std::chrono::time_point_cast<std::chrono::system_clock::duration>(t))));
  };
  if (now >= not_after) return "expired on " + day(not_after);
  if (now < not_before) return "not valid before " + day(not_before);
  return {};
}

std::expected<Certificate, std::string> load_certificate(const CertificateFiles& files) {
  auto all = load_certificates(files.certificate);
  if (!all) return std::unexpected(all.error());
  Certificate out{.leaf = all->front()};
  out.chain.assign(all->begin() + 1, all->end());
  if (!files.chain.empty()) {
    const auto more = load_certificates(files.chain);
    if (!more) return std::unexpected(more.error());
    out.chain.insert(out.chain.end(), more->begin(), more->end());
  }

  const auto key_text = read_file(files.key);
  if (!key_text) return std::unexpected(key_text.error());
  out.key.reset(PEM_read_bio_PrivateKey(bio_of(*key_text).get(), nullptr, &customary_password, nullptr),
                &EVP_PKEY_free);
  if (out.key == nullptr) return broken(files.key, "not a private key: " + reason());
  if (X509_check_private_key(out.leaf.get(), out.key.get()) != 1) {
    ERR_clear_error();
    return broken(files.key, "not the key of the certificate in " + files.certificate.string());
  }
  out.names = names_of(out.leaf.get());
  out.not_before = utc_of(X509_get0_notBefore(out.leaf.get()));
  out.not_after = utc_of(X509_get0_notAfter(out.leaf.get()));
  return out;
}

bool stands_for(std::string_view name, std::string_view host) {
  if (!name.starts_with("*.")) return name == host;
  const auto dot = host.find('.');
  return dot != std::string_view::npos && dot > 0 && name.substr(1) == host.substr(dot);
}

}  // namespace sluice::net
