#include "load/report.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace sluice::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Report using_share(double share) {
  Report report;
  report.window = {.length = seconds(10), .own_cpu = milliseconds(static_cast<int>(10'000 * share))};
  return report;
}

TEST(Report, SaysLoadBoundAboveEightTenthsOfItsCore) {
  EXPECT_FALSE(using_share(0.80).load_bound());
  EXPECT_EQ(using_share(0.80).exit_status(), 0);
  EXPECT_TRUE(using_share(0.81).load_bound());
  EXPECT_EQ(using_share(0.81).exit_status(), 3);
  EXPECT_NE(to_text(using_share(0.81)).find("LOAD-BOUND"), std::string::npos);
  EXPECT_EQ(to_text(using_share(0.79)).find("LOAD-BOUND"), std::string::npos);
}

TEST(Report, IsFaultyForWhatIsNotTheLoadsDoing) {
  const auto status = [](auto change) {
    Report report = using_share(0.1);
    change(report);
    return report.exit_status();
  };
  EXPECT_EQ(status([](Report&) {}), 0);
  EXPECT_EQ(status([](Report& r) { r.total.lost = 1; }), 2);
  EXPECT_EQ(status([](Report& r) { r.total.repeated = 1; }), 2);
  EXPECT_EQ(status([](Report& r) { r.total.stalls = 1; }), 2);
  EXPECT_EQ(status([](Report& r) { r.total.dropped = 1; }), 2);
  EXPECT_EQ(status([](Report& r) { r.total.violations = 1; }), 2);
  EXPECT_EQ(status([](Report& r) { r.publishers.count = 1; }), 2);
  EXPECT_EQ(status([](Report& r) { r.total.ended = 1; }), 0);
  EXPECT_EQ(status([](Report& r) { r.total.slow_dropped = 1; }), 0);  // what they are for
  EXPECT_EQ(status([](Report& r) { r.total.stalled_dropped = 1; }), 0);
  Report both = using_share(0.9);
  both.total.lost = 1;
  EXPECT_EQ(both.exit_status(), 3);
}

TEST(Tally, JudgesOrdinaryViewersAndCountsTheBytesOfAll) {
  static const Target target;
  const auto viewer = [](Behaviour behaviour, bool parsed) {
    Viewer one({.target = &target, .behaviour = behaviour, .parsed = parsed});
    one.on_connecting();
    one.on_started();
    one.on_bytes(1000, SteadyTime(seconds(1)));
    one.on_audio();
    return one;
  };
  Tally tally;
  tally.add(viewer(Behaviour::ordinary, true));
  tally.add(viewer(Behaviour::ordinary, false));
  tally.add(viewer(Behaviour::slow, false));
  auto stalled = viewer(Behaviour::stalled, false);
  stalled.on_end(fail(net::Errc::closed));
  tally.add(stalled);

  EXPECT_EQ(tally.viewers, 4u);
  EXPECT_EQ(tally.ordinary, 2u);
  EXPECT_EQ(tally.parsed, 1u);
  EXPECT_EQ(tally.bytes, 4000u);
  EXPECT_EQ(tally.audio_frames, 1u);
  EXPECT_EQ(tally.startup.count(), 2u);
  EXPECT_EQ(tally.stalled_dropped, 1u);
  EXPECT_EQ(tally.dropped, 0u);
  EXPECT_FALSE(tally.faulty());
}

TEST(Report, HasTheSameFiguresAsJson) {
  Report report = using_share(0.25);
  report.total.bytes = 2'000'000'000;
  report.total.lost = 3;
  report.total.delay.add(milliseconds(20));
  report.urls.push_back({.url = "http://h/\"a\".flv", .kind = Kind::http_flv, .tally = report.total});
  report.window.servers_seen = true;
  report.window.server_cpu = seconds(3);
  report.window.server_rss = 50'000'000;

  const auto json = boost::json::parse(to_json(report)).as_object();
  EXPECT_EQ(json.at("load_cpu").as_double(), 0.25);
  EXPECT_EQ(json.at("load_bound").as_bool(), false);
  EXPECT_EQ(json.at("total").at("lost").to_number<int>(), 3);
  EXPECT_EQ(json.at("total").at("delay_us").at("max").to_number<int>(), 20'000);
  EXPECT_EQ(json.at("urls").at(0).at("url").as_string(), "http://h/\"a\".flv");
  EXPECT_EQ(json.at("server").at("cpu_seconds_per_gb").as_double(), 1.5);
  const auto text = to_text(report);
  EXPECT_NE(text.find("1.500 CPU s/GB"), std::string::npos) << text;
  EXPECT_NE(text.find("3 lost"), std::string::npos) << text;
}

TEST(Report, SaysNothingOfAServerItDidNotSee) {
  const Report report = using_share(0.25);
  EXPECT_TRUE(boost::json::parse(to_json(report)).at("server").is_null());
}

}  // namespace
}  // namespace sluice::load
