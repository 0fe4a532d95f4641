#pragma once

#include <pthread.h>

#include <string>

namespace sluice {

/// Where another thread of this process is, innermost call first, as "sluice+0x1a2b libc.so.6+0x3c4d": for addr2line.
/// The thread is interrupted for it by a signal. Empty where it does not answer in time. One at a time.
std::string stack_of(pthread_t thread);

}  // namespace sluice
