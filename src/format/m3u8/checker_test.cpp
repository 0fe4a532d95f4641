#include "format/m3u8/checker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "format/m3u8/live_fixture.hpp"

namespace sluice::m3u8 {
namespace {

using namespace std::chrono_literals;
using test::live;

std::set<Rule> rules_of(std::span<const Violation> violations) {
  std::set<Rule> out;
  for (const auto& violation : violations) out.insert(violation.rule);
  return out;
}

std::string told(const Checker& checker) {
  std::string out;
  for (const auto& violation : checker.violations()) out += to_string(violation) + "\n";
  return out;
}

/// A fault in the stream of live_fixture: what breaks in answer `n`, and which rules that breaks.
struct Fault {
  std::string name;
  std::set<Rule> rules;
  std::function<void(MediaPlaylist&, int)> spoil;
  std::function<void(std::string&, int)> spoil_text = nullptr;
  std::function<void(Exchange&, int)> spoil_exchange = nullptr;
  CheckerOptions options{.low_latency = true};
};

constexpr int kFirst = 40;  // parts: a playlist of ten segments
constexpr int kLast = 80;

void follow(Checker& checker, const Fault& fault) {
  for (int n = kFirst; n <= kLast; ++n) {
    auto playlist = live(n);
    if (fault.spoil) fault.spoil(playlist, n);
    auto exchange = test::reload(n);
    auto text = write(playlist).text;
    if (fault.spoil_text) fault.spoil_text(text, n);
    exchange.text = text;
    if (fault.spoil_exchange) fault.spoil_exchange(exchange, n);
    checker.on_answer(exchange);
  }
}

void replace(std::string& text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
}

/// Drops the line that begins with `tag`.
void drop_line(std::string& text, std::string_view tag) {
  const auto at = text.find(tag);
  ASSERT_NE(at, std::string::npos) << tag;
  text.erase(at, text.find('\n', at) + 1 - at);
}

Segment* segment_of(MediaPlaylist& playlist, std::uint64_t msn) {
  const auto index = msn - playlist.media_sequence;
  return index < playlist.segments.size() ? &playlist.segments[index] : nullptr;
}

const std::vector<Fault> kPlaylistFaults = {
    {"html instead of a playlist",
     {Rule::syntax, Rule::part_in_time},
     {},
     [](std::string& t, int n) {
       if (n == 60) t = "<html>";
     }},
    {"delta update of segments never shown",
     {Rule::syntax, Rule::part_in_time},
     {},
     [](std::string& t, int n) {
       if (n == 60) replace(t, "#EXT-X-MAP", "#EXT-X-SKIP:SKIPPED-SEGMENTS=90\n#EXT-X-MAP");
     }},
    {"version too low",
     {Rule::version_sufficient},
     {},
     [](std::string& t, int) { replace(t, "VERSION:6", "VERSION:5"); }},
    {"version too high",
     {Rule::version_not_above},
     {},
     [](std::string& t, int) { replace(t, "VERSION:6", "VERSION:7"); }},
    {"segment longer than the target",
     {Rule::segment_within_target, Rule::parts_make_segment, Rule::date_time_continuous},
     [](MediaPlaylist& p, int) {
       if (auto* s = segment_of(p, 115)) s->duration = 5500ms;
     }},
    {"parts without PART-INF", {Rule::part_inf_present}, [](MediaPlaylist& p, int) { p.part_target = {}; }},
    {"no PART-HOLD-BACK",
     {Rule::part_hold_back_present},
     [](MediaPlaylist& p, int) { p.server_control->part_hold_back = {}; }},
    {"PART-HOLD-BACK below 2",
     {Rule::part_hold_back_minimum},
     [](MediaPlaylist& p, int) { p.server_control->part_hold_back = 2003ms; }},
    {"PART-HOLD-BACK below 3",
     {Rule::part_hold_back_recommended},
     [](MediaPlaylist& p, int) { p.server_control->part_hold_back = 3005ms; }},
    {"HOLD-BACK below 3",
     {Rule::hold_back_minimum},
     [](MediaPlaylist& p, int) { p.server_control->hold_back = 14999ms; }},
    {"CAN-SKIP-UNTIL below 6",
     {Rule::skip_boundary_minimum},
     [](MediaPlaylist& p, int) { p.server_control->can_skip_until = 29s; }},
    {"part longer than PART-TARGET", {Rule::part_within_target}, [](MediaPlaylist& p, int) { p.part_target = 999ms; }},
    {"part shorter than 85 %",
     {Rule::part_not_short, Rule::parts_make_segment},
     [](MediaPlaylist& p, int) {
       for (auto* s : {segment_of(p, 115), p.open ? &*p.open : nullptr}) {
         if (s != nullptr && s->parts.size() > 2 && s->parts[2].uri == "s115.2.m4s") s->parts[2].duration = 851ms;
       }
     }},
    {"parts far behind the edge",
     {Rule::parts_near_edge},
     [](MediaPlaylist& p, int n) {
       for (int i = 5; i < 100; ++i) {
         if (auto* s = segment_of(p, test::kFirstMsn + i)) *s = test::live_segment(i, n);
       }
     }},
    {"hint behind the end",
     {Rule::no_hint_after_end},
     {},
     [](std::string& t, int n) {
       if (n == kLast) t += "#EXT-X-ENDLIST\n";
     }},
    {"two hints",
     {Rule::one_hint_of_a_type},
     [](MediaPlaylist& p, int) { p.preload_hints.push_back({.uri = "later.m4s"}); }},
    {"discontinuity without a date",
     {Rule::date_time_after_discontinuity},
     [](MediaPlaylist& p, int) {
       if (auto* s = segment_of(p, 105)) s->discontinuity = true, s->program_date_time.reset();
       if (p.media_sequence > 105) p.discontinuity_sequence = 1;
     }},
    {"date off by 60 ms",
     {Rule::date_time_continuous},
     [](MediaPlaylist& p, int) {
       for (auto& s : p.segments)
         if (s.uri >= "s105") *s.program_date_time += 60ms;
       if (p.open) *p.open->program_date_time += 60ms;
     }},
    {"dates overlap by a second",
     {Rule::date_time_continuous},
     [](MediaPlaylist& p, int) {
       for (auto& s : p.segments)
         if (s.uri >= "s105") *s.program_date_time -= 1s;
       if (p.open) *p.open->program_date_time -= 1s;
       if (auto* s = segment_of(p, 105)) s->discontinuity = true;
       if (p.media_sequence > 105) p.discontinuity_sequence = 1;
     }},
    {"map changes in mid-stream",
     {Rule::map_change_is_discontinuity},
     [](MediaPlaylist& p, int) {
       for (auto& s : p.segments)
         if (s.uri >= "s105") s.map_uri = "b.mp4";
       if (p.open) p.open->map_uri = "b.mp4";
     }},
    {"absolute rendition report",
     {Rule::report_uri_relative},
     [](MediaPlaylist& p, int) { p.rendition_reports[0].uri = "http://a/b.m3u8"; }},
    {"no dates",
     {Rule::date_time_present},
     [](MediaPlaylist& p, int) {
       for (auto& s : p.segments) s.program_date_time.reset();
       if (p.open) p.open->program_date_time.reset();
     }},
    {"no CAN-BLOCK-RELOAD",
     {Rule::blocking_reload_offered},
     [](MediaPlaylist& p, int) { p.server_control->can_block_reload = false; }},
    {"no hint", {Rule::hint_present}, [](MediaPlaylist& p, int) { p.preload_hints.clear(); }},
};

const std::vector<Fault> kReloadFaults = {
    {"target duration changes",
     {Rule::target_duration_constant},
     [](MediaPlaylist& p, int n) {
       if (n > 60) p.target_duration = 4;
     }},
    {"PART-TARGET changes",
     {Rule::part_target_constant},
     [](MediaPlaylist& p, int n) {
       if (n > 60) p.part_target = 1001ms;
     }},
    {"server control changes",
     {Rule::server_control_constant},
     [](MediaPlaylist& p, int n) {
       if (n > 60) p.server_control->hold_back = 16s;
     }},
    {"type appears",
     {Rule::type_constant, Rule::live_has_no_type},
     [](MediaPlaylist& p, int n) {
       if (n > 60) p.type = PlaylistType::event;
     }},
    {"event loses segments", {Rule::live_has_no_type}, [](MediaPlaylist& p, int) { p.type = PlaylistType::event; }},
    {"an older playlist comes",
     {Rule::media_sequence_monotonic, Rule::edge_monotonic, Rule::part_removed_in_order,
      Rule::blocking_reload_answered},
     [](MediaPlaylist& p, int n) {
       if (n == kLast) p = live(40);
     }},
    {"the end goes back",
     {Rule::edge_monotonic, Rule::blocking_reload_answered},
     [](MediaPlaylist& p, int n) {
       if (n == kLast) p = live(76);
     }},
    {"too few segments left",
     {Rule::live_window_minimum},
     [](MediaPlaylist& p, int) {
       while (p.segments.size() > 3) p.segments.erase(p.segments.begin()), ++p.media_sequence;
     }},
    {"a segment gets another URI",
     {Rule::segment_constant},
     [](MediaPlaylist& p, int n) {
       if (auto* s = segment_of(p, 108); s != nullptr && n > 60) s->uri = "other";
     }},
    {"a segment gets another duration",
     {Rule::segment_constant},
     [](MediaPlaylist& p, int n) {
       if (auto* s = segment_of(p, 108); s != nullptr && n > 60) s->duration += 1ms;
     }},
    {"a segment gets another date",
     {Rule::segment_constant},
     [](MediaPlaylist& p, int n) {
       if (auto* s = segment_of(p, 108); s != nullptr && n > 60) *s->program_date_time += 1ms;
     }},
    {"a segment becomes a gap",
     {Rule::segment_constant},
     [](MediaPlaylist& p, int n) {
       if (auto* s = segment_of(p, 108); s != nullptr && n > 60) s->gap = true;
     }},
    {"numbers shift by one",
     {Rule::segment_constant},
     [](MediaPlaylist& p, int n) {
       if (n > 60)
         for (auto& s : p.segments) s.parts.clear();
       if (n == 61) ++p.media_sequence;
       if (n > 61) p.segments.clear();
       if (n > 60) p.open.reset(), p.preload_hints.clear();
     },
     {},
     [](Exchange& e, int n) {
       e.msn.reset(), e.part.reset();
       if (n > 61) e.status = 404;
     },
     {.delivery_tolerance = 100s}},
    {"discontinuity is forgotten",
     {Rule::discontinuity_sequence_constant},
     [](MediaPlaylist& p, int) {
       if (auto* s = segment_of(p, 104)) s->discontinuity = true;
     }},
    {"no DISCONTINUITY-SEQUENCE",
     {Rule::discontinuity_sequence_present},
     [](MediaPlaylist& p, int) {
       if (auto* s = segment_of(p, 109)) s->discontinuity = true;
     },
     [](std::string& t, int) { drop_line(t, "#EXT-X-DISCONTINUITY-SEQUENCE"); }},
    {"a part gets another URI",
     {Rule::part_constant},
     [](MediaPlaylist& p, int n) {
       if (auto* s = segment_of(p, 114); s != nullptr && n > 61 && !s->parts.empty()) s->parts.back().uri = "other";
     }},
    {"a part loses its flag",
     {Rule::part_constant},
     [](MediaPlaylist& p, int n) {
       if (auto* s = segment_of(p, 114); s != nullptr && n > 61 && !s->parts.empty())
         s->parts.front().independent = false;
     }},
    {"newer parts go first",
     {Rule::part_removed_in_order},
     [](MediaPlaylist& p, int n) {
       if (auto* s = segment_of(p, 114); s != nullptr && n >= 61) s->parts.clear();
     }},
    {"parts come back",
     {Rule::part_removed_in_order},
     [](MediaPlaylist& p, int n) {
       if (n == 61)
         for (auto& s : p.segments) s.parts.clear();
     }},
    {"open segment loses a part",
     {Rule::part_removed_in_order, Rule::hint_becomes_next_part, Rule::blocking_reload_answered},
     [](MediaPlaylist& p, int n) {
       if (n == 63) p.open->parts.erase(p.open->parts.begin(), p.open->parts.begin() + 2);
     }},
    {"parts do not make the segment",
     {Rule::parts_make_segment, Rule::date_time_continuous},
     [](MediaPlaylist& p, int) {
       if (auto* s = segment_of(p, 115)) s->duration += 100ms;
     }},
    {"first part not independent",
     {Rule::first_part_independent},
     [](MediaPlaylist& p, int) {
       if (p.open) p.open->parts[0].independent = false;
       for (auto& s : p.segments)
         if (!s.parts.empty()) s.parts[0].independent = false;
     }},
    {"hint was wrong",
     {Rule::hint_becomes_next_part},
     [](MediaPlaylist& p, int n) {
       if (n == 61) p.preload_hints[0].uri = "other.m4s";
     }},
    {"hint of the next segment was wrong",
     {Rule::hint_becomes_next_part},
     [](MediaPlaylist& p, int n) {
       if (n == 64) p.preload_hints[0].uri = "other.m4s";
     }},
    {"stream goes on behind its end",
     {Rule::end_is_final, Rule::part_in_time},
     [](MediaPlaylist& p, int n) {
       if (n == 60) p.ended = true, p.open.reset(), p.preload_hints.clear();
     }},
    {"segment comes late",
     {Rule::segment_in_time, Rule::part_in_time},
     {},
     {},
     [](Exchange& e, int n) {
       if (n >= 60) e.answered += 6s;
       if (n > 60) e.requested += 6s;
     }},
    {"part comes late",
     {Rule::part_in_time},
     {},
     {},
     [](Exchange& e, int n) {
       if (n >= 62) e.answered += 300ms;
       if (n > 62) e.requested += 300ms;
     }},
};

const std::vector<Fault> kDirectiveFaults = {
    {"answered before the part is there",
     {Rule::blocking_reload_answered},
     {},
     {},
     [](Exchange& e, int n) {
       if (n == 62) ++*e.part;
     }},
    {"answered before the segment is there",
     {Rule::blocking_reload_answered},
     {},
     {},
     [](Exchange& e, int n) {
       if (n == 62) e.part.reset();
     }},
    {"refused though near",
     {Rule::blocking_reload_answered, Rule::part_in_time},
     {},
     {},
     [](Exchange& e, int n) {
       if (n == 62) e.status = 404;
     }},
    {"held too long",
     {Rule::blocking_reload_given_up, Rule::part_in_time, Rule::segment_in_time},
     {},
     {},
     [](Exchange& e, int n) {
       if (n >= 62) e.answered += 16s;
       if (n > 62) e.requested += 16s;
     }},
    {"_HLS_part alone is served",
     {Rule::part_without_msn_refused},
     {},
     {},
     [](Exchange& e, int n) {
       if (n == 62) e.msn.reset(), e.requested = e.answered;
     }},
    {"the far future is served",
     {Rule::far_future_refused, Rule::blocking_reload_answered},
     {},
     {},
     [](Exchange& e, int n) {
       if (n == 62) e.msn = 120;
     }},
    {"_HLS_skip without effect", {Rule::delta_update_given}, {}, {}, [](Exchange& e, int n) { e.skip = n > 62; }},
    {"skipped without asking",
     {Rule::delta_update_only_on_request},
     {},
     [](std::string& t, int n) {
       if (n > 62) t = write_delta(live(n)).text;
     }},
    {"skipped within the boundary",
     {Rule::skip_boundary_respected},
     {},
     [](std::string& t, int n) {
       auto playlist = live(n);
       playlist.server_control->can_skip_until = 25s;
       if (n > 62) t = write_delta(playlist).text, replace(t, "CAN-SKIP-UNTIL=25.000", "CAN-SKIP-UNTIL=30.000");
     },
     [](Exchange& e, int n) { e.skip = n > 62; }},
};

void expect_each(const std::vector<Fault>& faults) {
  for (const auto& fault : faults) {
    Checker checker(fault.options);
    follow(checker, fault);
    EXPECT_EQ(rules_of(checker.violations()), fault.rules) << fault.name << "\n" << told(checker);
  }
}

TEST(Checker, FindsFaultsInOnePlaylist) { expect_each(kPlaylistFaults); }
TEST(Checker, FindsFaultsAcrossReloads) { expect_each(kReloadFaults); }
TEST(Checker, FindsFaultsInAnswersToDirectives) { expect_each(kDirectiveFaults); }

TEST(Checker, HasNothingAgainstAGoodStream) {
  Checker checker({.low_latency = true});
  for (int n = 1; n <= 1200; ++n) {
    auto exchange = test::reload(n);
    exchange.skip = n % 7 != 0;
    const auto text = (exchange.skip ? write_delta(live(n)) : write(live(n))).text;
    exchange.text = text;
    EXPECT_TRUE(checker.on_answer(exchange).empty()) << told(checker);
  }
  EXPECT_EQ(checker.reloads(), 1200u);
  ASSERT_NE(checker.playlist(), nullptr);
  EXPECT_EQ(checker.playlist()->segments.size(), 12u) << "delta updates are merged";
}

TEST(Checker, HasNothingAgainstAGoodStreamThatIsPolled) {
  for (const int every : {1, 2, 3, 5, 9, 17}) {
    Checker checker({.low_latency = true});
    for (int n = 1; n <= 400; n += every) {
      const auto text = write(live(n)).text;
      checker.on_answer({.requested = test::time_of(n), .answered = test::time_of(n) + 20ms, .text = text});
    }
    EXPECT_TRUE(checker.violations().empty()) << every << "\n" << told(checker);
  }
}

template <class F>
void for_each_segment(MediaPlaylist& playlist, F f) {
  for (auto& segment : playlist.segments) f(segment);
  if (playlist.open) f(*playlist.open);
}

/// What looks like a fault and is none.
const std::vector<Fault> kAllowed = {
    {"independent and final parts may be short",
     {},
     [](MediaPlaylist& p, int) {
       for_each_segment(p, [](Segment& s) {
         for (auto& part : s.parts) {
           if (part.independent || part.uri.contains(".3.")) part.duration = 500ms;
         }
         if (!s.uri.empty()) s.duration = 3s;
       });
     },
     {},
     {},
     {.date_time_tolerance = 1000s}},
    {"a gap part, and the part before it, may be short",
     {},
     [](MediaPlaylist& p, int) {
       for_each_segment(p, [](Segment& s) {
         if (s.parts.size() > 1) s.parts[1].duration = 100ms;
         if (s.parts.size() > 2) s.parts[2].duration = 100ms, s.parts[2].gap = true;
         if (s.parts.size() == 2) s.parts[1].duration = 100ms;
       });
     }},
    {"another run: discontinuity, later date, other map, unhinted part",
     {},
     [](MediaPlaylist& p, int n) {
       for_each_segment(p, [&](Segment& s) {
         if (*s.program_date_time < test::kStart + 60s) return;
         s.discontinuity = *s.program_date_time == test::kStart + 60s;
         *s.program_date_time += 100s;
         s.map_uri = "second.mp4";
       });
       if (n == 60) p.preload_hints[0].uri = "never-came.m4s";
     }},
    {"a date may overlap a little behind a discontinuity",
     {},
     [](MediaPlaylist& p, int) {
       for_each_segment(p, [](Segment& s) {
         if (*s.program_date_time < test::kStart + 60s) return;
         s.discontinuity = *s.program_date_time == test::kStart + 60s;
         *s.program_date_time -= 900ms;
       });
     }},
    {"_HLS_msn alone, for the segment that the answer closes",
     {},
     {},
     {},
     [](Exchange& e, int n) {
       if (n == 64) e.part.reset();
     }},
    {"_HLS_msn alone, whose answer waits while parts come",
     {},
     {},
     {},
     [](Exchange& e, int n) {
       if (n < 61 || n > 64) return;
       e.part.reset();
       if (n == 64) e.requested = test::time_of(60);
       if (n < 64) e.msn.reset(), e.status = 404;
     }},
    {"_HLS_part beyond the last is the next segment's first",
     {},
     {},
     {},
     [](Exchange& e, int n) {
       if (n == 65) --*e.msn, e.part = 4;
     }},
    {"503 after three target durations",
     {},
     {},
     {},
     [](Exchange& e, int n) {
       if (n == 62) e.status = 503, e.answered += 15s;
     },
     {.delivery_tolerance = 100s}},
    {"404 for the far future",
     {},
     {},
     {},
     [](Exchange& e, int n) {
       if (n == 62) e.status = 400, e.msn = 200;
     },
     {.delivery_tolerance = 1s}},
    {"400 for _HLS_part alone",
     {},
     {},
     {},
     [](Exchange& e, int n) {
       if (n == 62) e.status = 400, e.msn.reset();
     },
     {.delivery_tolerance = 1s}},
    {"a stream that ends",
     {},
     [](MediaPlaylist& p, int n) {
       if (n >= 60) p = live(60), p.ended = true, p.preload_hints.clear();
     }},
    {"a source that pauses, where that is known",
     {},
     [](MediaPlaylist& p, int) {
       for_each_segment(p, [](Segment& s) { s.discontinuity = *s.program_date_time == test::kStart + 60s; });
     },
     {},
     [](Exchange& e, int n) {
       if (n > 60) e.requested += 20s, e.answered += 20s;
       if (n == 61) e.requested -= 12s;
     },
     {.source_may_pause = true}},
};

TEST(Checker, KnowsWhatIsAllowed) { expect_each(kAllowed); }

TEST(Checker, TellsEachFaultOnce) {
  Checker checker;
  const auto text = write(live(50)).text + "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"x\"\n";
  const Exchange exchange{.requested = test::time_of(50), .answered = test::time_of(50), .text = text};
  EXPECT_EQ(checker.on_answer(exchange).size(), 1u);
  EXPECT_EQ(checker.on_answer(exchange).size(), 0u);
  ASSERT_EQ(checker.violations().size(), 1u);
  EXPECT_EQ(to_string(checker.violations()[0]), "answer 1: one_hint_of_a_type (6.2.6, SHOULD): 2 hints");
}

TEST(Checker, EveryRuleOfAPlaylistHasAFault) {
  std::set<Rule> provoked;
  for (const auto* faults : {&kPlaylistFaults, &kReloadFaults, &kDirectiveFaults}) {
    for (const auto& fault : *faults) provoked.insert(fault.rules.begin(), fault.rules.end());
  }
  for (const auto& rule : rules()) {
    if (rule.rule < Rule::same_target_duration) EXPECT_TRUE(provoked.contains(rule.rule)) << rule.name;
  }
}

}  // namespace
}  // namespace sluice::m3u8
