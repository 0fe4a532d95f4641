#include "net/http2_memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace sluice::net {
namespace {

constexpr std::size_t kLarge = 16 * 1024;

Http2Memory& self(void* user) { return *static_cast<Http2Memory*>(user); }

}  // namespace

Http2Memory::~Http2Memory() { release(large_); }

nghttp2_mem Http2Memory::hooks() {
  return {.mem_user_data = this,
          .malloc = [](std::size_t size, void* user) { return self(user).allocate(size); },
          .free = [](void* block, void* user) { self(user).release(block); },
          .calloc =
              [](std::size_t count, std::size_t size, void* user) {
                void* const block = self(user).allocate(count * size);
                return block == nullptr ? nullptr : std::memset(block, 0, count * size);
              },
          .realloc = [](void* block, std::size_t size, void* user) { return self(user).reallocate(block, size); }};
}

void* Http2Memory::allocate(std::size_t size) {
  if (size < kLarge || large_ != nullptr) return std::malloc(size);
  void* const pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return nullptr;
  large_size_ = size;
  return large_ = pages;
}

void* Http2Memory::reallocate(void* block, std::size_t size) {
  if (block == nullptr) return allocate(size);
  if (block != large_) return std::realloc(block, size);
  void* const moved = std::malloc(size);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, std::min(size, large_size_));
  release(block);
  return moved;
}

void Http2Memory::release(void* block) {
  if (block == nullptr) return;
  if (block != large_) return std::free(block);
  ::munmap(std::exchange(large_, nullptr), large_size_);
}

}  // namespace sluice::net
