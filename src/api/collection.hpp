#pragma once

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "api/answer.hpp"
#include "api/endpoint.hpp"
#include "api/query.hpp"
#include "core/slices.hpp"

namespace sluice::api {

/// One page of a list, as a query wants it. Every step goes in slices, so that a long list stops nobody.
template <class T>
class Page {
 public:
  /// All of it outlives this.
  Page(const Fields<T>& fields, std::span<const T> items, const Query& query, Rights rights)
      : fields_(fields), items_(items), query_(query), rights_(rights) {}

  /// The answer: the items under `plural`, how many there are on all pages, and the cursors of the pages around this.
  Task<boost::json::object> make(std::string_view plural, std::chrono::milliseconds load) {
    boost::json::object timing{{"load", std::int64_t{load.count()}}};
    auto began = std::chrono::steady_clock::now();
    const auto lap = [&](std::string_view step) {
      const auto now = std::chrono::steady_clock::now();
      timing[step] = std::int64_t{std::chrono::duration_cast<std::chrono::milliseconds>(now - began).count()};
      began = now;
    };
    co_await filter();
    lap("filter");
    co_await sort();
    lap("sort");
    limit();
    lap("limit");
    boost::json::array list = co_await select();
    lap("select");
    boost::json::object out;
    out[plural] = std::move(list);
    out["estimated_count"] = count_;
    if (next_) out["next"] = *next_;
    if (prev_) out["prev"] = *prev_;
    out["timing"] = std::move(timing);
    co_return out;
  }

 private:
  /// An item that is wanted, with its sort keys.
  struct Entry {
    std::size_t item = 0;
    std::vector<boost::json::value> keys;
  };

  boost::json::value value_at(const FieldPath& path, const T& item) const {
    auto value = fields_.value(path.field, item, rights_);
    if (path.within.empty()) return value;
    return descend(value, path.within);
  }

  bool wanted(const T& item) const {
    for (const Predicate& predicate : query_.predicates) {
      if (!holds(predicate, value_at(predicate.path, item))) return false;
    }
    if (query_.text.empty()) return true;
    for (std::size_t i = 0; i < fields_.info().size(); ++i) {
      if (fields_.info()[i].searched && mentions(fields_.value(i, item, rights_), query_.text)) return true;
    }
    return false;
  }

  [[nodiscard]] std::strong_ordering order(std::span<const boost::json::value> a,
                                           std::span<const boost::json::value> b) const {
    for (std::size_t i = 0; i < query_.sort.size(); ++i) {
      const auto one = compare(a[i], b[i]);
      if (one != 0) return query_.sort[i].descending ? 0 <=> one : one;
    }
    return std::strong_ordering::equal;
  }

  [[nodiscard]] bool backwards() const { return query_.cursor && query_.cursor->backwards; }

  /// In the order in which the page is gathered: backwards it begins with what is nearest to the cursor.
  [[nodiscard]] bool before(const Entry& a, const Entry& b) const {
    const auto one = order(a.keys, b.keys);
    return backwards() ? one > 0 : one < 0;
  }

  /// Keeps the items that the query wants and that are on the cursor's side of it.
  Task<void> filter() {
    Slices slices;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (slices.due()) co_await slices.next();
      if (!wanted(items_[i])) continue;
      ++count_;
      Entry entry{.item = i, .keys = {}};
      entry.keys.reserve(query_.sort.size());
      for (const SortKey& key : query_.sort) entry.keys.push_back(value_at(key.path, items_[i]));
      if (query_.cursor) {
        const auto place = order(entry.keys, query_.cursor->bound);
        if (backwards() ? place >= 0 : place <= 0) {
          others_side_ = true;
          continue;
        }
      }
      entries_.push_back(std::move(entry));
    }
  }

  /// Sorts a block at a time into the best that there are so far: no more than the page and one, which tells whether
  /// there is another.
  Task<void> sort() {
    constexpr std::ptrdiff_t kBlock = 512;
    const auto before_other = [this](const Entry& a, const Entry& b) { return before(a, b); };
    const auto most = static_cast<std::ptrdiff_t>(query_.limit) + 1;
    Slices slices;
    std::vector<Entry> best;
    for (auto block = entries_.begin(); block != entries_.end();) {
      const auto end = block + std::min(kBlock, entries_.end() - block);
      const auto sorted = block + std::min(most, end - block);
      std::partial_sort(block, sorted, end, before_other);
      std::vector<Entry> merged;
      merged.reserve(best.size() + static_cast<std::size_t>(sorted - block));
      std::merge(std::move_iterator(best.begin()), std::move_iterator(best.end()), std::move_iterator(block),
                 std::move_iterator(sorted), std::back_inserter(merged), before_other);
      merged.resize(std::min(query_.limit + 1, merged.size()));
      best = std::move(merged);
      block = end;
      co_await slices.next();
    }
    entries_ = std::move(best);
  }

  /// Cuts the page off what is sorted, and says where those around it begin.
  void limit() {
    const bool more = entries_.size() > query_.limit;
    if (more) entries_.resize(query_.limit);
    if (backwards()) std::ranges::reverse(entries_);
    if (entries_.empty()) return;
    if (backwards() ? others_side_ : more) next_ = cursor_at(entries_.back(), false);
    if (backwards() ? more : others_side_) prev_ = cursor_at(entries_.front(), true);
  }

  [[nodiscard]] std::string cursor_at(const Entry& entry, bool to_front) const {
    return to_text(Cursor{.bound = entry.keys, .backwards = to_front}, query_.sort);
  }

  Task<boost::json::array> select() {
    Slices slices;
    boost::json::array list;
    for (const Entry& entry : entries_) {
      if (slices.due()) co_await slices.next();
      const T& item = items_[entry.item];
      if (!query_.select) {
        list.push_back(fields_.json(item, rights_));
        continue;
      }
      boost::json::object chosen;
      for (const FieldPath& path : *query_.select) {
        if (slices.due()) co_await slices.next();
        put(chosen, path.name, value_at(path, item));
      }
      list.push_back(std::move(chosen));
    }
    co_return list;
  }

  // borrowed (outlives this)
  const Fields<T>& fields_;
  const std::span<const T> items_;
  const Query& query_;
  // state
  const Rights rights_;
  std::vector<Entry> entries_;
  std::size_t count_ = 0;
  bool others_side_ = false;  // there are items on the other side of the cursor
  std::optional<std::string> next_;
  std::optional<std::string> prev_;
};

/// What the request of a list's endpoint asks for.
std::expected<Query, QueryError> parse_list_query(const Call& call);

/// 400, with what is wrong in a query.
net::HttpResponse query_refusal(const QueryError& error);

/// The answer of a list's endpoint to its request: a page of `items`, which took `load` to gather, or what is wrong
/// with the query. REQUIRES: `fields` are those of the endpoint's `listed`.
template <class T>
Task<net::HttpResponse> list_answer(const Call& call, const Fields<T>& fields, std::vector<T> items,
                                    std::chrono::milliseconds load) {
  const auto query = parse_list_query(call);
  if (!query) co_return query_refusal(query.error());
  auto page = co_await Page<T>(fields, items, *query, call.rights).make(call.endpoint.listed->plural, load);
  co_return json_answer(page);
}

}  // namespace sluice::api
