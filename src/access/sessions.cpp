#include "access/sessions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <random>
#include <utility>

namespace sluice::access {
namespace {

/// A random UUID, RFC 9562 section 5.4.
std::string make_uuid() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  const std::uint64_t high = (random() & ~std::uint64_t{0xf000}) | 0x4000;
  const std::uint64_t low = (random() & ~(std::uint64_t{3} << 62)) | std::uint64_t{2} << 62;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xffff, high & 0xffff, low >> 48,
                     low & 0xffff'ffff'ffff);
}

std::shared_ptr<Session> open(const AdmitRequest& request) {
  auto session = std::make_shared<Session>();
  session->id = make_uuid();
  session->type = request.type;
  session->name = request.name;
  session->proto = request.proto;
  session->ip = request.ip;
  session->token = request.token;
  session->user_agent = request.user_agent.substr(0, 256);
  session->opened_at = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  return session;
}

}  // namespace

std::map<std::string, std::size_t> count_viewers(std::span<const Audiences> by_shard) {
  Audiences all;
  for (const Audiences& audiences : by_shard) {
    for (const auto& [name, audience] : audiences) {
      Audience& sum = all[name];
      sum.connections += audience.connections;
      sum.requesters.insert(sum.requesters.end(), audience.requesters.begin(), audience.requesters.end());
    }
  }
  std::map<std::string, std::size_t> viewers;
  for (auto& [name, audience] : all) {
    std::ranges::sort(audience.requesters);
    const auto repeated = std::ranges::unique(audience.requesters);
    viewers[name] = audience.connections + audience.requesters.size() - repeated.size();
  }
  return viewers;
}

std::string Sessions::key_of(const AdmitRequest& request) {
  std::string key;
  key.reserve(request.name.size() + request.ip.size() + request.token.size() + request.proto.size() + 4);
  for (const auto part : {request.name, request.ip, request.token, request.proto}) key.append(part).push_back('\n');
  return key;
}

Result<std::shared_ptr<Session>> Sessions::admit_connection(const AdmitRequest& request) {
  auto session = open(request);
  connections_.push_back(session);
  return session;
}

Result<std::shared_ptr<Session>> Sessions::admit_request(const AdmitRequest& request, SteadyTime now) {
  auto key = key_of(request);
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    const auto requester = known->second;
    requester->last_seen = now;
    requesters_.splice(requesters_.end(), requesters_, requester);
    return requester->session;
  }
  key_bytes_ += key.size();
  requesters_.push_back({.key = std::move(key), .session = open(request), .last_seen = now});
  const auto newest = std::prev(requesters_.end());
  by_key_.emplace(newest->key, newest);
  while (requesters_.size() > kMostOfRequests || key_bytes_ > kMostKeyBytes) forget_oldest();
  return newest->session;
}

void Sessions::forget_oldest() {
  const Requester& oldest = requesters_.front();
  key_bytes_ -= oldest.key.size();
  by_key_.erase(oldest.key);
  requesters_.pop_front();
}

void Sessions::tick(SteadyTime now) {
  std::erase_if(connections_, [](const auto& session) { return session.expired(); });
  while (!requesters_.empty() && now - requesters_.front().last_seen > kExpiry) forget_oldest();
}

Audiences Sessions::audiences(SteadyTime now) const {
  Audiences out;
  for (const auto& weak : connections_) {
    const auto session = weak.lock();
    if (session && session->type == SessionType::play) ++out[session->name].connections;
  }
  for (const Requester& requester : requesters_) {
    const Session& session = *requester.session;
    if (session.type != SessionType::play || !session.served_at || now - *session.served_at > kExpiry) continue;
    out[session.name].requesters.push_back(std::hash<std::string>{}(requester.key));
  }
  return out;
}

}  // namespace sluice::access
