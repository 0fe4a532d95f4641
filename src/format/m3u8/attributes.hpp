#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/m3u8/errc.hpp"
#include "format/m3u8/media_playlist.hpp"

namespace sluice::m3u8 {

/// An attribute-list, RFC 8216bis section 4.2, and its values by name and type. Sticky like ByteReader: the first thing
/// that is wrong stays as error(), and everything asked after that is empty; so a tag reads its attributes and asks
/// once. Views the text it was made from.
class AttributeList {
 public:
  explicit AttributeList(std::string_view text);

  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }

  /// Required attributes: missing is an error.
  std::string quoted(std::string_view name);
  std::uint64_t integer(std::string_view name);
  Duration seconds(std::string_view name);
  std::string_view word(std::string_view name);  ///< enumerated-string

  /// Optional attributes: missing is empty, zero or false; malformed is an error all the same.
  std::string quoted_or_empty(std::string_view name) { return has(name) ? quoted(name) : std::string(); }
  std::uint64_t integer_or_zero(std::string_view name) { return has(name) ? integer(name) : 0; }
  Duration seconds_or_zero(std::string_view name) { return has(name) ? seconds(name) : Duration(); }
  double decimal_or_zero(std::string_view name);
  bool yes(std::string_view name);  ///< YES or NO

  /// decimal-resolution; width and height are zero where the attribute is missing.
  struct Resolution {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
  };
  Resolution resolution_or_zero(std::string_view name);

  /// For a tag that finds its values to contradict each other.
  void refuse(Errc code);

  [[nodiscard]] std::optional<Errc> error() const { return error_; }

 private:
  struct Attribute {
    std::string_view name;
    std::string_view value;  ///< without its quotes
    bool quoted;
  };

  bool take(std::string_view& text);
  [[nodiscard]] const Attribute* find(std::string_view name) const;
  /// The value if it is there and quoted or not as asked; else notes the error and returns "".
  std::string_view value(std::string_view name, bool quoted);

  std::vector<Attribute> attributes_;
  std::optional<Errc> error_;
};

}  // namespace sluice::m3u8
