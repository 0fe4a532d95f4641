#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace sluice {

/// One sparse memory file of a shard, mapped once. Logs own regions of its offsets; a page costs memory from when it is
/// written until it is punched out. A punched page stays true in a socket that still holds it by sendfile.
/// Belongs to one shard; other threads may read ranges that somebody holds a lease on.
class Arena {
 public:
  static constexpr std::size_t kPage = 4096;
  /// The first page border at or behind `offset`.
  static constexpr std::uint64_t page_up(std::uint64_t offset) { return (offset + kPage - 1) / kPage * kPage; }

  /// `bytes` of address space. Aborts where the kernel refuses: nothing works without it.
  explicit Arena(std::size_t bytes);
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();

  /// Address space for a log: `region_bytes()` of it, or nothing when all regions are taken.
  Result<std::uint64_t> take_region();
  /// Gives a region back with every page in it.
  void give_region(std::uint64_t offset);
  [[nodiscard]] std::size_t region_bytes() const { return region_bytes_; }

  /// Gives the pages of the range back to the system. REQUIRES: page-aligned.
  void punch(std::uint64_t offset, std::uint64_t length);

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] std::byte* at(std::uint64_t offset) const { return base_ + offset; }

 private:
  std::size_t bytes_;
  std::size_t region_bytes_;
  int fd_ = -1;
  std::byte* base_ = nullptr;
  std::vector<std::uint64_t> free_regions_;
  std::uint64_t next_region_ = 0;
};

/// A piece of memory or of a file that goes out as it is: descriptor, offset, length, and where it is mapped (null for
/// a file on disk).
struct Range {
  int fd = -1;
  std::uint64_t offset = 0;
  std::size_t length = 0;
  const std::byte* memory = nullptr;

  [[nodiscard]] BytesView view() const { return {memory, length}; }

  /// REQUIRES: n <= length.
  void drop_front(std::size_t n) {
    offset += n;
    length -= n;
    if (memory != nullptr) memory += n;
  }
};

/// Where a log lies: enough to find its ranges on any shard, for as long as somebody keeps them from being given back.
struct LogMap {
  int fd = -1;
  std::byte* base = nullptr;  ///< of the arena
  std::uint64_t region = 0;   ///< where the log's region begins in the arena
  std::uint64_t region_bytes = 0;

  /// The pieces of [offset, offset + length); the second is empty but where the range crosses the region's end.
  [[nodiscard]] std::array<Range, 2> ranges(std::uint64_t offset, std::size_t length) const {
    const auto at = offset % region_bytes;
    const std::size_t first = std::min<std::uint64_t>(length, region_bytes - at);
    std::array<Range, 2> out;
    out[0] = {.fd = fd, .offset = region + at, .length = first, .memory = base + region + at};
    if (first < length) out[1] = {.fd = fd, .offset = region, .length = length - first, .memory = base + region};
    return out;
  }
};

/// An endless log of bytes in a region of an arena: bytes are appended at the end and given back from the front. Its
/// offsets count from 0 and only grow; how they lie in the region is its own affair, so a range of it is one or two
/// Ranges. Belongs to the arena's shard.
class ByteLog {
 public:
  static Result<ByteLog> create(Arena& arena);
  ByteLog(ByteLog&& other) noexcept;
  ByteLog& operator=(ByteLog&&) = delete;
  ~ByteLog();

  /// Appends `in`; false (and nothing changes) when the region is full of bytes not given back.
  [[nodiscard]] bool append(BytesView in);
  /// Moves the end to the next page, so that what follows can be given back without what came before.
  void begin_page();
  /// Gives back the whole pages before `offset`.
  void release_to(std::uint64_t offset);
  /// Gives back the pages of [from, to) before their turn; their room follows with release_to(). REQUIRES:
  /// page-aligned, of this log, and nobody reads them any more.
  void punch(std::uint64_t from, std::uint64_t to);

  [[nodiscard]] std::uint64_t end() const { return end_; }
  /// Bytes from the first page that was not released to the end, in whole pages: of memory, where nothing of it was
  /// punched.
  [[nodiscard]] std::uint64_t held() const;
  /// Room for appends before the region is full.
  [[nodiscard]] std::uint64_t room() const { return region_bytes_ - (end_ - released_); }

  /// The pieces of [offset, offset + length). REQUIRES: the log holds them.
  [[nodiscard]] std::array<Range, 2> ranges(std::uint64_t offset, std::size_t length) const;
  [[nodiscard]] LogMap map() const;

 private:
  ByteLog(Arena& arena, std::uint64_t region);

  // borrowed (outlives this)
  Arena* arena_;
  // state
  std::uint64_t region_;
  std::uint64_t region_bytes_;
  std::uint64_t released_ = 0;  // page-aligned; pages before it are punched
  std::uint64_t end_ = 0;
};

}  // namespace sluice
