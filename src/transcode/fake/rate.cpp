#include "transcode/fake/rate.hpp"

#include <charconv>
#include <cmath>
#include <numeric>

namespace sluice::transcode::fake {

namespace {

template <class Number>
std::optional<Number> whole(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Rate> fraction(std::string_view text) {
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    const auto num = whole<std::int32_t>(text.substr(0, slash)), den = whole<std::int32_t>(text.substr(slash + 1));
    if (!num || !den || *num <= 0 || *den <= 0) return std::nullopt;
    return Rate{*num, *den};
  }
  const auto value = whole<double>(text);
  if (!value || !(*value > 0 && *value < 1000)) return std::nullopt;
  // NTSC's rates are written with two or three decimals: 29.97 is 30 / 1.001.
  const double nominal = std::round(*value * 1.001);
  if (*value != std::round(*value) && std::abs(nominal / 1.001 - *value) < 0.006) {
    return Rate{static_cast<std::int64_t>(nominal) * 1000, 1001};
  }
  return Rate{std::llround(*value * 1000), 1000};
}

}  // namespace

std::optional<Rate> Rate::parse(std::string_view text) {
  auto rate = fraction(text);
  if (!rate || rate->num > 240 * rate->den || rate->num * 10 < rate->den) return std::nullopt;
  const auto common = std::gcd(rate->num, rate->den);
  return Rate{rate->num / common, rate->den / common};
}

std::int64_t Rate::next(std::chrono::nanoseconds time) const {
  auto n = rescale(time.count(), num, den * 1'000'000'000);
  while (n > 0 && begin(n - 1) >= time) --n;
  while (begin(n) < time) ++n;
  return n;
}

}  // namespace sluice::transcode::fake
