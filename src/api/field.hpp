#pragma once

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/rights.hpp"
#include "api/redact.hpp"
#include "core/time.hpp"
#include "core/utf8.hpp"

namespace sluice::api {

using access::Rights;

enum class FieldType : std::uint8_t {
  boolean,
  integer,
  number,
  string,
  object,
  array,
  any  ///< of several types: a number of seconds or `false`
};

/// How a field is measured, for those who gather measurements.
struct Metric {
  enum class Kind : std::uint8_t { counter, gauge };
  Kind kind = Kind::gauge;
  std::string name;   ///< of the OpenMetrics family, without the unit's and the kind's suffix
  double scale = 1;   ///< of the value to the metric's base unit: 0.001 from milliseconds to seconds
  bool bare = false;  ///< a counter whose name is known without the suffix "_total"
};

/// All that there is to know of one thing that the API shows, but its value.
struct FieldInfo {
  std::string name;  ///< with dots where it stands in an object: "stats.bitrate"
  FieldType type = FieldType::string;
  std::string doc;                 ///< one sentence
  std::string unit;                ///< "ms", "kbit/s", "bytes", "UTC ms", or empty
  std::vector<std::string> words;  ///< the values, where they are these few
  bool always = false;             ///< stands in an item whatever is selected
  bool searched = false;           ///< free text is looked for in it
  std::optional<Metric> metric;
};

/// One thing that is shown or measured of a T: lists filter, sort and select by these rows, and JSON, the OpenAPI
/// document and OpenMetrics are made of them. A new counter is one more row.
template <class T>
struct Field {
  FieldInfo info;
  std::function<boost::json::value(const T&)> get;  ///< null where the item has none
};

/// What the value of a row may be made of: plain values, text, and optionals of these; time is UTC in milliseconds, a
/// duration is milliseconds.
template <class V>
boost::json::value to_value(const V& value) {
  return boost::json::value(value);
}
inline boost::json::value to_value(std::string_view text) {
  return is_utf8(text) ? boost::json::string(text) : boost::json::string(as_utf8(text));  // JSON has nothing else
}
inline boost::json::value to_value(const std::string& text) { return to_value(std::string_view(text)); }
inline boost::json::value to_value(std::chrono::milliseconds duration) { return std::int64_t{duration.count()}; }
inline boost::json::value to_value(std::chrono::seconds duration) { return std::int64_t{duration.count()}; }
inline boost::json::value to_value(UtcTime time) {
  return std::int64_t{std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count()};
}
template <class V>
boost::json::value to_value(const std::optional<V>& value) {
  return value ? to_value(*value) : boost::json::value();
}

/// Puts `value` where a name with dots says; null is put nowhere.
void put(boost::json::object& into, std::string_view name, boost::json::value value);

/// The rows of a T, in the order in which they are shown. Built once, then only read.
template <class T>
class Fields {
 public:
  /// A row; `get` returns what to_value() takes.
  template <class Get>
  Fields& add(FieldInfo info, Get get) {
    info_.push_back(info);
    rows_.push_back({.info = std::move(info), .get = [get](const T& item) { return to_value(get(item)); }});
    return *this;
  }

  /// All rows of a U that a T has.
  template <class U, class Get>
  Fields& include(const Fields<U>& other, Get get) {
    for (const Field<U>& row : other.rows()) {
      info_.push_back(row.info);
      rows_.push_back({.info = row.info, .get = [of = row.get, get](const T& item) { return of(get(item)); }});
    }
    return *this;
  }

  [[nodiscard]] std::span<const Field<T>> rows() const { return rows_; }
  [[nodiscard]] std::span<const FieldInfo> info() const { return info_; }

  /// The value of row `index` as somebody with these rights may see it; null where there is none for him.
  [[nodiscard]] boost::json::value value(std::size_t index, const T& item, Rights rights) const {
    auto out = rows_[index].get(item);
    if (rights != Rights::edit) redact(info_[index].name, out);
    return out;
  }

  /// The item as an object, as somebody with these rights may see it.
  [[nodiscard]] boost::json::object json(const T& item, Rights rights) const {
    boost::json::object out;
    for (std::size_t i = 0; i < rows_.size(); ++i) put(out, info_[i].name, value(i, item, rights));
    return out;
  }

 private:
  std::vector<Field<T>> rows_;
  std::vector<FieldInfo> info_;  // of rows_
};

}  // namespace sluice::api
