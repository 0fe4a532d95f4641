#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace sluice {

/// What comes from outside and can go wrong: a value, or an error code from the list of the room that found it.
/// Nothing from a socket, a file or a peer throws.
template <class T>
using Result = std::expected<T, std::error_code>;

/// Returns `code` as the failure of a Result. `code` is a room's `Errc` or a `std::error_code`.
template <class Code>
[[nodiscard]] std::unexpected<std::error_code> fail(Code code) {
  return std::unexpected(std::error_code(code));
}

/// The error category of a room's `enum class Errc`. A room needs only three lines beside its enumeration:
///
///     const char* errc_category(Errc);      // "flv"
///     std::string_view errc_text(Errc);     // "tag is larger than 16 MiB"
///     inline std::error_code make_error_code(Errc e) { return sluice::to_error_code(e); }
///
/// and the specialization `template <> struct std::is_error_code_enum<sluice::flv::Errc> : std::true_type {};`.
template <class Errc>
class ErrcCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return errc_category(Errc{}); }
  std::string message(int code) const override { return std::string(errc_text(static_cast<Errc>(code))); }
};

template <class Errc>
std::error_code to_error_code(Errc code) {
  static const ErrcCategory<Errc> category;
  return {static_cast<int>(code), category};
}

}  // namespace sluice
