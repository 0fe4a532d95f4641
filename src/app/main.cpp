#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <thread>

#include "app/server.hpp"
#include "app/server_config.hpp"
#include "app/version.hpp"
#include "core/log.hpp"
#include "core/service_manager.hpp"

namespace {

using namespace sluice;

/// Reads the config; prints what is wrong with it as file:line:column: message.
std::optional<app::ServerConfig> read_config(const std::string& path) {
  auto config = app::load_config(path);
  if (!config) {
    for (const auto& diagnostic : config.error()) std::fprintf(stderr, "%s\n", to_string(diagnostic).c_str());
    return {};
  }
  for (const auto& warning : config->warnings) std::fprintf(stderr, "%s\n", to_string(warning).c_str());
  return std::move(*config);
}

/// As many descriptors as the system lets us have: every viewer is one.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int run(const std::string& path, unsigned shard_count, const std::string& numbers) {
  auto config = read_config(path);
  if (!config) return 1;
  log::configure(app::log_options(*config));
  raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);

  // Taken by one thread of their own: blocked everywhere, so that no shard is interrupted.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  if (shard_count == 0) shard_count = std::max(std::thread::hardware_concurrency(), 1u);
  Shards shards(shard_count);
  app::Server server(std::move(*config), shards, numbers.empty() ? path + ".numbers" : numbers);
  if (!server.start()) return 1;
  std::thread([&shards, signals] {
    int signal = 0;
    ::sigwait(&signals, &signal);
    log::info("stopping");
    notify_service_manager("STOPPING=1");
    shards.stop();
  }).detach();
  notify_service_manager("READY=1");
  log::info("started", {{"version", app::kVersion}, {"shards", shard_count}, {"config", path}});
  shards.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli("Sluice, a media server");
  cli.require_subcommand(1);
  cli.set_version_flag("--version", std::string("sluice ") + app::kVersion);
  std::string path = "sluice.conf";
  unsigned shards = 0;
  auto* run_command = cli.add_subcommand("run", "Serves in the foreground");
  run_command->add_option("-c,--config", path, "Config file")->capture_default_str();
  run_command->add_option("--shards", shards, "Threads that serve; 0: one a core")
      ->capture_default_str()
      ->check(CLI::Range(0, 256));
  std::string numbers;
  run_command->add_option("--numbers", numbers,
                          "File in which numbers of segments survive a restart; by default beside the config file");
  auto* check_command = cli.add_subcommand("check", "Reads a config file and says what is wrong with it");
  check_command->add_option("file", path, "Config file")->required();
  CLI11_PARSE(cli, argc, argv);
  if (*check_command) {
    if (!read_config(path)) return 1;
    std::printf("%s: valid\n", path.c_str());
    return 0;
  }
  return run(path, shards, numbers);
}
