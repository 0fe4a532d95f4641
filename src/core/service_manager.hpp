#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace sluice {

/// Tells the service manager that started this process what has become of it, as in sd_notify(3): "READY=1",
/// "STOPPING=1", "WATCHDOG=1", "STATUS=...". Does nothing where NOTIFY_SOCKET is not set. Callable from any thread.
void notify_service_manager(std::string_view state);

/// How often at least the service manager wants to hear "WATCHDOG=1" (WATCHDOG_USEC); nothing where it does not ask.
std::optional<std::chrono::microseconds> service_watchdog();

}  // namespace sluice
