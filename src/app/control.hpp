#pragma once

#include <csignal>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "app/config_store.hpp"
#include "core/file_descriptor.hpp"
#include "core/time.hpp"

namespace sluice::app {

/// The way into a running server from outside of it: signals, and a socket in the file system that its owner alone may
/// use (mode 0600). Who connects sends one line, "reload", and gets an answer: a line "ok" or "failed", then what
/// happened, a line each, and the end. Clients are heard one after the other, each for a second at most. On a thread of
/// its own, on which all signals of Control::block_signals() come in; no client holds them up.
class Control {
 public:
  struct Actions {
    std::function<void()> stop;
    /// `done` is called on any thread, once, or destroyed uncalled.
    std::function<void(std::move_only_function<void(const ConfigOutcome&)> done)> reload;
  };

  /// SIGINT and SIGTERM stop; SIGHUP reloads, and opens the files of the log again; SIGUSR1 does only that. Before any
  /// other thread is started.
  static void block_signals();

  /// Without a socket where `socket` is empty or cannot be made, with a line in the log. An error: another server has
  /// it already.
  static std::expected<std::unique_ptr<Control>, std::string> start(const std::filesystem::path& socket,
                                                                    Actions actions);
  ~Control();
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

 private:
  Control(std::filesystem::path socket, FileDescriptor listener, Actions actions);

  void work();
  void take_signal();
  void take_client();
  void take_request();

  const std::filesystem::path socket_;
  const Actions actions_;
  const FileDescriptor listener_;  // none: there is no socket
  const FileDescriptor signals_;
  const FileDescriptor stopping_;
  // state of the thread
  FileDescriptor client_;  // who is heard
  std::string request_;    // what came of it
  SteadyTime busy_until_;  // until then nobody is accepted; at that time who is heard is sent away
  std::thread thread_;
};

/// Asks the server that has `socket` to reload, and waits. What it answers, or why it cannot be asked. Blocks.
struct ControlAnswer {
  bool ok = false;
  std::string text;  ///< lines
};
ControlAnswer ask_to_reload(const std::filesystem::path& socket);

/// What a reload did, in lines for people.
std::string to_text(const ReloadReport& report);

}  // namespace sluice::app
