#include "core/arena.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/assert.hpp"

namespace sluice {
namespace {

constexpr std::size_t kRegion = std::size_t{512} << 20;
constexpr std::size_t kLeastRegions = 1024;

constexpr std::uint64_t page_floor(std::uint64_t n) { return n / Arena::kPage * Arena::kPage; }

}  // namespace

Arena::Arena(std::size_t bytes)
    : bytes_(page_floor(bytes)), region_bytes_(std::min(kRegion, page_floor(bytes / kLeastRegions))) {
  fd_ = ::memfd_create("sluice-arena", MFD_CLOEXEC);
  SLUICE_ASSERT(fd_ >= 0, "memfd_create failed");
  SLUICE_ASSERT(::ftruncate(fd_, static_cast<off_t>(bytes_)) == 0, "a sparse memory file of this size was refused");
  void* mapped = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd_, 0);
  SLUICE_ASSERT(mapped != MAP_FAILED, "the arena could not be mapped");
  base_ = static_cast<std::byte*>(mapped);
}

Arena::~Arena() {
  ::munmap(base_, bytes_);
  ::close(fd_);
}

Result<std::uint64_t> Arena::take_region() {
  if (!free_regions_.empty()) {
    const auto offset = free_regions_.back();
    free_regions_.pop_back();
    return offset;
  }
  if (next_region_ + region_bytes_ > bytes_) return fail(std::make_error_code(std::errc::not_enough_memory));
  const auto offset = next_region_;
  next_region_ += region_bytes_;
  return offset;
}

void Arena::give_region(std::uint64_t offset) {
  punch(offset, region_bytes_);
  free_regions_.push_back(offset);
}

void Arena::punch(std::uint64_t offset, std::uint64_t length) {
  if (length == 0) return;
  const int rc = ::fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                             static_cast<off_t>(length));
  SLUICE_ASSERT(rc == 0, "punching a hole into the arena failed");
}

Result<ByteLog> ByteLog::create(Arena& arena) {
  const auto region = arena.take_region();
  if (!region) return std::unexpected(region.error());
  return ByteLog(arena, *region);
}

ByteLog::ByteLog(Arena& arena, std::uint64_t region)
    : arena_(&arena), region_(region), region_bytes_(arena.region_bytes()) {}

ByteLog::ByteLog(ByteLog&& other) noexcept
    : arena_(std::exchange(other.arena_, nullptr)),
      region_(other.region_),
      region_bytes_(other.region_bytes_),
      released_(other.released_),
      end_(other.end_) {}

ByteLog::~ByteLog() {
  if (arena_ != nullptr) arena_->give_region(region_);
}

bool ByteLog::append(BytesView in) {
  if (in.size() > room()) return false;
  while (!in.empty()) {
    const auto at = end_ % region_bytes_;
    const auto n = std::min<std::uint64_t>(in.size(), region_bytes_ - at);
    std::memcpy(arena_->at(region_ + at), in.data(), n);
    in = in.subspan(n);
    end_ += n;
  }
  return true;
}

void ByteLog::begin_page() { end_ = std::min(Arena::page_up(end_), released_ + region_bytes_); }

void ByteLog::release_to(std::uint64_t offset) {
  const auto target = page_floor(std::min(offset, end_));
  if (target <= released_) return;
  punch(released_, target);
  released_ = target;
}

void ByteLog::punch(std::uint64_t from, std::uint64_t to) {
  SLUICE_ASSERT(from >= released_ && to <= Arena::page_up(end_), "pages outside the log");
  while (from < to) {
    const auto at = from % region_bytes_;
    const auto n = std::min(to - from, region_bytes_ - at);
    arena_->punch(region_ + at, n);
    from += n;
  }
}

std::uint64_t ByteLog::held() const { return Arena::page_up(end_) - released_; }

std::array<Range, 2> ByteLog::ranges(std::uint64_t offset, std::size_t length) const {
  SLUICE_ASSERT(offset >= released_ && offset + length <= end_, "a range outside the log");
  return map().ranges(offset, length);
}

LogMap ByteLog::map() const {
  return {.fd = arena_->fd(), .base = arena_->at(0), .region = region_, .region_bytes = region_bytes_};
}

}  // namespace sluice
