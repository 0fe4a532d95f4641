#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "stream/stream_config.hpp"
#include "stream/window.hpp"

/// What a store held, as a file.
namespace sluice::stream::test {

/// A window onto a file: the stored bytes of the complete segments of a listing, each segment track after track. Its
/// ranges lie on disk alone.
class FileWindow final : public Window {
 public:
  FileWindow(const Listing& stored, std::shared_ptr<const StreamConfig> config)
      : file_(std::make_shared<File>()), config_(std::move(config)) {
    auto listing = std::make_shared<Listing>(stored);
    listing->segments.clear();
    listing->first_listed = 0;
    listing->live = false;
    listing->ended = true;
    for (const auto& segment : stored.segments) {
      if (segment->complete) listing->segments.push_back(written(*segment));
    }
    listing_ = std::move(listing);
  }

  Task<std::shared_ptr<const Listing>> listing() override { co_return listing_; }
  Task<bool> changed(std::uint64_t, SteadyTime) override { co_return false; }
  Task<Result<std::shared_ptr<const Segment>>> loaded(std::shared_ptr<const Segment> segment,
                                                      std::vector<std::uint32_t> tracks) override {
    ++loads;
    auto copy = std::make_shared<Segment>(*segment);
    auto bytes = std::make_shared<std::vector<Bytes>>();
    for (const auto track : tracks) {
      for (Part& part : copy->tracks[track].parts) {
        bytes->push_back(file_->read(part.ranges[0]));
        part.ranges[0] = {.length = bytes->back().size(), .memory = bytes->back().data()};
      }
    }
    copy->lease = bytes;  // the vectors' own buffers do not move with them
    co_return copy;
  }
  Task<Result<Body>> piece(std::shared_ptr<const Segment> segment, std::string, std::vector<std::uint32_t> tracks,
                           MakePiece make) override {
    const auto in_memory = co_await loaded(segment, tracks);
    if (!in_memory) co_return std::unexpected(in_memory.error());
    auto made = make(**in_memory, tracks, *config_);
    if (!made) co_return std::unexpected(made.error());
    co_return Body::of(std::move(*made));
  }

  int loads = 0;

 private:
  struct File {
    File() {
      std::string path = "/tmp/sluice-window-XXXXXX";
      fd = ::mkstemp(path.data());
      EXPECT_GE(fd, 0);
      ::unlink(path.c_str());
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() { ::close(fd); }

    Range append(const Part& part) {
      const Range out{.fd = fd, .offset = size, .length = part.size()};
      for (const Range& range : part.ranges) {
        EXPECT_EQ(::pwrite(fd, range.memory, range.length, static_cast<off_t>(size)),
                  static_cast<ssize_t>(range.length));
        size += range.length;
      }
      return out;
    }
    [[nodiscard]] Bytes read(const Range& range) const {
      Bytes out(range.length);
      EXPECT_EQ(::pread(fd, out.data(), out.size(), static_cast<off_t>(range.offset)),
                static_cast<ssize_t>(range.length));
      return out;
    }

    int fd = -1;
    std::uint64_t size = 0;
  };

  std::shared_ptr<const Segment> written(const Segment& segment) {
    auto copy = std::make_shared<Segment>(segment);
    for (TrackSegment& track : copy->tracks) {
      for (Part& part : track.parts) part.ranges = {file_->append(part)};
    }
    copy->lease = file_;
    return copy;
  }

  std::shared_ptr<File> file_;
  std::shared_ptr<const StreamConfig> config_;
  std::shared_ptr<const Listing> listing_;
};

}  // namespace sluice::stream::test
