#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <deque>
#include <fstream>
#include <functional>

#include "core/shard.hpp"
#include "load/clip_source.hpp"
#include "load/hls_check.hpp"
#include "load/report.hpp"
#include "load/run.hpp"

namespace {

using namespace sluice;

constexpr unsigned kAll = 1'000'000;

/// The command line as it was given.
struct Cli {
  std::vector<std::string> publish;
  std::vector<std::string> play;
  unsigned count = 1;
  std::string file;
  std::string size = "1280x720";
  load::GeneratedClip clip;
  unsigned viewers = 1;
  unsigned slow = 0;
  unsigned stalled = 0;
  double slow_rate = 0;  // bit/s
  std::string parse = "5";
  std::string record;
  double seconds = 30;
  double warmup = 5;
  double ramp = 1;
  double settle = 2;
  std::vector<pid_t> pids;
  std::string json;
  std::vector<std::string> check;
  double check_seconds = 60;
  double tolerance = 0.25;  // seconds
  bool source_pauses = false;
};

void add_publish_options(CLI::App& app, Cli& cli) {
  app.add_option("--file", cli.file, "FLV file to publish in a loop; default: a test picture and a tone");
  app.add_option("--size", cli.size, "WIDTHxHEIGHT of the test picture");
  app.add_option("--fps", cli.clip.fps, "Pictures a second")->check(CLI::Range(0.1, 240.0));
  app.add_option("--bitrate", cli.clip.bitrate, "Bits a second of its video: 2000000 or 2000k")
      ->transform(CLI::AsSizeValue(true))
      ->check(CLI::Range(10'000LL, 200'000'000LL));
  app.add_option("--gop", cli.clip.gop, "Seconds from one keyframe to the next")->check(CLI::Range(0.1, 60.0));
}

void add_play_options(CLI::App& app, Cli& cli) {
  app.add_option("urls", cli.play,
                 "What to play: rtmp://H/APP/KEY, http://H/NAME.flv, http://H/NAME/mpegts, http://H/NAME/index.m3u8, "
                 "http://H/NAME/index.ll.m3u8, tcp://H:PORT; %d is 1 to --count")
      ->required();
  app.add_option("--viewers", cli.viewers, "Viewers, dealt out to the URLs in turn")->check(CLI::Range(1, 100'000));
  app.add_option("--parse", cli.parse, "Viewers of each URL whose media is taken apart frame by frame, or \"all\"")
      ->check(CLI::NonNegativeNumber | CLI::IsMember({"all"}));
  app.add_option("--slow", cli.slow, "Of the viewers, those that read slowly once they have a picture");
  app.add_option("--slow-rate", cli.slow_rate, "Bits a second that these read; 0: a tenth of the others")
      ->transform(CLI::AsSizeValue(true))
      ->check(CLI::NonNegativeNumber);
  app.add_option("--stalled", cli.stalled, "Of the viewers, those that stop reading once they have a picture");
  app.add_option("--record", cli.record, "Folder for what the parsed viewers get; not with many viewers")
      ->check(CLI::ExistingDirectory);
}

void add_common_options(CLI::App& app, Cli& cli) {
  app.add_option("--count", cli.count, "Streams, where a URL has %d")->check(CLI::Range(1, 10'000));
  app.add_option("--seconds", cli.seconds, "Length of the measurement")->check(CLI::Range(0.1, 7 * 86'400.0));
  app.add_option("--warmup", cli.warmup, "Seconds from the last connection to the measurement; 0: measure all")
      ->check(CLI::Range(0.0, 3600.0));
  app.add_option("--ramp", cli.ramp, "Seconds from the first connection to the last")->check(CLI::Range(0.0, 3600.0));
  app.add_option("--pid", cli.pids, "Processes of the server on this machine, to measure what they use")
      ->allow_extra_args(false);
  app.add_option("--json", cli.json, "File for the report as JSON");
}

[[noreturn]] void give_up(std::string_view what, const std::string& why) {
  fmt::print(stderr, "sluice-load: {}: {}\n", what, why);
  std::exit(1);
}

std::vector<load::Target> targets_of(const std::vector<std::string>& urls, unsigned count, bool publish) {
  std::vector<load::Target> out;
  for (const auto& pattern : urls) {
    for (const auto& url : load::expand(pattern, count)) {
      auto target = load::parse_target(url);
      if (!target) give_up(url, target.error().message());
      if (publish && target->kind != load::Kind::rtmp) give_up(url, "publishing is by rtmp://");
      if (auto ok = load::resolve(*target); !ok) give_up(url, ok.error().message());
      out.push_back(std::move(*target));
    }
  }
  return out;
}

load::Clip clip_of(Cli& cli) {
  if (std::sscanf(cli.size.c_str(), "%ux%u", &cli.clip.width, &cli.clip.height) != 2) {
    give_up(cli.size, "a size is WIDTHxHEIGHT");
  }
  const auto flv = cli.file.empty() ? load::generate_clip(cli.clip) : load::read_clip(cli.file);
  const std::string name = cli.file.empty() ? "sluice-fake" : cli.file;
  if (!flv) give_up(name, flv.error().message());
  auto clip = load::Clip::read(*flv);
  if (!clip) give_up(name, clip.error().message());
  return std::move(*clip);
}

std::chrono::nanoseconds nanoseconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
}

load::RunOptions options_of(Cli& cli) {
  load::RunOptions options{.publish = targets_of(cli.publish, cli.count, true),
                           .play = targets_of(cli.play, cli.count, false),
                           .viewers = cli.play.empty() ? 0 : cli.viewers,
                           .slow = cli.slow,
                           .stalled = cli.stalled,
                           .parsed = cli.parse == "all" ? kAll : static_cast<unsigned>(std::stoul(cli.parse)),
                           .slow_rate = cli.slow_rate / 8,
                           .record = cli.record,
                           .settle = nanoseconds(cli.settle),
                           .ramp = nanoseconds(cli.ramp),
                           .warmup = nanoseconds(cli.warmup),
                           .window = nanoseconds(cli.seconds),
                           .servers = cli.pids};
  const bool needs_others = cli.slow > 0 && cli.slow_rate == 0;
  if (cli.slow + cli.stalled > options.viewers) give_up("--slow and --stalled", "more than there are viewers");
  if (needs_others && cli.slow + cli.stalled + options.play.size() > options.viewers) {
    give_up("--slow", "every URL needs an ordinary viewer to tell its rate, or --slow-rate");
  }
  for (const pid_t pid : cli.pids) {
    if (!load::usage_of(pid)) give_up("--pid", fmt::format("there is no process {}", pid));
  }
  if (!options.publish.empty()) options.clip = clip_of(cli);
  return options;
}

/// As many descriptors as the system lets us have: every viewer is one.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Ends what runs early, with its report, when the user or the system asks for it.
class Interrupt final : public IoObserver {
 public:
  Interrupt(Shard& shard, std::function<void()> end) : end_(std::move(end)) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    fd_ = ::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (auto ok = shard.watch(fd_, *this); !ok) give_up("signals", ok.error().message());
  }
  ~Interrupt() { ::close(fd_); }
  void on_io(std::uint32_t events) override {
    if (events & EPOLLIN) end_();
  }

 private:
  std::function<void()> end_;
  int fd_ = -1;
};

Task<void> drive(load::Run& run, Shards& shards) {
  co_await run.run();
  shards.stop();
}

int execute(Cli& cli) {
  load::Run run(options_of(cli));
  raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);
  Shards shards(1);
  TaskScope scope;
  const Interrupt interrupt(shards[0], [&run] { run.end_early(); });
  shards[0].post([&] { scope.spawn(drive(run, shards)); });
  shards.run();

  const auto report = load::make_report(run);
  fmt::print("{}", load::to_text(report));
  if (!cli.json.empty()) {
    std::ofstream file(cli.json);
    file << load::to_json(report);
    if (!file.flush()) give_up(cli.json, "cannot be written");
  }
  return report.exit_status();
}

Task<void> follow_one(load::HlsCheck& check, std::size_t& left, Event& ended) {
  co_await check.run();
  --left;
  ended.notify_all();
}

/// Follows each URL for the time given, or until all of them end.
Task<void> follow(std::deque<load::HlsCheck>& checks, Shards& shards, std::chrono::nanoseconds time) {
  std::size_t left = checks.size();
  Event ended;
  TaskScope scope;
  const auto until = Shard::current().now() + time;
  for (auto& check : checks) scope.spawn(follow_one(check, left, ended));
  while (left > 0 && co_await ended.wait(until)) {
  }
  shards.stop();
}

bool report_of(const load::HlsCheck& check) {
  const auto counts = check.counts();
  const auto faults = check.faults();
  fmt::print("{}\n  looked at    {} playlists, {} reloads, {} segments, {} parts, {} no longer listed\n",
             check.target().url, counts.playlists, counts.reloads, counts.segments, counts.parts, counts.unlisted);
  fmt::print("  faults       {}\n", faults.empty() ? "none" : std::to_string(faults.size()));
  for (const auto& fault : faults) fmt::print("               {}\n", fault);
  return faults.empty();
}

int check(const Cli& cli) {
  std::deque<load::HlsCheck> checks;
  for (auto& target : targets_of(cli.check, 1, false)) {
    if (target.kind != load::Kind::hls) give_up(target.url, "no playlist: checked is HLS");
    checks.emplace_back(load::HlsCheck::Options{
        .target = std::move(target),
        .tolerance = std::chrono::duration_cast<std::chrono::microseconds>(nanoseconds(cli.tolerance)),
        .source_pauses = cli.source_pauses});
  }
  std::signal(SIGPIPE, SIG_IGN);
  Shards shards(1);
  TaskScope scope;
  const Interrupt interrupt(shards[0], [&shards] { shards.stop(); });
  shards[0].post([&] { scope.spawn(follow(checks, shards, nanoseconds(cli.check_seconds))); });
  shards.run();
  int status = 0;
  for (const auto& one : checks) status = report_of(one) ? status : 2;
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  Cli cli;
  CLI::App app(
      "Publishes many streams and plays with many viewers, at the pace of real life, and says what they saw; or checks "
      "one\n"
      "viewer's HLS against the standard.\n"
      "Exit status: 0 all was well, 1 it could not begin, 2 something was wrong, 3 this program was short of CPU.");
  app.require_subcommand(1);
  app.option_defaults()->always_capture_default();

  auto* publish = app.add_subcommand("publish", "Publishes streams by RTMP");
  publish->add_option("urls", cli.publish, "rtmp://H/APP/KEY; %d is 1 to --count")->required();
  add_publish_options(*publish, cli);
  add_common_options(*publish, cli);

  auto* play = app.add_subcommand("play", "Plays streams with many viewers");
  add_play_options(*play, cli);
  add_common_options(*play, cli);

  auto* run = app.add_subcommand("run", "Publishes and plays, both from this one process");
  run->add_option("--publish", cli.publish, "rtmp://H/APP/KEY; %d is 1 to --count")
      ->required()
      ->allow_extra_args(false);
  run->add_option("--settle", cli.settle, "Seconds from the publishers' start to the first viewer's")
      ->check(CLI::Range(0.0, 3600.0));
  add_publish_options(*run, cli);
  add_play_options(*run, cli);
  add_common_options(*run, cli);

  auto* checked = app.add_subcommand(
      "check", "Follows live HLS, low latency above all, and names every rule of RFC 8216bis that is broken");
  checked->add_option("urls", cli.check, "http://H/NAME/index.ll.m3u8, or another playlist")->required();
  checked->add_option("--seconds", cli.check_seconds, "How long")->check(CLI::Range(0.1, 7 * 86'400.0));
  checked
      ->add_option("--tolerance", cli.tolerance,
                   "Seconds that what must come in time may be late: network, busy machine")
      ->check(CLI::Range(0.0, 60.0));
  checked->add_flag("--source-pauses", cli.source_pauses, "Breaks in the source, with a discontinuity, are no fault");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  return checked->parsed() ? check(cli) : execute(cli);
}
