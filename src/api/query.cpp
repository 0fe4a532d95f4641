#include "api/query.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <cmath>
#include <tuple>
#include <utility>

#include "core/base64.hpp"
#include "net/http_parser.hpp"

namespace sluice::api {
namespace {

using boost::json::value;

const value kAbsent;

std::unexpected<QueryError> refuse(std::string_view error, std::string_view name) {
  return std::unexpected(QueryError{.error = std::string(error), .name = std::string(name.substr(0, 100))});
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto end = text.find(at);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

/// One parameter, decoded; without a value where it has no '='.
struct Pair {
  std::string name;
  std::optional<std::string> value;
};

std::optional<std::string> decode(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  return net::percent_decode(spaced);
}

std::expected<std::vector<Pair>, QueryError> pairs_of(std::string_view query) {
  std::vector<Pair> out;
  for (const auto part : split(query, '&')) {
    if (part.empty()) continue;
    const auto equals = part.find('=');
    auto name = decode(part.substr(0, equals));
    auto text = equals == std::string_view::npos ? std::optional<std::string>("") : decode(part.substr(equals + 1));
    if (!name || !text) return refuse("broken_escape", part);
    out.push_back({.name = *std::move(name), .value = {}});
    if (equals != std::string_view::npos) out.back().value = *std::move(text);
  }
  return out;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

/// What a request may mean by `text` in a field of that type; nothing where it can be no such value.
std::vector<value> values_of(FieldType type, std::string_view text) {
  const auto boolean = text == "true" ? std::optional(true) : text == "false" ? std::optional(false) : std::nullopt;
  std::vector<value> out;
  switch (type) {
    case FieldType::boolean:
      if (boolean) out.emplace_back(*boolean);
      break;
    case FieldType::integer:
      if (const auto n = number<std::int64_t>(text)) out.emplace_back(*n);
      break;
    case FieldType::number:
      if (const auto n = number<double>(text); n && std::isfinite(*n)) out.emplace_back(*n);
      break;
    case FieldType::string: out.emplace_back(boost::json::string(text)); break;
    case FieldType::any:
      if (boolean) out.emplace_back(*boolean);
      if (const auto n = number<std::int64_t>(text)) {
        out.emplace_back(*n);
      } else if (const auto d = number<double>(text); d && std::isfinite(*d)) {
        out.emplace_back(*d);
      }
      out.emplace_back(boost::json::string(text));
      break;
    case FieldType::object:
    case FieldType::array: break;
  }
  return out;
}

struct Suffix {
  std::string_view text;
  Comparison comparison;
};
constexpr std::array kSuffixes{
    Suffix{"_ne", Comparison::not_equal},   Suffix{"_lt", Comparison::less},      Suffix{"_lte", Comparison::at_most},
    Suffix{"_gt", Comparison::greater},     Suffix{"_gte", Comparison::at_least}, Suffix{"_like", Comparison::contains},
    Suffix{"_is_not", Comparison::present}, Suffix{"_is", Comparison::absent},
};

/// Reads one query.
class Parser {
 public:
  explicit Parser(const QueryOptions& options) : options_(options) {}

  std::expected<Query, QueryError> parse(std::string_view text) {
    auto pairs = pairs_of(text);
    if (!pairs) return std::unexpected(std::move(pairs.error()));
    out_.limit = options_.limit == 0 ? kMostItems : options_.limit;
    std::string cursor;
    for (const Pair& pair : *pairs) {
      if (pair.name == "cursor") {
        cursor = pair.value.value_or("");
      } else if (auto ok = take(pair); !ok) {
        return std::unexpected(std::move(ok.error()));
      }
    }
    const bool asked_to_sort = !out_.sort.empty();
    if (!asked_to_sort) {
      for (const auto name : options_.sort) {
        if (auto path = find(name)) out_.sort.push_back({.path = *std::move(path)});
      }
    }
    end_sort_with_key();
    // An empty one asks for the first page.
    if (!cursor.empty() && !take_cursor(cursor, asked_to_sort)) return refuse("broken_cursor", "cursor");
    return std::move(out_);
  }

 private:
  using Outcome = std::expected<void, QueryError>;

  Outcome take(const Pair& pair) {
    const std::string value = pair.value.value_or("");
    if (pair.name == "limit") return take_limit(value);
    if (pair.name == "sort") return take_sort(value);
    if (pair.name == "select") return take_select(value);
    if (pair.name == "q") {
      out_.text = value;
      std::ranges::transform(out_.text, out_.text.begin(),
                             [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
      return {};
    }
    if (std::ranges::find(options_.ignored, pair.name) != options_.ignored.end()) return {};
    return take_predicate(pair);
  }

  Outcome take_limit(std::string_view text) {
    const auto limit = number<std::uint64_t>(text);
    if (!limit || *limit == 0) return refuse("broken_limit", "limit");
    out_.limit = static_cast<std::size_t>(std::min<std::uint64_t>(*limit, kMostItems));
    return {};
  }

  Outcome take_sort(std::string_view text) {
    out_.sort.clear();
    if (text.empty()) return {};
    for (auto name : split(text, ',')) {
      const bool descending = name.starts_with('-');
      if (descending) name.remove_prefix(1);
      auto path = find(name);
      if (!path) return refuse("unknown_field", name);
      if (!has_order(*path)) return refuse("no_order", name);
      if (out_.sort.size() == kMostSortKeys) return refuse("too_many", "sort");
      out_.sort.push_back({.path = *std::move(path), .descending = descending});
    }
    return {};
  }

  Outcome take_select(std::string_view text) {
    out_.select.emplace();
    for (const auto name : split(text, ',')) {
      // What no item has is left out, as in an item that lacks it. An object stands for all that is in it.
      if (auto path = find(name)) choose(*std::move(path));
      for (std::size_t i = 0; i < options_.fields.size(); ++i) {
        const std::string& field = options_.fields[i].name;
        if (field.size() > name.size() && field.starts_with(name) && field[name.size()] == '.' && visible(i)) {
          choose({.field = i, .within = {}, .name = field});
        }
      }
      if (out_.select->size() > kMostSelected) return refuse("too_many", "select");
    }
    for (std::size_t i = 0; i < options_.fields.size(); ++i) {
      if (options_.fields[i].always) choose({.field = i, .within = {}, .name = options_.fields[i].name});
    }
    return {};
  }

  void choose(FieldPath path) {
    if (std::ranges::find(*out_.select, path.name, &FieldPath::name) == out_.select->end()) {
      out_.select->push_back(std::move(path));
    }
  }

  Outcome take_predicate(const Pair& pair) {
    if (out_.predicates.size() == kMostPredicates) return refuse("too_many", pair.name);
    Predicate made;
    auto path = find(pair.name);
    if (!path) {
      for (const Suffix& suffix : kSuffixes) {
        if (!pair.name.ends_with(suffix.text)) continue;
        path = find(std::string_view(pair.name).substr(0, pair.name.size() - suffix.text.size()));
        made.comparison = suffix.comparison;
        if (path) break;
      }
    }
    if (!path) return refuse("unknown_field", pair.name);
    made.path = *std::move(path);
    if (auto ok = take_values(pair, made); !ok) return ok;
    out_.predicates.push_back(std::move(made));
    return {};
  }

  Outcome take_values(const Pair& pair, Predicate& made) {
    const FieldType type = type_of(made.path);
    switch (made.comparison) {
      case Comparison::absent:
      case Comparison::present:
        if (pair.value != "null") return refuse("only_null", pair.name);
        return {};
      case Comparison::contains:
        made.values = values_of(FieldType::string, pair.value.value_or(""));
        if (type != FieldType::string && type != FieldType::any) return refuse("wrong_type", pair.name);
        return {};
      case Comparison::equal:
        for (const auto one : split(pair.value ? std::string_view(*pair.value) : "true", ',')) {
          auto values = values_of(type, one);
          if (values.empty()) return refuse("wrong_type", pair.name);
          if ((values_ += values.size()) > kMostValues) return refuse("too_many", pair.name);
          std::ranges::move(values, std::back_inserter(made.values));
        }
        return {};
      default:
        made.values = values_of(type, pair.value ? *pair.value : "true");
        if (made.values.empty()) return refuse("wrong_type", pair.name);
        made.values.resize(1);
        return {};
    }
  }

  bool take_cursor(std::string_view text, bool asked_to_sort) {
    const auto decoded = base64_decode(text);
    if (!decoded) return false;
    const auto pairs = pairs_of(*decoded);
    if (!pairs) return false;
    Cursor cursor;
    std::vector<SortKey> sort;
    for (const Pair& pair : *pairs) {
      if (pair.name == "$reversed" && pair.value == "true") {
        cursor.backwards = true;
        continue;
      }
      const bool up = pair.name.ends_with("_gt");
      if ((!up && !pair.name.ends_with("_lt")) || sort.size() > kMostSortKeys || !pair.value) return false;
      auto path = find(std::string_view(pair.name).substr(0, pair.name.size() - 3));
      boost::system::error_code error;
      auto bound = boost::json::parse(*pair.value, error, {}, {.max_depth = 1});
      if (!path || !has_order(*path) || error || bound.is_structured()) return false;
      sort.push_back({.path = *std::move(path), .descending = !up});
      cursor.bound.push_back(std::move(bound));
    }
    if (cursor.backwards) {
      for (SortKey& key : sort) key.descending = !key.descending;
    }
    if (!asked_to_sort) out_.sort = sort;
    end_sort_with_key();
    const auto same = [](const SortKey& a, const SortKey& b) {
      return a.path == b.path && a.descending == b.descending;
    };
    if (!std::ranges::equal(sort, out_.sort, same)) return false;
    out_.cursor = std::move(cursor);
    return true;
  }

  void end_sort_with_key() {
    const auto is_key = [&](const SortKey& key) { return key.path.name == options_.key; };
    if (std::ranges::any_of(out_.sort, is_key)) return;
    if (auto path = find(options_.key)) out_.sort.push_back({.path = *std::move(path)});
  }

  [[nodiscard]] bool visible(std::size_t field) const {
    return options_.rights == Rights::edit || !is_secret(options_.fields[field].name);
  }

  [[nodiscard]] FieldType type_of(const FieldPath& path) const {
    return path.within.empty() ? options_.fields[path.field].type : FieldType::any;
  }
  [[nodiscard]] bool has_order(const FieldPath& path) const {
    const FieldType type = type_of(path);
    return type != FieldType::object && type != FieldType::array;
  }

  /// The row of that name, or the one that holds the object in which the rest of the name is.
  [[nodiscard]] std::optional<FieldPath> find(std::string_view name) const {
    for (auto end = name.size(); end != std::string_view::npos && end != 0; end = name.rfind('.', end - 1)) {
      const auto front = name.substr(0, end);
      const auto found = std::ranges::find(options_.fields, front, &FieldInfo::name);
      if (found == options_.fields.end()) continue;
      FieldPath path{
          .field = static_cast<std::size_t>(found - options_.fields.begin()), .within = {}, .name = std::string(name)};
      if (end < name.size()) {
        const bool holds_more = found->type == FieldType::object || found->type == FieldType::any;
        for (const auto part : split(name.substr(end + 1), '.')) path.within.emplace_back(part);
        if (!holds_more || path.within.size() > kMostDepth) return std::nullopt;
      }
      const bool secret = options_.rights != Rights::edit && is_secret(name);
      return secret ? std::nullopt : std::optional(std::move(path));
    }
    return std::nullopt;
  }

  const QueryOptions& options_;
  Query out_;
  std::size_t values_ = 0;
};

int rank(const value& v) {
  if (v.is_null()) return 0;
  if (v.is_int64() || v.is_uint64()) return 1;
  if (v.is_string()) return 2;
  return v.is_bool() ? 3 : v.is_double() ? 4 : 5;
}

std::strong_ordering compare_integers(const value& a, const value& b) {
  const bool a_is_large = a.is_uint64() && a.get_uint64() > std::uint64_t{INT64_MAX};
  const bool b_is_large = b.is_uint64() && b.get_uint64() > std::uint64_t{INT64_MAX};
  if (a_is_large || b_is_large) {
    const auto as_unsigned = [](const value& v) { return v.is_uint64() ? v.get_uint64() : std::uint64_t{0}; };
    if (a_is_large && b_is_large) return as_unsigned(a) <=> as_unsigned(b);
    return a_is_large ? std::strong_ordering::greater : std::strong_ordering::less;
  }
  const auto as_signed = [](const value& v) {
    return v.is_uint64() ? static_cast<std::int64_t>(v.get_uint64()) : v.get_int64();
  };
  return as_signed(a) <=> as_signed(b);
}

/// Integers and other numbers are of one kind to a predicate.
std::optional<std::strong_ordering> relation(const value& a, const value& b) {
  if (a.is_number() && b.is_number() && (a.is_double() || b.is_double())) {
    const auto x = a.to_number<double>();
    const auto y = b.to_number<double>();
    return x < y ? std::strong_ordering::less : x > y ? std::strong_ordering::greater : std::strong_ordering::equal;
  }
  if (rank(a) != rank(b) || rank(a) == 0 || rank(a) == 5) return std::nullopt;
  return compare(a, b);
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                       c == '.' || c == '-' || c == '/';
    if (plain) {
      out += c;
    } else {
      constexpr std::string_view kDigits = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

}  // namespace

std::expected<Query, QueryError> parse_query(std::string_view query, const QueryOptions& options) {
  return Parser(options).parse(query);
}

std::string to_text(const Cursor& cursor, std::span<const SortKey> sort) {
  std::string out;
  for (std::size_t i = 0; i < sort.size(); ++i) {
    const bool up = sort[i].descending == cursor.backwards;
    out += percent_encode(sort[i].path.name) + (up ? "_gt=" : "_lt=");
    out += percent_encode(boost::json::serialize(cursor.bound[i])) + "&";
  }
  if (cursor.backwards) out += "$reversed=true&";
  out.pop_back();
  return base64_encode(out);
}

std::strong_ordering compare(const value& a, const value& b) {
  const int kind = rank(a);
  if (const auto order = kind <=> rank(b); order != 0) return order;
  switch (kind) {
    case 1: return compare_integers(a, b);
    case 2: return std::string_view(a.get_string()) <=> std::string_view(b.get_string());
    case 3: return a.get_bool() <=> b.get_bool();
    case 4: return std::strong_order(a.get_double(), b.get_double());
    default: return std::strong_ordering::equal;
  }
}

const value& descend(const value& from, std::span<const std::string> within) {
  const value* at = &from;
  for (const std::string& name : within) {
    const auto* object = at->if_object();
    at = object == nullptr ? nullptr : object->if_contains(name);
    if (at == nullptr) return kAbsent;
  }
  return *at;
}

bool holds(const Predicate& predicate, const value& value) {
  const auto is = [&](auto wanted) {
    const auto order = relation(value, predicate.values.front());
    return order && wanted(*order);
  };
  switch (predicate.comparison) {
    case Comparison::equal:
      return std::ranges::any_of(predicate.values, [&](const auto& one) {
        const auto order = relation(value, one);
        return order && *order == 0;
      });
    case Comparison::not_equal: return !is([](auto order) { return order == 0; });
    case Comparison::less: return is([](auto order) { return order < 0; });
    case Comparison::at_most: return is([](auto order) { return order <= 0; });
    case Comparison::greater: return is([](auto order) { return order > 0; });
    case Comparison::at_least: return is([](auto order) { return order >= 0; });
    case Comparison::contains: {
      const auto* text = value.if_string();
      return text != nullptr && text->find(predicate.values.front().get_string()) != boost::json::string::npos;
    }
    case Comparison::absent: return value.is_null();
    case Comparison::present: return !value.is_null();
  }
  return false;
}

bool mentions(const value& value, std::string_view text) {
  if (const auto* own = value.if_string()) {
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; };
    return !std::ranges::search(*own, text, same).empty() || text.empty();
  }
  if (const auto* list = value.if_array()) {
    return std::ranges::any_of(*list, [&](const auto& one) { return mentions(one, text); });
  }
  if (const auto* object = value.if_object()) {
    return std::ranges::any_of(*object, [&](const auto& one) { return mentions(one.value(), text); });
  }
  return false;
}

}  // namespace sluice::api
