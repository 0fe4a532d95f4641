#include "access/sessions.hpp"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "core/slices.hpp"
#include "core/uuid.hpp"

namespace sluice::access {
namespace {

constexpr std::size_t kMostText = 256;  // of what a peer says of itself

UtcTime utc_now() { return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()); }

/// Nobody can tell the id of somebody else's session from its name and address: there is a secret in it, of the
/// process.
std::string id_of(std::string_view key) {
  static const auto secret = [] {
    std::array<unsigned char, 16> out{};
    RAND_bytes(out.data(), static_cast<int>(out.size()));
    return out;
  }();
  std::string text(reinterpret_cast<const char*>(secret.data()), secret.size());
  text += key;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
  std::array<std::uint64_t, 2> halves{};
  std::memcpy(halves.data(), hash.data(), sizeof halves);
  return uuid_of(halves[0], halves[1], 8);
}

std::string key_of(const AdmitRequest& request) {
  std::string key;
  key.reserve(request.name.size() + request.ip.size() + request.token.size() + request.proto.size() + 4);
  for (const auto part : {request.name, request.ip, request.token, request.proto}) key.append(part).push_back('\n');
  return key;
}

}  // namespace

std::string_view to_string(SessionType type) {
  switch (type) {
    case SessionType::play: return "play";
    case SessionType::publish: return "publish";
    case SessionType::api: return "api";
  }
  return "";
}

Session::~Session() {
  if (sessions_ != nullptr) sessions_->give_up_slot(*this);
}

void Sessions::give_up_slot(Session& session) {
  slots_[session.slot_] = nullptr;
  free_.push_back(session.slot_);
  session.sessions_ = nullptr;
}

Sessions::~Sessions() {
  for (Session* session : slots_) {
    if (session != nullptr) session->sessions_ = nullptr;
  }
}

std::shared_ptr<Session> Sessions::open(const AdmitRequest& request, bool lasts, std::string id) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.push_back(nullptr);
  }
  const auto slot = free_.back();
  free_.pop_back();
  auto session = std::make_shared<Session>(*this, slot,
                                           std::make_shared<const SessionInfo>(SessionInfo{
                                               .id = std::move(id),
                                               .type = request.type,
                                               .lasts = lasts,
                                               .name = std::string(request.name),
                                               .proto = std::string(request.proto),
                                               .ip = std::string(request.ip),
                                               .token = std::string(request.token),
                                               .user_agent = std::string(request.user_agent.substr(0, kMostText)),
                                               .referer = std::string(request.referer.substr(0, kMostText)),
                                               .query_string = std::string(request.query_string.substr(0, kMostText)),
                                               .opened_at = utc_now()}));
  slots_[slot] = session.get();
  return session;
}

Result<std::shared_ptr<Session>> Sessions::admit_connection(const AdmitRequest& request) {
  return open(request, true, make_uuid());
}

Result<std::shared_ptr<Session>> Sessions::admit_request(const AdmitRequest& request, SteadyTime now) {
  auto key = key_of(request);
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    const auto requester = known->second;
    requester->last_seen = now;
    requesters_.splice(requesters_.end(), requesters_, requester);
    return requester->session;
  }
  auto id = id_of(key);
  if (is_closed(id, now)) return fail(Errc::closed);
  key_bytes_ += key.size();
  requesters_.push_back({.key = std::move(key), .session = open(request, false, std::move(id)), .last_seen = now});
  const auto newest = std::prev(requesters_.end());
  by_key_.emplace(newest->key, newest);
  while (requesters_.size() > kMostOfRequests || key_bytes_ > kMostKeyBytes) forget(requesters_.begin());
  return newest->session;
}

void Sessions::forget(std::list<Requester>::iterator requester) {
  key_bytes_ -= requester->key.size();
  by_key_.erase(requester->key);
  give_up_slot(*requester->session);  // a request of it may still be under way
  requesters_.erase(requester);
}

void Sessions::tick(SteadyTime now) {
  while (!requesters_.empty() && now - requesters_.front().last_seen > kExpiry) forget(requesters_.begin());
  while (!closed_.empty() && closed_.front().until <= now) {
    by_closed_id_.erase(closed_.front().id);
    closed_.pop_front();
  }
}

std::optional<SessionStatus> Sessions::at(std::size_t slot, SteadyTime now) const {
  const Session* session = slots_[slot];
  if (session == nullptr || session->info_->type == SessionType::api) return std::nullopt;
  SessionStatus out{.info = session->info_, .bytes = session->bytes, .updated_at = utc_now()};
  if (out.info->lasts) return out;
  if (!session->served_at || now - *session->served_at > kExpiry) return std::nullopt;
  out.updated_at -= std::chrono::duration_cast<std::chrono::microseconds>(now - *session->served_at);
  return out;
}

Task<std::vector<SessionStatus>> Sessions::list() {
  Slices slices;
  std::vector<SessionStatus> out;
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slices.due()) co_await slices.next();
    if (auto session = at(slot, Shard::current().now())) out.push_back(*std::move(session));
  }
  co_return out;
}

bool Sessions::close(std::string_view id, SteadyTime now) {
  const auto found = std::ranges::find_if(
      slots_, [&](const Session* session) { return session != nullptr && session->info_->id == id; });
  if (found == slots_.end()) return false;
  (*found)->closed = true;
  if ((*found)->connection != nullptr) (*found)->connection->shutdown();
  if ((*found)->info_->lasts) return true;
  refuse(id, now);
  const auto requester =
      std::ranges::find_if(requesters_, [&](const Requester& one) { return one.session.get() == *found; });
  if (requester != requesters_.end()) forget(requester);
  return true;
}

void Sessions::refuse(std::string_view id, SteadyTime now) {
  if (const auto known = by_closed_id_.find(id); known != by_closed_id_.end()) {
    const auto entry = known->second;
    by_closed_id_.erase(known);
    closed_.erase(entry);
  }
  closed_.push_back({.id = std::string(id), .until = now + kStaysClosed});
  by_closed_id_.emplace(closed_.back().id, std::prev(closed_.end()));
  if (closed_.size() <= kMostClosed) return;
  by_closed_id_.erase(closed_.front().id);
  closed_.pop_front();
}

bool Sessions::is_closed(std::string_view id, SteadyTime now) const {
  const auto found = by_closed_id_.find(id);
  return found != by_closed_id_.end() && now < found->second->until;
}

void SessionList::add(SessionStatus session) {
  if (!session.info->lasts) {
    const auto [known, fresh] = by_id_.emplace(session.info->id, all_.size());
    if (!fresh) {
      SessionStatus& same = all_[known->second];
      same.bytes += session.bytes;
      same.updated_at = std::max(same.updated_at, session.updated_at);
      return;
    }
  }
  all_.push_back(std::move(session));
}

}  // namespace sluice::access
