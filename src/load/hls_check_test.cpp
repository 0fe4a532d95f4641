// A live stream in this process that keeps all rules, and what the check says where it breaks one.

#include "load/hls_check.hpp"

#include <gtest/gtest.h>

#include <set>

#include "format/m3u8/media_playlist.hpp"
#include "format/mp4/fragment.hpp"
#include "format/mp4/init.hpp"
#include "format/mpegts/sample_media.hpp"
#include "load/test_server.hpp"

namespace sluice::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kFirst = 100;  // Media Sequence Number
constexpr int kParts = 2;    // in a segment
constexpr int kListed = 16;  // segments
constexpr int kWithParts = 15;
constexpr int kBegin = kListed * kParts;  // parts there are when the check comes
constexpr int kEnd = kBegin + 44;
constexpr milliseconds kPart{100};
constexpr milliseconds kPace{5};       // of the parts: faster than life
constexpr milliseconds kLinger{2800};  // before the end is told: what was listed must still be there

struct Mischief {
  std::set<std::string> missing;  ///< files
  std::set<std::string> late;     ///< files that are there only once they are listed
  std::set<std::string> other;    ///< files that have other bytes
  std::set<int> longer;           ///< parts whose media lasts longer than the playlist says
  int hole_before = -1;           ///< the part behind half a second without media
  int forget = -1;                ///< segments below this number are gone when they are listed no more
  int refused = 400;              ///< the status of requests that ask for too much
  bool lingers = false;           ///< for kLinger
};

class LiveServer {
 public:
  LiveServer(Shard& shard, Mischief mischief)
      : mischief_(std::move(mischief)),
        server_(shard, [this](const net::HttpRequest& request) { return answer(request); }) {}

  [[nodiscard]] std::string url() const { return server_.url("/live/index.ll.m3u8"); }
  void stop() { server_.stop(); }

 private:
  static std::string part_name(int part) { return "p" + std::to_string(part) + ".m4s"; }
  static std::string segment_name(int index) { return "s" + std::to_string(kFirst + index) + ".m4s"; }

  m3u8::Segment segment(int index) const {
    m3u8::Segment out{.map_uri = "init.mp4"};
    out.program_date_time = UtcTime(seconds(1'000'000)) + index * kParts * kPart;
    for (int part = index * kParts; part < std::min(n_, (index + 1) * kParts); ++part) {
      out.parts.push_back({.uri = part_name(part), .duration = kPart, .independent = part % kParts == 0});
    }
    if (out.parts.size() == kParts) {
      out.uri = segment_name(index);
      out.duration = kParts * kPart;
    }
    return out;
  }

  m3u8::MediaPlaylist playlist() const {
    m3u8::MediaPlaylist out{.target_duration = 1, .independent_segments = true, .ended = ended_};
    out.server_control = {.can_block_reload = true, .part_hold_back = 3 * kPart};
    out.part_target = kPart;
    const int closed = n_ / kParts;
    const int first = std::max(0, closed - kListed);
    out.media_sequence = static_cast<std::uint64_t>(kFirst + first);
    for (int index = first; index < closed; ++index) {
      out.segments.push_back(segment(index));
      if (index + kWithParts < closed) out.segments.back().parts.clear();
    }
    if (n_ % kParts != 0) out.open = segment(closed);
    if (!ended_) out.preload_hints = {{.uri = part_name(n_)}};
    return out;
  }

  /// Section 6.2.5.2.
  [[nodiscard]] bool has(int msn, std::optional<int> part) const {
    const int next = kFirst + n_ / kParts;
    if (!part) return msn < next;
    if (msn == next) return *part < n_ % kParts;
    return msn < next - 1 || *part < kParts || n_ % kParts > 0;
  }

  Task<net::HttpResponse> answer(const net::HttpRequest& request) {
    const std::string file = request.path.substr(request.path.rfind('/') + 1);
    if (file == "index.ll.m3u8") return answer_playlist(request);
    return answer_file(file);
  }

