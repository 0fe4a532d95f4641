#include "format/mpegts/pids.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "format/mpegts/packet.hpp"

namespace sluice::mpegts {

namespace {

constexpr std::uint16_t kFirstPid = 0x20;  // below are the tables of ISO/IEC 13818-1 and ETSI EN 300 468
constexpr std::uint16_t kDefaultPmt = 0x1000;
constexpr std::uint16_t kDefaultBases[] = {0x100, 0x110, 0x120, 0x130};  // by media::Content

/// Hands out each PID once.
class Pool {
 public:
  /// `pid` if it may be had, else 0.
  std::uint16_t take(std::uint16_t pid, std::uint16_t first = kFirstPid) {
    if (pid < first || pid >= kNullPid || std::ranges::find(taken_, pid) != taken_.end()) return 0;
    taken_.push_back(pid);
    return pid;
  }
  std::uint16_t take_from(std::uint16_t pid) {
    while (take(pid) == 0) pid = pid + 1 < kNullPid ? pid + 1 : kFirstPid;
    return pid;
  }

 private:
  std::vector<std::uint16_t> taken_;
};

/// The number in a track's id: 2 of "a2".
std::uint16_t number_of(const media::Track& track) {
  std::uint16_t number = 0;
  if (!track.id.empty()) std::from_chars(track.id.data() + 1, track.id.data() + track.id.size(), number);
  return number;
}

}  // namespace

Pids assign_pids(const media::Tracks& tracks, const MuxerOptions& options) {
  const auto named = [&](std::string_view name) -> std::uint16_t {
    const auto found = options.pids.find(name);
    return found == options.pids.end() ? 0 : found->second;
  };
  Pool pool;
  Pids pids;
  pids.tracks.resize(tracks.size());
  // What was asked for by name comes before what follows from a base, and that before the defaults.
  pids.pmt = pool.take(named("pmt"));
  pids.sdt = pool.take(named("sdt"), kSdtPid - 1);
  if (pids.sdt == 0) pids.sdt = kSdtPid;
  for (std::size_t i = 0; i < tracks.size(); ++i) pids.tracks[i] = pool.take(named(tracks[i].id));
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    if (pids.tracks[i] != 0 || tracks[i].id.empty()) continue;
    const auto base = named(std::string{tracks[i].id[0], '0'});
    if (base != 0) pids.tracks[i] = pool.take(static_cast<std::uint16_t>(base + number_of(tracks[i])));
  }
  if (pids.pmt == 0) pids.pmt = pool.take_from(kDefaultPmt);
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    if (pids.tracks[i] != 0) continue;
    const auto base = kDefaultBases[static_cast<std::size_t>(tracks[i].content())];
    pids.tracks[i] = pool.take_from(static_cast<std::uint16_t>(base + number_of(tracks[i]) % 0x1000));
  }
  const auto pcr = named("pcr");
  if (std::ranges::find(pids.tracks, pcr) != pids.tracks.end() || pool.take(pcr) != 0) pids.pcr = pcr;
  return pids;
}

}  // namespace sluice::mpegts
