#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"

/// Action Message Format: the values of RTMP commands and of FLV script data.
/// AMF 0 Specification and AMF 3 Specification (Adobe).
namespace sluice::amf {

enum class Errc {
  truncated = 1,     ///< the input ends inside a value
  unsupported_type,  ///< a marker that the standard reserves, or a type that only ActionScript can fill
  bad_reference,     ///< a reference to nothing, or to a value that contains it
  too_deep,          ///< nested deeper than kMaxDepth
  too_large,         ///< more elements or text than kMaxElements, kMaxTextBytes
};
const char* errc_category(Errc);
std::string_view errc_text(Errc code);
inline std::error_code make_error_code(Errc code) { return sluice::to_error_code(code); }

/// What one value from outside may cost, its references followed.
inline constexpr std::size_t kMaxDepth = 16;
inline constexpr std::size_t kMaxElements = 65'536;
inline constexpr std::size_t kMaxTextBytes = 1 << 20;

struct Undefined {
  bool operator==(const Undefined&) const = default;
};
struct Null {
  bool operator==(const Null&) const = default;
};
struct Value;
using Object = std::vector<std::pair<std::string, Value>>;  ///< in the order of the wire, which encoders rely on
using Array = std::vector<Value>;

/// One value of either version. Dates are numbers (ms since 1970), XML and byte arrays are strings, typed objects lose
/// their class name, associative arrays are objects.
struct Value {
  using Variant = std::variant<Undefined, Null, bool, double, std::string, Object, Array>;

  Value() = default;
  Value(Undefined) {}
  Value(Null) : is(Null{}) {}
  template <std::same_as<bool> B>
  Value(B value) : is(value) {}
  template <class N>
    requires(std::integral<N> || std::floating_point<N>) && (!std::same_as<N, bool>)
  Value(N value) : is(static_cast<double>(value)) {}
  Value(std::string value) : is(std::move(value)) {}
  Value(std::string_view value) : is(std::string(value)) {}
  Value(const char* value) : is(std::string(value)) {}
  Value(Object value) : is(std::move(value)) {}
  Value(Array value) : is(std::move(value)) {}

  /// The value if it is of that kind. Views and pointers live as long as this value.
  [[nodiscard]] std::optional<bool> boolean() const;
  [[nodiscard]] std::optional<double> number() const;
  [[nodiscard]] std::optional<std::string_view> string() const;
  [[nodiscard]] const Object* object() const { return std::get_if<Object>(&is); }
  [[nodiscard]] const Array* array() const { return std::get_if<Array>(&is); }
  /// Null or undefined: what stands for "no argument" in a command.
  [[nodiscard]] bool nothing() const { return is.index() < 2; }

  /// The member of that name; null where there is none, or where this is no object.
  [[nodiscard]] const Value* find(std::string_view key) const;

  bool operator==(const Value&) const;

  Variant is;
};

/// Reads one value, an AMF 3 value behind the marker 0x11 (avmplus-object) included.
Result<Value> read_amf0(ByteReader& in);
/// Reads one value whose references stay inside it: each call begins with empty reference tables.
Result<Value> read_amf3(ByteReader& in);

/// Appends one value; text over 65535 bytes as long string. REQUIRES: names of members are at most 65535 bytes, nesting
/// is at most kMaxDepth; both hold for every value that was read.
void write_amf0(ByteWriter& out, const Value& value);
/// Appends `members` as ECMA array (marker 0x08), as onMetaData wants it. Same requirements.
void write_amf0_ecma_array(ByteWriter& out, const Object& members);

}  // namespace sluice::amf

template <>
struct std::is_error_code_enum<sluice::amf::Errc> : std::true_type {};