  Task<net::HttpResponse> answer_playlist(const net::HttpRequest& request) {
    const auto number = [&](std::string_view name) {
      const auto text = request.query_value(name);
      return text ? std::optional(std::stoi(std::string(*text))) : std::nullopt;
    };
    const auto msn = number("_HLS_msn");
    const auto part = number("_HLS_part");
    const int next = kFirst + n_ / kParts;
    if ((part && !msn) || (msn && (*msn > next + 1 || (*msn == next && part > 100)))) {
      if (mischief_.refused != 200) co_return net::HttpResponse::text(mischief_.refused, "no");
    } else {
      while (msn && !has(*msn, part) && !ended_) co_await go_on();
    }
    net::HttpResponse response;
    response.body = Body::of(bytes_of(m3u8::write(playlist()).text));
    co_return response;
  }

  Task<void> go_on() {
    co_await sleep_for(n_ == kEnd && mischief_.lingers ? kLinger : kPace);
    if (n_ == kEnd) {
      ended_ = true;
    } else {
      ++n_;
    }
  }

  Task<net::HttpResponse> answer_file(std::string file) {
    net::HttpResponse response;
    if (mischief_.missing.contains(file) || (mischief_.late.contains(file) && file == part_name(n_))) {
      co_return net::HttpResponse::text(404, "no");
    }
    const int number = file[0] == 'i' ? 0 : std::stoi(file.substr(1));
    Bytes body;
    if (file[0] == 'i') {
      const auto track = mpegts::sample::h264();
      body = mp4::write_init(std::array{mp4::InitTrack{.track_id = 1, .track = track}});
    } else if (file[0] == 'p') {
      body = part(number);
    } else if (number < mischief_.forget && number < kFirst + n_ / kParts - kListed - 2) {
      co_return net::HttpResponse::text(404, "no");
    } else {
      for (int i = 0; i < kParts; ++i) {
        const Bytes one = part((number - kFirst) * kParts + i);
        body.insert(body.end(), one.begin(), one.end());
      }
    }
    if (mischief_.other.contains(file)) body.back() ^= std::byte{1};
    response.body = Body::of(std::move(body));
    co_return response;
  }

  [[nodiscard]] Bytes part(int number) const {
    const bool behind_hole = mischief_.hole_before >= 0 && number >= mischief_.hole_before;
    const mp4::Sample sample{.duration = mischief_.longer.contains(number) ? 10'800u : 9'000u, .size = 4};
    Bytes out;
    ByteWriter writer(out);
    mp4::write_fragment_header(writer,
                               {.track_id = 1,
                                .sequence_number = static_cast<std::uint32_t>(number + 1),
                                .base_decode_time = number * 9'000 + (behind_hole ? 45'000 : 0)},
                               std::span(&sample, 1));
    writer.be32(static_cast<std::uint32_t>(number));
    return out;
  }

  static Bytes bytes_of(std::string_view text) {
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
  }

  const Mischief mischief_;
  int n_ = kBegin;
  bool ended_ = false;
  TestServer server_;
};

struct Outcome {
  std::vector<std::string> faults;
  CheckCounts counts;
};

Task<void> run_check(HlsCheck& check, LiveServer& server, Shards& shards) {
  co_await check.run();
  server.stop();
  shards.stop();
}

Outcome check(Mischief mischief, std::string_view query = "") {
  Shards shards(1);
  LiveServer server(shards[0], std::move(mischief));
  auto target = parse_target(server.url() + std::string(query)).value();
  EXPECT_TRUE(resolve(target));
  HlsCheck checked({.target = std::move(target)});
  TaskScope scope;
  shards[0].post([&] { scope.spawn(run_check(checked, server, shards)); });
  shards.run();
  return {checked.faults(), checked.counts()};
}

/// The one fault that is found, without the playlist that has it.
std::string fault(Mischief mischief) {
  const auto found = check(std::move(mischief)).faults;
  if (found.size() != 1) return testing::PrintToString(found);
  return found[0].substr(found[0].find(": ") + 2);
}

