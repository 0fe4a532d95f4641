#pragma once

#include <boost/json/value.hpp>
#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/field.hpp"

namespace sluice::api {

/// A value in an item: a row, and the way on into the object that it holds.
struct FieldPath {
  std::size_t field = 0;            ///< index of the row
  std::vector<std::string> within;  ///< members of members; empty: the row's value itself
  std::string name;                 ///< as asked for

  bool operator==(const FieldPath&) const = default;
};

enum class Comparison : std::uint8_t { equal, not_equal, less, at_most, greater, at_least, contains, absent, present };

/// One condition on a value. An absent value is unequal to everything, and neither less nor greater than anything.
struct Predicate {
  FieldPath path;
  Comparison comparison = Comparison::equal;
  std::vector<boost::json::value> values;  ///< equal: any of them; else one; none of absent and present
};

struct SortKey {
  FieldPath path;
  bool descending = false;
};

/// Where a page begins: behind the item with these sort keys, or, backwards, before it.
struct Cursor {
  std::vector<boost::json::value> bound;  ///< one for each key of the sort
  bool backwards = false;
};

/// What a request asks of a list.
struct Query {
  std::vector<Predicate> predicates;  ///< all of them hold
  std::string text;                   ///< in one of the fields that are searched, whatever its case; empty: no matter
  std::vector<SortKey> sort;          ///< the last one tells any two items apart
  std::optional<std::vector<FieldPath>> select;  ///< nothing: everything
  std::size_t limit = 0;                         ///< items on a page
  std::optional<Cursor> cursor;
};

/// What a list can be asked.
struct QueryOptions {
  std::span<const FieldInfo> fields;
  Rights rights = Rights::edit;  ///< secrets are no fields for others
  std::string_view key;          ///< the field that tells any two items apart
  std::span<const std::string_view> sort =
      {};                 ///< where the request does not say; fields that do not exist are left out
  std::size_t limit = 0;  ///< where the request does not say; 0: kMostItems
  std::span<const std::string_view> ignored = {};  ///< parameters that are others' business
};

/// A page has no more, whatever is asked for.
inline constexpr std::size_t kMostItems = 10'000;
inline constexpr std::size_t kMostPredicates = 64;
inline constexpr std::size_t kMostValues = 1000;  ///< of all predicates
inline constexpr std::size_t kMostSortKeys = 8;
inline constexpr std::size_t kMostSelected = 256;
inline constexpr std::size_t kMostDepth = 8;  ///< names in a path

struct QueryError {
  std::string error;  ///< "broken_limit", "unknown_field": a word
  std::string name;   ///< of the parameter
};

/// Reads the query of a URL, as sent, without '?':
///
///   limit=N  cursor=C  sort=a,-b.c  select=a,b.c  q=text
///   FIELD=v1,v2  FIELD (is true)  FIELD_ne=v  FIELD_lt=v  FIELD_lte=v  FIELD_gt=v  FIELD_gte=v
///   FIELD_like=part  FIELD_is=null  FIELD_is_not=null
std::expected<Query, QueryError> parse_query(std::string_view query, const QueryOptions& options);

/// The cursor parameter for the page behind (or before) the item with the sort keys `bound`.
std::string to_text(const Cursor& cursor, std::span<const SortKey> sort);

/// The order of values in one column: absent, integers, texts, then everything else.
std::strong_ordering compare(const boost::json::value& a, const boost::json::value& b);

/// The value at the end of the way; null where there is none.
const boost::json::value& descend(const boost::json::value& from, std::span<const std::string> within);

/// Whether `value` is as the predicate wants it.
bool holds(const Predicate& predicate, const boost::json::value& value);

/// Whether a text in `value`, or in what it holds, contains `text`, which is in lower case.
bool mentions(const boost::json::value& value, std::string_view text);

}  // namespace sluice::api
