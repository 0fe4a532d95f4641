#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace sluice::api {

/// A file of the web pages, as it was built into the program.
struct WebFile {
  std::string_view path;          ///< "/index.html", "/assets/index-BmKChilz.css"
  std::string_view content_type;  ///< with its charset
  std::span<const std::byte> body;
  std::span<const std::byte> gzip;  ///< the same, gzipped; empty where that saves nothing
  std::string_view etag;            ///< strong, of `body`, with its quotes

  /// True for a file whose name changes with its content, so that nobody needs to ask for it twice.
  [[nodiscard]] bool immutable() const { return path.starts_with("/assets/"); }
};

/// All files, by path.
std::span<const WebFile> web_files();

/// The file of that path, or null. The addresses of pages are others: api/pages.hpp. Lives as long as the process.
const WebFile* find_web_file(std::string_view path);

/// The text in "/index.html" and "/admin.html" that the server replaces, once, by its server_info().
inline constexpr std::string_view kServerPlaceholder =
    R"({"rtmp_port":1935,"version":"","login":false,"publish":[{"prefix":"live","password":false}]})";

}  // namespace sluice::api
