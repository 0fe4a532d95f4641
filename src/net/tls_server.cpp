#include "net/tls_server.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <algorithm>
#include <string_view>

#include "core/log.hpp"
#include "net/tls_tickets.hpp"

namespace sluice::net {
namespace {

// AES-128 first: 256 bits cost a third more and protect a broadcast no better.
constexpr auto kSuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr auto kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES";
constexpr auto kProtocols = std::to_array<unsigned char>({2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'});
constexpr auto kEndsSoon = std::chrono::days(14);
constexpr auto kWarnEvery = std::chrono::hours(24);

UtcTime utc_now() { return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()); }

using Context = std::shared_ptr<SSL_CTX>;

int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size,
                    void*) {
  auto* selected = const_cast<unsigned char*>(*out);
  if (SSL_select_next_proto(&selected, out_size, kProtocols.data(), kProtocols.size(), in, in_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

Context make_context(const TlsServer::Options& options, TicketKeys& tickets) {
  Context context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (context == nullptr) return nullptr;
  SSL_CTX* c = context.get();
  const TlsVersions& v = options.versions;
  SSL_CTX_set_min_proto_version(c, TLS1_VERSION);
  SSL_CTX_set_options(c, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                             SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF |
                             (v.tls1_0 ? 0 : SSL_OP_NO_TLSv1) | (v.tls1_1 ? 0 : SSL_OP_NO_TLSv1_1) |
                             (v.tls1_2 ? 0 : SSL_OP_NO_TLSv1_2) | (v.tls1_3 ? 0 : SSL_OP_NO_TLSv1_3));
  // Buffers only while something is in them: 13 KB a connection instead of 46. One read fetches what there is.
  SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(c, 1);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);  // tickets do it without memory here
  SSL_CTX_set_num_tickets(c, 1);
  constexpr std::string_view kName = "sluice";
  SSL_CTX_set_session_id_context(c, reinterpret_cast<const unsigned char*>(kName.data()), kName.size());
  SSL_CTX_set_ciphersuites(c, kSuites);
  SSL_CTX_set_cipher_list(c, fmt::format("{}{}", kCiphers, v.old() ? ":@SECLEVEL=0" : "").c_str());
  if (options.http) SSL_CTX_set_alpn_select_cb(c, &select_protocol, nullptr);
  tickets.serve(c);
  return context;
}

}  // namespace

/// A context for each certificate, never changed once it is made.
class TlsServer::Contexts {
 public:
  Contexts(const Options& options, std::shared_ptr<TicketKeys> tickets)
      : options_(options), tickets_(std::move(tickets)) {}
  Contexts(const Contexts&) = delete;

  std::expected<void, std::string> add(Certificate certificate, const std::filesystem::path& file) {
    const auto twin = std::ranges::find(entries_, certificate.names, &Entry::names);
    // The same names with another kind of key (RSA and ECDSA): OpenSSL shows what the client understands.
    const bool joined = twin != entries_.end() && use(*twin->context, certificate, false);
    if (!joined) {
      const Context context = make_context(options_, *tickets_);
      if (context == nullptr || !use(*context, certificate, true)) {
        const char* why = ERR_reason_error_string(ERR_peek_last_error());
        ERR_clear_error();
        return std::unexpected(fmt::format("{}: cannot be used: {}", file.string(), why == nullptr ? "?" : why));
      }
      SSL_CTX_set_tlsext_servername_callback(context.get(), &on_server_name);
      SSL_CTX_set_tlsext_servername_arg(context.get(), this);
      entries_.push_back({certificate.names, context});
    }
    ERR_clear_error();
    certificates_.emplace_back(file, std::move(certificate));
    return {};
  }

  [[nodiscard]] SSL_CTX* first() const { return entries_.front().context.get(); }
  [[nodiscard]] const std::shared_ptr<TicketKeys>& tickets() const { return tickets_; }
  [[nodiscard]] const auto& certificates() const { return certificates_; }

 private:
  struct Entry {
    std::vector<std::string> names;
    Context context;
  };

  static bool use(SSL_CTX& context, const Certificate& certificate, bool replace) {
    STACK_OF(X509)* chain = sk_X509_new_null();
    for (const auto& one : certificate.chain) sk_X509_push(chain, one.get());
    const int ok =
        SSL_CTX_use_cert_and_key(&context, certificate.leaf.get(), certificate.key.get(), chain, replace ? 1 : 0);
    sk_X509_free(chain);
    return ok == 1;
  }

  static int on_server_name(SSL* ssl, int*, void* self) {
    const char* asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (asked == nullptr) return SSL_TLSEXT_ERR_NOACK;
    std::string host(asked);
    for (char& c : host) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    for (const Entry& entry : static_cast<const Contexts*>(self)->entries_) {
      if (std::ranges::none_of(entry.names, [&](const auto& name) { return stands_for(name, host); })) continue;
      SSL_set_SSL_CTX(ssl, entry.context.get());
      return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_NOACK;  // who knows us by another name (an address) may still trust the first
  }

  const Options& options_;
  const std::shared_ptr<TicketKeys> tickets_;
  std::vector<Entry> entries_;
  std::vector<std::pair<std::filesystem::path, Certificate>> certificates_;
};

std::expected<std::shared_ptr<TlsServer>, std::string> TlsServer::create(Options options) {
  std::shared_ptr<TlsServer> made(new TlsServer(std::move(options)));
  if (made->options_.certificates.empty()) return std::unexpected("there is no certificate");
  made->seen_ = made->loaded_ = made->stamps();
  if (auto ok = made->load(); !ok) return std::unexpected(ok.error());
  return made;
}

std::expected<void, std::string> TlsServer::load() {
  auto fresh = std::make_shared<Contexts>(options_, contexts_ ? contexts_->tickets() : std::make_shared<TicketKeys>());
  for (const CertificateFiles& files : options_.certificates) {
    auto certificate = load_certificate(files);
    if (!certificate) return std::unexpected(certificate.error());
    if (auto ok = fresh->add(std::move(*certificate), files.certificate); !ok) return ok;
  }
  const std::lock_guard lock(mutex_);
  contexts_ = std::move(fresh);
  return {};
}

TlsServer::Opened TlsServer::open() const {
  Opened out;
  std::shared_ptr<const Contexts> contexts;
  {
    const std::lock_guard lock(mutex_);
    contexts = contexts_;
  }
  out.ssl = SSL_new(contexts->first());
  out.keep = std::move(contexts);
  return out;
}

std::vector<TlsServer::Stamp> TlsServer::stamps() const {
  std::vector<Stamp> out;
  for (const CertificateFiles& files : options_.certificates) {
    for (const auto* file : {&files.certificate, &files.key, &files.chain}) {
      struct ::stat st{};
      std::error_code error;
      Stamp stamp{.written_at = std::filesystem::last_write_time(*file, error)};
      if (::stat(file->c_str(), &st) == 0) {
        stamp.size = static_cast<std::uintmax_t>(st.st_size);
        stamp.inode = st.st_ino;
      }
      out.push_back(stamp);
    }
  }
  return out;
}

void TlsServer::refresh() {
  // Certificate and key are two files and may be in the middle of being replaced: what lies still is read.
  auto now = stamps();
  if (now != loaded_ && now == seen_) {
    loaded_ = now;
    if (const auto ok = load(); !ok) {
      log::error("new certificates cannot be used; those of before stay in force", {{"error", ok.error()}});
    } else {
      log::info("new certificates are in force", {{"file", options_.certificates.front().certificate.string()}});
      warned_at_ = {};
    }
  }
  seen_ = std::move(now);
  warn_of_ends();
}

void TlsServer::warn_of_ends() {
  const auto steady = std::chrono::steady_clock::now();
  if (warned_at_ != std::chrono::steady_clock::time_point{} && steady - warned_at_ < kWarnEvery) return;
  warned_at_ = steady;
  const auto now = utc_now();
  for (const auto& [file, certificate] : contexts_->certificates()) {
    if (const auto fault = certificate.time_fault(now); !fault.empty()) {
      log::warning("clients will refuse a certificate", {{"file", file.string()}, {"error", fault}});
    } else if (now + kEndsSoon >= certificate.not_after) {
      log::warning("a certificate ends within two weeks", {{"file", file.string()}});
    }
  }
}

}  // namespace sluice::net
