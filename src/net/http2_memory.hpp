#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>

namespace sluice::net {

/// What one session of nghttp2 allocates by. It keeps a buffer for the largest frame all its life, of which it uses the
/// beginning, because the bytes of answers are sent from where they lie: that buffer comes from the system, where a
/// page costs nothing until it is used. All else comes from the heap. Outlives the session.
class Http2Memory {
 public:
  Http2Memory() = default;
  Http2Memory(const Http2Memory&) = delete;
  Http2Memory& operator=(const Http2Memory&) = delete;
  ~Http2Memory();

  [[nodiscard]] nghttp2_mem hooks();

 private:
  void* allocate(std::size_t size);
  void* reallocate(void* block, std::size_t size);
  void release(void* block);

  void* large_ = nullptr;
  std::size_t large_size_ = 0;
};

}  // namespace sluice::net
