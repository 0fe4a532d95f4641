#include "access/sessions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

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

std::shared_ptr<Session> open(const AdmitRequest& request, SteadyTime now) {
  auto session = std::make_shared<Session>();
  session->id = make_uuid();
  session->name = request.name;
  session->proto = request.proto;
  session->ip = request.ip;
  session->token = request.token;
  session->user_agent = request.user_agent.substr(0, 256);
  session->opened_at = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  session->last_seen = now;
  session->publishes = request.publishes;
  return session;
}

}  // namespace

std::string Sessions::key_of(const AdmitRequest& request) {
  std::string key;
  key.reserve(request.name.size() + request.ip.size() + request.token.size() + request.proto.size() + 3);
  for (const auto part : {request.name, request.ip, request.token, request.proto}) key.append(part).push_back('\n');
  return key;
}

Result<std::shared_ptr<Session>> Sessions::admit_connection(const AdmitRequest& request, SteadyTime now) {
  auto session = open(request, now);
  connections_.push_back(session);
  return session;
}

Result<std::shared_ptr<Session>> Sessions::admit_request(const AdmitRequest& request, SteadyTime now) {
  auto key = key_of(request);
  const auto it = requests_.find(key);
  if (it != requests_.end()) {
    it->second->last_seen = now;
    return it->second;
  }
  if (requests_.size() >= kMostOfRequests) {
    forget(std::ranges::min_element(requests_, {}, [](const auto& entry) { return entry.second->last_seen; }));
  }
  auto session = open(request, now);
  ++counts_[session->name];
  requests_.emplace(std::move(key), session);
  return session;
}

void Sessions::forget(std::unordered_map<std::string, std::shared_ptr<Session>>::iterator it) {
  const auto count = counts_.find(it->second->name);
  if (--count->second == 0) counts_.erase(count);
  requests_.erase(it);
}

void Sessions::tick(SteadyTime now) {
  std::erase_if(connections_, [](const auto& session) { return session.expired(); });
  for (auto it = requests_.begin(); it != requests_.end();) {
    const auto next = std::next(it);
    if (now - it->second->last_seen > kExpiry) forget(it);
    it = next;
  }
}

std::vector<Session> Sessions::list() const {
  std::vector<Session> out;
  for (const auto& weak : connections_) {
    if (const auto session = weak.lock()) out.push_back(*session);
  }
  for (const auto& [key, session] : requests_) out.push_back(*session);
  std::ranges::sort(out, {}, &Session::opened_at);
  return out;
}

std::size_t Sessions::count(std::string_view name) const {
  const auto requests = counts_.find(std::string(name));
  std::size_t sum = requests == counts_.end() ? 0 : requests->second;
  for (const auto& weak : connections_) {
    const auto session = weak.lock();
    if (session && session->name == name) ++sum;
  }
  return sum;
}

}  // namespace sluice::access
