#include "format/m3u8/attributes.hpp"

#include <algorithm>
#include <limits>

#include "format/m3u8/values.hpp"

namespace sluice::m3u8 {
namespace {

/// More than any tag defines; keeps the search for duplicates short whatever comes in.
constexpr std::size_t kMaxAttributes = 64;

bool is_name(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool is_word(std::string_view text) { return !text.empty() && text.find_first_of("\" \t") == std::string_view::npos; }

}  // namespace

AttributeList::AttributeList(std::string_view text) {
  do {
    if (!take(text)) {
      refuse(Errc::bad_value);
    } else if (attributes_.size() > kMaxAttributes) {
      refuse(Errc::too_large);
    } else if (find(attributes_.back().name) != &attributes_.back()) {
      refuse(Errc::duplicate);
    }
  } while (!text.empty() && !error_);
}

/// Takes one NAME=value and the comma behind it. After a comma another attribute must follow.
bool AttributeList::take(std::string_view& text) {
  const auto equals = text.find('=');
  if (equals == text.npos || !is_name(text.substr(0, equals))) return false;
  Attribute attribute{.name = text.substr(0, equals), .value = {}, .quoted = false};
  text.remove_prefix(equals + 1);
  attribute.quoted = text.starts_with('"');
  if (attribute.quoted) text.remove_prefix(1);
  const auto end = std::min(text.find(attribute.quoted ? '"' : ','), text.size());
  attribute.value = text.substr(0, end);
  text.remove_prefix(end);
  if (attribute.quoted) {
    if (text.empty()) return false;
    text.remove_prefix(1);
  } else if (!is_word(attribute.value)) {
    return false;
  }
  attributes_.push_back(attribute);
  if (text.empty()) return true;
  if (text.front() != ',' || text.size() == 1) return false;
  text.remove_prefix(1);
  return true;
}

const AttributeList::Attribute* AttributeList::find(std::string_view name) const {
  const auto found = std::ranges::find(attributes_, name, &Attribute::name);
  return found == attributes_.end() ? nullptr : &*found;
}

std::string_view AttributeList::value(std::string_view name, bool quoted) {
  const auto* attribute = find(name);
  if (attribute == nullptr) {
    refuse(Errc::missing);
    return {};
  }
  if (attribute->quoted != quoted) {
    refuse(Errc::bad_value);
    return {};
  }
  return attribute->value;
}

std::string AttributeList::quoted(std::string_view name) { return std::string(value(name, true)); }

std::string_view AttributeList::word(std::string_view name) { return value(name, false); }

std::uint64_t AttributeList::integer(std::string_view name) {
  const auto parsed = parse_integer(value(name, false));
  if (!parsed) refuse(Errc::bad_value);
  return parsed.value_or(0);
}

Duration AttributeList::seconds(std::string_view name) {
  const auto parsed = parse_seconds(value(name, false));
  if (!parsed) refuse(Errc::bad_value);
  return parsed.value_or(Duration());
}

double AttributeList::decimal_or_zero(std::string_view name) {
  if (!has(name)) return 0;
  const auto parsed = parse_decimal(value(name, false));
  if (!parsed) refuse(Errc::bad_value);
  return parsed.value_or(0);
}

bool AttributeList::yes(std::string_view name) {
  if (!has(name)) return false;
  const auto answer = word(name);
  if (answer != "YES" && answer != "NO") refuse(Errc::bad_value);
  return answer == "YES";
}

AttributeList::Resolution AttributeList::resolution_or_zero(std::string_view name) {
  if (!has(name)) return {};
  const auto text = value(name, false);
  const auto x = text.find('x');
  const auto width = parse_integer(text.substr(0, x));
  const auto height = parse_integer(x == text.npos ? std::string_view() : text.substr(x + 1));
  constexpr auto kMax = std::numeric_limits<std::uint32_t>::max();
  if (!width || !height || *width > kMax || *height > kMax) {
    refuse(Errc::bad_value);
    return {};
  }
  return {static_cast<std::uint32_t>(*width), static_cast<std::uint32_t>(*height)};
}

void AttributeList::refuse(Errc code) {
  if (!error_) error_ = code;
}

}  // namespace sluice::m3u8
