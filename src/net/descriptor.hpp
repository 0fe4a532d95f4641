#pragma once

#include "net/transport.hpp"

namespace sluice::net {

/// The bare descriptor of a connected socket, which somebody else owns. Large ranges go out by sendfile, which costs
/// nothing for their bytes; below 32 KiB a copy from the mapping costs less.
class Descriptor final : public Transport {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}

  Result<std::size_t> send(std::span<const Range> ranges, bool more_follows) override;
  Result<bool> flush() override;
  Result<Received> receive(std::span<std::byte> into) override;
  Result<Received> discard(std::size_t most) override;
  void shutdown() override;
  void drop() override;

 private:
  Result<std::size_t> send_file(const Range& range);
  Result<Received> receive(std::byte* into, std::size_t most, int flags);

  int fd_;
  bool corked_ = false;  // the system was told that more follows
};

/// What a system call on a socket failed with just now.
std::error_code last_socket_error();

}  // namespace sluice::net
