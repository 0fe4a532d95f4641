#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "load/report.hpp"

namespace sluice::load {
namespace {

namespace json = boost::json;

json::string text(std::string_view in) { return json::string(in.data(), in.size()); }
double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

/// Values in the unit of the histogram: the name of the member says which.
json::object spread(const Histogram& h) {
  return {{"count", h.count()}, {"p50", h.percentile(0.5)}, {"p99", h.percentile(0.99)}, {"max", h.max()}};
}

json::object tally(const Tally& t) {
  json::array violations;
  for (const auto& one : t.violation_texts) violations.push_back(text(one));
  return {{"viewers", t.viewers},
          {"ordinary", t.ordinary},
          {"parsed", t.parsed},
          {"unreachable", t.unreachable},
          {"refused", t.refused},
          {"dropped", t.dropped},
          {"unreadable", t.unreadable},
          {"ended", t.ended},
          {"not_started", t.not_started},
          {"slow_dropped", t.slow_dropped},
          {"stalled_dropped", t.stalled_dropped},
          {"bytes", t.bytes},
          {"video_frames", t.video_frames},
          {"audio_frames", t.audio_frames},
          {"lost", t.lost},
          {"repeated", t.repeated},
          {"damage", t.damage},
          {"stalls", t.stalls},
          {"http_errors", t.http_errors},
          {"violations", t.violations},
          {"violation_texts", std::move(violations)},
          {"bytes_each", spread(t.bytes_each)},
          {"gap_us", spread(t.gap)},
          {"startup_us", spread(t.startup)},
          {"delay_us", spread(t.delay)}};
}

json::object viewer(const Report::OfViewer& v) {
  return {{"url", text(v.url)},
          {"outcome", text(v.outcome)},
          {"bytes", v.counts.bytes},
          {"video_frames", v.counts.video_frames},
          {"audio_frames", v.counts.audio_frames},
          {"lost", v.lost},
          {"repeated", v.repeated},
          {"stalls", v.counts.stalls},
          {"longest_gap_us", v.counts.longest_gap.count()},
          {"startup_us", v.startup ? json::value(*v.startup) : json::value(nullptr)},
          {"delay_us", spread(v.delay)}};
}

json::object publishers(const Report::OfPublishers& p) {
  return {{"count", p.count},
          {"publishing", p.publishing},
          {"bytes", p.bytes},
          {"video_frames", p.video_frames},
          {"late_us", spread(p.lateness)},
          {"error", text(p.error)}};
}

json::object server(const Report& report) {
  const double gb = static_cast<double>(report.total.bytes) / 1e9;
  const double cpu = seconds(report.window.server_cpu);
  return {{"cpu_seconds", cpu},
          {"cpu_share", cpu / seconds(report.window.length)},
          {"cpu_seconds_per_gb", gb > 0 ? json::value(cpu / gb) : json::value(nullptr)},
          {"rss_bytes", report.window.server_rss}};
}

}  // namespace

std::string to_json(const Report& report) {
  json::array urls;
  for (const auto& url : report.urls) {
    json::object one = tally(url.tally);
    one["url"] = text(url.url);
    one["kind"] = text(to_string(url.kind));
    urls.push_back(std::move(one));
  }
  json::array viewers;
  for (const auto& one : report.parsed) viewers.push_back(viewer(one));
  const json::object out{{"seconds", seconds(report.window.length)},
                         {"load_cpu", report.load_cpu()},
                         {"load_bound", report.load_bound()},
                         {"faulty", report.faulty()},
                         {"total", tally(report.total)},
                         {"urls", std::move(urls)},
                         {"viewers", std::move(viewers)},
                         {"publishers", publishers(report.publishers)},
                         {"server", report.window.servers_seen ? json::value(server(report)) : json::value(nullptr)}};
  return json::serialize(out) + "\n";
}

}  // namespace sluice::load
