#include "api/web_files.hpp"

#include <zlib.h>

#include <algorithm>
#include <regex>
#include <string>

#include <gmock/gmock.h>

namespace sluice::api {
namespace {

using testing::MatchesRegex;
using testing::SizeIs;

std::string text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string page(std::string_view path) {
  const auto* file = find_web_file(path);
  EXPECT_NE(file, nullptr) << path;
  return file == nullptr ? "" : text(file->body);
}

/// `gzip` unpacked, which is known to give `size` bytes.
std::string unpacked(std::span<const std::byte> gzip, std::size_t size) {
  std::string out(size, '\0');
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);  // + 16: a gzip header, no zlib header
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.total_out, size);
  inflateEnd(&stream);
  return out;
}

TEST(WebFiles, HavePagesTheirTypesAndTheirTags) {
  for (const auto* path : {"/index.html", "/admin.html", "/embed.html"}) {
    const auto* file = find_web_file(path);
    ASSERT_NE(file, nullptr) << path;
    EXPECT_EQ(file->content_type, "text/html; charset=utf-8");
    EXPECT_FALSE(file->immutable());
  }
  for (const auto& file : web_files())
    EXPECT_THAT(std::string(file.etag), MatchesRegex("\"[0-9a-f]{16}\"")) << file.path;
}

TEST(WebFiles, GiveNothingForOtherPaths) {
  for (const auto* path : {"", "/", "index.html", "/index.html/", "/assets/", "/../index.html", "/nothing.html"})
    EXPECT_EQ(find_web_file(path), nullptr) << path;
}

TEST(WebFiles, HoldWhatThePagesAskFor) {
  const std::regex address{R"re((?:src|href)="([^"]*)")re"};
  for (const auto* path : {"/index.html", "/admin.html", "/embed.html"}) {
    const auto html = page(path);
    int assets = 0;
    for (std::sregex_iterator at{html.begin(), html.end(), address}; at != std::sregex_iterator{}; ++at, ++assets) {
      const auto* file = find_web_file((*at)[1].str());
      ASSERT_NE(file, nullptr) << (*at)[1].str();
      EXPECT_TRUE(file->immutable()) << file->path;
      EXPECT_THAT(file->body, testing::Not(SizeIs(0)));
    }
    EXPECT_GE(assets, 3) << path;
  }
}

TEST(WebFiles, AreTheSameGzipped) {
  std::size_t packed = 0;
  for (const auto& file : web_files()) {
    if (file.gzip.empty()) continue;
    ++packed;
    EXPECT_LT(file.gzip.size(), file.body.size()) << file.path;
    EXPECT_EQ(unpacked(file.gzip, file.body.size()), text(file.body)) << file.path;
  }
  EXPECT_GT(packed, 5u);
}

TEST(WebFiles, LeaveOnePlaceForTheServersWords) {
  for (const auto* path : {"/index.html", "/admin.html"}) {
    const auto html = page(path);
    const auto first = html.find(kServerPlaceholder);
    ASSERT_NE(first, std::string::npos) << path;
    EXPECT_EQ(html.find(kServerPlaceholder, first + 1), std::string::npos) << path;
  }
}

TEST(WebFiles, CarryTheLicencesOfWhatIsInThem) {
  EXPECT_THAT(page("/licenses.txt"), testing::AllOf(testing::HasSubstr("hls.js"), testing::HasSubstr("preact")));
}

}  // namespace
}  // namespace sluice::api