TEST(HlsCheck, HasNothingAgainstAGoodStream) {
  for (const auto* query : {"", "?token=x"}) {
    const auto [faults, counts] = check({.lingers = true}, query);
    EXPECT_EQ(faults, std::vector<std::string>());
    EXPECT_EQ(counts.playlists, 1u);
    EXPECT_GE(counts.reloads, static_cast<std::uint64_t>(kEnd - kBegin));
    EXPECT_EQ(counts.segments, static_cast<std::uint64_t>(kEnd / kParts));
    EXPECT_EQ(counts.parts, static_cast<std::uint64_t>(kEnd - (kListed - kWithParts) * kParts));
    EXPECT_GT(counts.unlisted, 20u);
  }
}

TEST(HlsCheck, FindsWhatIsListedAndNotThere) {
  EXPECT_EQ(fault({.missing = {"s130.m4s"}}), "listed_available (6.2.1, MUST): status 404 with 2 bytes for s130.m4s");
  EXPECT_EQ(fault({.missing = {"p20.m4s"}}), "listed_available (6.2.1, MUST): status 404 with 2 bytes for p20.m4s");
  EXPECT_EQ(fault({.missing = {"init.mp4"}}), "listed_available (6.2.1, MUST): status 404 with 2 bytes for init.mp4");
}

TEST(HlsCheck, FindsWhatIsHintedAndRefused) {
  EXPECT_EQ(fault({.late = {"p60.m4s"}}), "hint_available (6.2.6, MUST): status 404 for p60.m4s");
}

TEST(HlsCheck, FindsWhatIsForgottenTooEarly) {
  EXPECT_EQ(fault({.forget = kFirst + 1, .lingers = true}),
            "removed_available (6.2.2, MUST): status 404 with 2 bytes for s100.m4s");
}

TEST(HlsCheck, FindsASegmentThatIsNotItsParts) {
  EXPECT_EQ(fault({.other = {"s130.m4s"}}),
            "parts_make_segment (3.2, MUST): segment 130 has 264 bytes, other than the 264 of its parts");
}

TEST(HlsCheck, FindsMediaThatIsNotWhatIsListed) {
  const auto longer = check({.longer = {60}}).faults;
  ASSERT_EQ(longer.size(), 2u) << testing::PrintToString(longer);
  EXPECT_TRUE(longer[0].contains("duration_is_media (4.4.4.1, SHOULD): part p60.m4s of segment 130 lasts 0.120 s"));
  EXPECT_TRUE(longer[1].contains("media_continuous (3, MUST): part p61.m4s of segment 130 begins -0.020 s"));
  EXPECT_EQ(fault({.hole_before = 60}),
            "media_continuous (3, MUST): part p60.m4s of segment 130 begins 0.500 s behind the end of what was before");
}

TEST(HlsCheck, FindsRequestsThatShouldBeRefused) {
  const auto found = check({.refused = 200}).faults;
  ASSERT_EQ(found.size(), 4u) << testing::PrintToString(found);
  EXPECT_TRUE(found[0].contains("part_without_msn_refused (6.2.5.2, MUST): _HLS_part=0"));
  EXPECT_TRUE(found[1].contains("far_future_refused (6.2.5.2, SHOULD): _HLS_msn="));
  EXPECT_TRUE(found[3].contains("blocking_reload_answered (6.2.5.2, MUST): _HLS_msn=")) << "a part in the far future";
}

TEST(HlsCheck, SaysWhyItCouldNotBegin) {
  Shards shards(1);
  auto target = parse_target("http://127.0.0.1:1/live/index.m3u8").value();
  EXPECT_TRUE(resolve(target));
  HlsCheck checked({.target = std::move(target)});
  TaskScope scope;
  shards[0].post([&] {
    scope.spawn([](HlsCheck& check, Shards& all) -> Task<void> {
      co_await check.run();
      all.stop();
    }(checked, shards));
  });
  shards.run();
  EXPECT_EQ(checked.faults().size(), 1u);
  EXPECT_EQ(checked.counts().playlists, 0u);
}

}  // namespace
}  // namespace sluice::load
