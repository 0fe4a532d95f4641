#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <thread>

#include "access/password.hpp"
#include "app/config_files.hpp"
#include "app/control.hpp"
#include "app/server.hpp"
#include "app/server_config.hpp"
#include "app/tls_ports.hpp"
#include "app/version.hpp"
#include "core/log.hpp"
#include "core/service_manager.hpp"
#include "core/watchdog.hpp"

namespace {

using namespace sluice;

void print(const app::ConfigErrors& diagnostics) {
  for (const auto& diagnostic : diagnostics) std::fprintf(stderr, "%s\n", to_string(diagnostic).c_str());
}

/// A config that was read, and what from.
struct Read {
  app::ConfigSource source;
  std::shared_ptr<const app::ServerConfig> config;
};

/// Reads the config; prints what is wrong with it as file:line:column: message.
std::optional<Read> read_config(const std::string& path) {
  auto source = app::read_source(path, app::environment_settings());
  if (!source) {
    print(source.error());
    return {};
  }
  auto config = app::parse_config(*source);
  print(config ? config->warnings : config.error());
  if (!config) return {};
  auto tls = app::TlsPorts::make(*config, {});
  auto findings = tls ? tls->warnings() : tls.error();
  for (auto& finding : findings) finding.file = app::name_of_file(*source, finding.at);
  print(findings);
  if (!tls) return {};
  return Read{.source = std::move(*source), .config = std::make_shared<const app::ServerConfig>(std::move(*config))};
}

/// A shard that does one thing for so long holds up all its viewers.
constexpr auto kHangs = std::chrono::seconds(1);

/// As many descriptors as the system lets us have: every viewer is one.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Reads a password from standard input, unseen where that is a terminal, and prints its hash for the config.
int print_hash() {
  termios before{};
  const bool terminal = ::tcgetattr(STDIN_FILENO, &before) == 0;
  if (terminal) {
    std::fputs("Password: ", stderr);
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  std::string password;
  const bool read = static_cast<bool>(std::getline(std::cin, password));
  if (terminal) {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::fputs("\n", stderr);
  }
  if (!read || password.empty()) {
    std::fputs("no password was given\n", stderr);
    return 1;
  }
  std::printf("%s\n", access::hash_password(password).c_str());
  return 0;
}

/// What `sluice run` and `sluice reload` are told.
struct Arguments {
  std::string config = "sluice.conf";
  std::string numbers;
  std::string control;
  unsigned shards = 0;

  /// Beside the config file, unless said otherwise.
  [[nodiscard]] std::string control_socket() const { return control.empty() ? config + ".control" : control; }
  [[nodiscard]] std::string numbers_file() const { return numbers.empty() ? config + ".numbers" : numbers; }
};

int run(const Arguments& arguments) {
  app::Control::block_signals();  // before the log has its thread: in every thread, so that none is interrupted
  const auto read = read_config(arguments.config);
  if (!read) return 1;
  log::configure(app::log_options(*read->config));
  raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error like a full disk

  Shards shards(arguments.shards == 0 ? std::max(std::thread::hardware_concurrency(), 1u) : arguments.shards);
  app::Server server(arguments.config, read->config, shards, arguments.numbers_file());
  const auto stop = [&shards] {
    log::info("stopping");
    notify_service_manager("STOPPING=1");
    shards.stop();
  };
  const auto reload = [&server](auto done) { server.config().reload(std::move(done)); };
  const auto control = app::Control::start(arguments.control_socket(), {.stop = stop, .reload = reload});
  if (!control) {
    std::fprintf(stderr, "%s\n", control.error().c_str());
    return 1;
  }
  if (auto started = server.start(); !started) {
    for (auto& error : started.error()) error.file = name_of_file(read->source, error.at);
    print(started.error());
    return 1;
  }
  const Watchdog watchdog(shards, kHangs, service_watchdog());
  notify_service_manager("READY=1");
  log::info("started", {{"version", app::kVersion}, {"shards", shards.size()}, {"config", arguments.config}});
  shards.run();
  return 0;
}

int reload(const Arguments& arguments) {
  if (!read_config(arguments.config)) return 1;
  const auto answer = app::ask_to_reload(arguments.control_socket());
  std::fputs(answer.text.c_str(), answer.ok ? stdout : stderr);
  return answer.ok ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli("Sluice, a media server");
  cli.require_subcommand(1);
  cli.set_version_flag("--version", std::string("sluice ") + app::kVersion);
  Arguments arguments;
  auto* run_command = cli.add_subcommand("run", "Serves in the foreground");
  auto* reload_command = cli.add_subcommand("reload", "Has the server that runs with a config read it again");
  for (auto* command : {run_command, reload_command}) {
    command->add_option("-c,--config", arguments.config, "Config file")->capture_default_str();
    command->add_option("--control", arguments.control,
                        "Socket by which 'sluice reload' speaks with the server; by default beside the config file");
  }
  run_command->add_option("--shards", arguments.shards, "Threads that serve; 0: one a core")
      ->capture_default_str()
      ->check(CLI::Range(0, 256));
  run_command->add_option("--numbers", arguments.numbers,
                          "File in which numbers of segments survive a restart; by default beside the config file");
  auto* check_command = cli.add_subcommand("check", "Reads a config file and says what is wrong with it");
  check_command->add_option("file", arguments.config, "Config file")->required();
  auto* hash_command =
      cli.add_subcommand("hash-password", "Reads a password from standard input and prints its hash for the config");
  CLI11_PARSE(cli, argc, argv);
  if (*hash_command) return print_hash();
  if (*check_command) {
    if (!read_config(arguments.config)) return 1;
    std::printf("%s: valid\n", arguments.config.c_str());
    return 0;
  }
  return *reload_command ? reload(arguments) : run(arguments);
}
