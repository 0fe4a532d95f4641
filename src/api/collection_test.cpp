#include "api/collection.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <numeric>

namespace sluice::api {
namespace {

using boost::json::value;
using testing::ElementsAre;

/// An item of the lists here: a name, and what else it may have.
struct Thing {
  std::string name;
  std::optional<std::string> kind;
  std::optional<std::int64_t> size;
  bool on = false;
  std::optional<double> rate;
  value mixed;  // an integer, `false` or nothing
  std::string token;
};

const Fields<Thing>& fields() {
  static const auto all = [] {
    Fields<Thing> out;
    out.add({.name = "name", .doc = "Name.", .always = true, .searched = true}, [](const Thing& t) { return t.name; })
        .add({.name = "kind", .doc = "Kind.", .searched = true}, [](const Thing& t) { return t.kind; })
        .add({.name = "stats.size", .type = FieldType::integer, .doc = "Size."}, [](const Thing& t) { return t.size; })
        .add({.name = "stats.on", .type = FieldType::boolean, .doc = "On."}, [](const Thing& t) { return t.on; })
        .add({.name = "stats.rate", .type = FieldType::number, .doc = "Rate."}, [](const Thing& t) { return t.rate; })
        .add({.name = "mixed", .type = FieldType::any, .doc = "Mixed."}, [](const Thing& t) { return t.mixed; })
        .add({.name = "box", .type = FieldType::object, .doc = "Holds the size."},
             [](const Thing& t) { return value{{"inner", {{"size", t.size ? value(*t.size) : value()}}}}; })
        .add({.name = "token", .doc = "A secret."}, [](const Thing& t) { return t.token; });
    return out;
  }();
  return all;
}

constexpr std::string_view kDefaultSort[] = {"kind", "no such field"};

QueryOptions options(Rights rights = Rights::edit) {
  return {.fields = fields().info(), .rights = rights, .key = "name", .sort = kDefaultSort, .limit = 100};
}

/// Runs `make` on a shard, to its end.
template <class Make>
auto on_shard(Make make) {
  Shard shard(0, 1 << 20);
  TaskScope scope;
  std::optional<boost::json::object> out;
  shard.post([&] {
    scope.spawn([](Shard& on, std::optional<boost::json::object>& into, Make& task) -> Task<void> {
      into = co_await task();
      on.stop();
    }(shard, out, make));
  });
  shard.run();
  return *out;
}

std::expected<boost::json::object, std::string> ask(const std::vector<Thing>& things, std::string_view text,
                                                    Rights rights = Rights::edit) {
  const auto query = parse_query(text, options(rights));
  if (!query) return std::unexpected(query.error().error + " " + query.error().name);
  Page<Thing> page(fields(), things, *query, rights);
  return on_shard([&] { return page.make("things", {}); });
}

std::vector<std::string> names(const boost::json::object& page) {
  std::vector<std::string> out;
  for (const auto& thing : page.at("things").as_array()) out.emplace_back(thing.at("name").as_string());
  return out;
}

std::vector<std::string> names(const std::vector<Thing>& things, std::string_view text) {
  const auto page = ask(things, text);
  EXPECT_TRUE(page) << page.error();
  return page ? names(*page) : std::vector<std::string>{};
}

const std::vector<Thing> kThings{
    {.name = "c", .kind = "Tall", .size = 10, .on = true, .rate = 29.97, .mixed = 60, .token = "s1"},
    {.name = "a", .kind = {}, .size = 2, .on = false, .rate = 25, .mixed = false, .token = "s2"},
    {.name = "b/x y", .kind = "small", .size = {}, .on = true, .rate = {}, .mixed = nullptr, .token = "s3"},
    {.name = "d", .kind = "small", .size = -5, .on = false, .rate = 50, .mixed = 5, .token = "s4"},
};

TEST(Collection, Sorts) {
  EXPECT_THAT(names(kThings, ""), ElementsAre("a", "c", "b/x y", "d")) << "by kind, absent first, then by name";
  EXPECT_THAT(names(kThings, "sort=name"), ElementsAre("a", "b/x y", "c", "d"));
  EXPECT_THAT(names(kThings, "sort=-stats.size"), ElementsAre("c", "a", "d", "b/x y"));
  EXPECT_THAT(names(kThings, "sort=kind,-stats.size"), ElementsAre("a", "c", "d", "b/x y"));
  EXPECT_THAT(names(kThings, "sort=mixed"), ElementsAre("b/x y", "d", "c", "a")) << "absent, integers, anything else";
  EXPECT_THAT(names(kThings, "sort=box.inner.size"), ElementsAre("b/x y", "d", "a", "c"));
}

TEST(Collection, Filters) {
  EXPECT_THAT(names(kThings, "sort=name&name=a,d,zz"), ElementsAre("a", "d"));
  EXPECT_THAT(names(kThings, "name=b/x+y"), ElementsAre("b/x y"));
  EXPECT_THAT(names(kThings, "name=b%2Fx%20y"), ElementsAre("b/x y"));
  EXPECT_THAT(names(kThings, "sort=name&stats.on"), ElementsAre("b/x y", "c"));
  EXPECT_THAT(names(kThings, "sort=name&stats.on=false"), ElementsAre("a", "d"));
  EXPECT_THAT(names(kThings, "sort=name&stats.size_gt=-5"), ElementsAre("a", "c"));
  EXPECT_THAT(names(kThings, "sort=name&stats.size_gte=-5&stats.size_lt=10"), ElementsAre("a", "d"));
  EXPECT_THAT(names(kThings, "sort=name&stats.size_lte=2"), ElementsAre("a", "d")) << "absent is not less";
  EXPECT_THAT(names(kThings, "sort=name&stats.size_ne=2"), ElementsAre("b/x y", "c", "d")) << "absent is not equal";
  EXPECT_THAT(names(kThings, "sort=name&stats.rate_gte=29.97"), ElementsAre("c", "d"));
  EXPECT_THAT(names(kThings, "kind_like=mal"), ElementsAre("b/x y", "d"));
  EXPECT_THAT(names(kThings, "kind_like=MAL"), ElementsAre());
  EXPECT_THAT(names(kThings, "kind_is=null"), ElementsAre("a"));
  EXPECT_THAT(names(kThings, "sort=name&kind_is_not=null"), ElementsAre("b/x y", "c", "d"));
  EXPECT_THAT(names(kThings, "sort=name&mixed=false,5"), ElementsAre("a", "d"));
  EXPECT_THAT(names(kThings, "box.inner.size=10"), ElementsAre("c"));
  EXPECT_THAT(names(kThings, "box.inner.size.deeper_is_not=null"), ElementsAre());
  EXPECT_THAT(names(kThings, "q=TALL"), ElementsAre("c"));
  EXPECT_THAT(names(kThings, "q=X+y"), ElementsAre("b/x y"));
}

TEST(Collection, Selects) {
  const auto first = [](std::string_view text) { return serialize(ask(kThings, text)->at("things").at(0)); };
  EXPECT_EQ(first("sort=name&select=stats.size"), R"({"stats":{"size":2},"name":"a"})");
  EXPECT_EQ(first("sort=name&select=stats,kind,nothing"), R"({"stats":{"size":2,"on":false,"rate":2.5E1},"name":"a"})");
  EXPECT_EQ(first("sort=name&select=box.inner.size"), R"({"box":{"inner":{"size":2}},"name":"a"})");
  EXPECT_EQ(first("name=d&select=name"), R"({"name":"d"})");
  std::string again = "name=d&select=name";
  for (std::size_t i = 0; i <= 2 * kMostSelected; ++i) again += ",name";
  EXPECT_EQ(first(again), R"({"name":"d"})") << "each is given once";
}

TEST(Collection, CountsBeforeItCutsThePage) {
  const auto page = *ask(kThings, "sort=name&limit=1&stats.on");
  EXPECT_EQ(page.at("estimated_count"), 2);
  EXPECT_TRUE(page.contains("next"));
  EXPECT_FALSE(page.contains("prev"));
  for (const char* step : {"load", "filter", "sort", "limit", "select"}) {
    EXPECT_TRUE(page.at("timing").at(step).is_int64()) << step;
  }
  EXPECT_FALSE(ask(kThings, "limit=4")->contains("next"));
  EXPECT_THAT(names(*ask(kThings, "cursor=&limit=1&sort=name")), ElementsAre("a"))
      << "an empty cursor is the first page";
}

TEST(Collection, RefusesWhatCannotBeMeant) {
  const std::pair<std::string, std::string> kCases[] = {
      {"limit=0", "broken_limit limit"},
      {"limit=-1", "broken_limit limit"},
      {"limit=ten", "broken_limit limit"},
      {"limit=", "broken_limit limit"},
      {"limit=99999999999999999999", "broken_limit limit"},
      {"colour=red", "unknown_field colour"},
      {"name.first=a", "unknown_field name.first"},
      {"sort=colour", "unknown_field colour"},
      {"sort=box", "no_order box"},
      {"stats.size=two", "wrong_type stats.size"},
      {"stats.size=1,", "wrong_type stats.size"},
      {"stats.on_gt=1", "wrong_type stats.on_gt"},
      {"stats.rate=nan", "wrong_type stats.rate"},
      {"box=1", "wrong_type box"},
      {"stats.size_like=1", "wrong_type stats.size_like"},
      {"kind_is=none", "only_null kind_is"},
      {"name=%zz", "broken_escape name=%zz"},
      {"cursor=!", "broken_cursor cursor"},
      {"cursor=YWJj", "broken_cursor cursor"},
      {"box.a.a.a.a.a.a.a.a.a=1", "unknown_field box.a.a.a.a.a.a.a.a.a"},
  };
  for (const auto& [text, error] : kCases) {
    const auto page = ask(kThings, text);
    ASSERT_FALSE(page) << text;
    EXPECT_EQ(page.error(), error);
  }
  std::string many;
  for (std::size_t i = 0; i <= kMostPredicates; ++i) many += "stats.size_ne=1&";
  EXPECT_EQ(ask(kThings, many).error(), "too_many stats.size_ne");
  many = "name=";
  for (std::size_t i = 0; i <= kMostValues; ++i) many += "a,";
  EXPECT_EQ(ask(kThings, many).error(), "too_many name");
  many = "sort=name";
  for (std::size_t i = 0; i <= kMostSortKeys; ++i) many += ",name";
  EXPECT_EQ(ask(kThings, many).error(), "too_many sort");
  many = "select=name";
  for (std::size_t i = 0; i <= kMostSelected; ++i) many += ",box.k" + std::to_string(i);
  EXPECT_EQ(ask(kThings, many).error(), "too_many select");
}

TEST(Collection, ACursorGoesWithItsSort) {
  const std::string next(ask(kThings, "sort=-stats.size&limit=2")->at("next").as_string());
  EXPECT_THAT(names(kThings, "sort=-stats.size&limit=2&cursor=" + next), ElementsAre("d", "b/x y"));
  EXPECT_THAT(names(kThings, "limit=2&cursor=" + next), ElementsAre("d", "b/x y")) << "the cursor knows its sort";
  EXPECT_EQ(ask(kThings, "sort=name&cursor=" + next).error(), "broken_cursor cursor");
}

TEST(Collection, SecretsAreNoFieldsForAReader) {
  EXPECT_EQ(serialize(*ask(kThings, "")).find("s1") == std::string::npos, false);
  EXPECT_EQ(serialize(*ask(kThings, "", Rights::view)).find("s1"), std::string::npos);
  for (const char* text : {"token=s1", "token_like=s", "sort=token", "token_is=null"}) {
    EXPECT_TRUE(ask(kThings, text)) << text;
    EXPECT_FALSE(ask(kThings, text, Rights::view)) << text;
  }
  EXPECT_FALSE(ask(kThings, "select=token", Rights::view)->at("things").at(0).as_object().contains("token"));
}

// --- against a reference ------------------------------------------------------------------------------------------

/// The language again, by plain comparisons of whole lists: what it says of one value, and a stable sort.
struct Reference {
  enum class Column { name, kind, size, on, rate, mixed };
  static constexpr std::string_view kNames[] = {"name", "kind", "stats.size", "stats.on", "stats.rate", "mixed"};

  /// A value with its place among the types.
  using Cell = std::tuple<int, std::int64_t, std::string, double>;
  static Cell cell(const Thing& t, Column column) {
    const Cell absent{0, 0, "", 0};
    switch (column) {
      case Column::name: return {2, 0, t.name, 0};
      case Column::kind: return t.kind ? Cell{2, 0, *t.kind, 0} : absent;
      case Column::size: return t.size ? Cell{1, *t.size, "", 0} : absent;
      case Column::on: return {3, t.on ? 1 : 0, "", 0};
      case Column::rate: return t.rate ? Cell{4, 0, "", *t.rate} : absent;
      case Column::mixed:
        return t.mixed.is_null() ? absent : t.mixed.is_bool() ? Cell{3, 0, "", 0} : Cell{1, t.mixed.as_int64(), "", 0};
    }
    return absent;
  }
};

struct Condition {
  Reference::Column column;
  std::string comparison;
  std::vector<Reference::Cell> cells;
  std::string text;
};

bool reference_holds(const Condition& condition, const Thing& thing) {
  const auto cell = Reference::cell(thing, condition.column);
  const bool absent = std::get<0>(cell) == 0;
  if (condition.comparison == "is") return absent;
  if (condition.comparison == "is_not") return !absent;
  if (condition.comparison == "like") return !absent && std::get<2>(cell).find(condition.text) != std::string::npos;
  if (condition.comparison.empty()) return std::ranges::find(condition.cells, cell) != condition.cells.end();
  const auto& wanted = condition.cells.front();
  if (condition.comparison == "ne") return cell != wanted;
  if (absent || std::get<0>(cell) != std::get<0>(wanted)) return false;
  if (condition.comparison == "lt") return cell < wanted;
  if (condition.comparison == "lte") return cell <= wanted;
  if (condition.comparison == "gt") return cell > wanted;
  return cell >= wanted;
}

std::string spelled(const Reference::Cell& cell) {
  switch (std::get<0>(cell)) {
    case 1: return std::to_string(std::get<1>(cell));
    case 3: return std::get<1>(cell) != 0 ? "true" : "false";
    case 4: return boost::json::serialize(value(std::get<3>(cell)));
    default: return std::get<2>(cell);
  }
}

std::vector<Thing> thousand_things() {
  std::vector<Thing> out;
  for (int i = 0; i < 1000; ++i) {
    Thing thing{.name = "n" + std::to_string(i)};
    if (*rc::gen::inRange(0, 4) != 0) thing.kind = *rc::gen::element<std::string>("", "news", "new", "sport/x", "z");
    if (*rc::gen::inRange(0, 4) != 0) thing.size = *rc::gen::inRange(-3, 4);
    thing.on = *rc::gen::inRange(0, 2) != 0;
    if (*rc::gen::inRange(0, 3) != 0) thing.rate = *rc::gen::element(25.0, 29.97, 50.0);
    if (*rc::gen::inRange(0, 2) != 0) thing.mixed = *rc::gen::element(value(false), value(60), value(5));
    out.push_back(std::move(thing));
  }
  return out;
}

Condition random_condition(const std::vector<Thing>& things) {
  using Column = Reference::Column;
  Condition out{.column = static_cast<Column>(*rc::gen::inRange(0, 6)), .comparison = {}, .cells = {}, .text = {}};
  out.comparison = *rc::gen::element<std::string>("", "ne", "lt", "lte", "gt", "gte", "is", "is_not", "like");
  const bool text = out.column == Column::name || out.column == Column::kind;
  if (out.comparison == "like" && !text) out.comparison = "ne";
  out.text = *rc::gen::element<std::string>("n", "9", "ort/", "");
  const auto count = out.comparison.empty() ? *rc::gen::inRange(1, 4) : 1;
  for (int i = 0; i < count; ++i) {
    auto cell = Reference::cell(things[static_cast<std::size_t>(*rc::gen::inRange(0, 1000))], out.column);
    if (std::get<0>(cell) != 0) out.cells.push_back(cell);
  }
  if (out.cells.empty() && out.comparison != "is" && out.comparison != "like") out.comparison = "is_not";
  return out;
}

std::string spelled(const Condition& condition) {
  std::string out(Reference::kNames[static_cast<int>(condition.column)]);
  if (!condition.comparison.empty()) out += "_" + condition.comparison;
  out += "=";
  if (condition.comparison.starts_with("is")) return out + "null";
  if (condition.comparison == "like") return out + condition.text;
  for (std::size_t i = 0; i < condition.cells.size(); ++i) out += (i == 0 ? "" : ",") + spelled(condition.cells[i]);
  return out;
}

RC_GTEST_PROP(CollectionProperty, AgreesWithAReferenceAndWalksEveryItemOnce, ()) {
  const auto things = thousand_things();
  std::string query;
  std::vector<Condition> conditions;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    conditions.push_back(random_condition(things));
    query += spelled(conditions.back()) + "&";
  }
  std::vector<std::pair<Reference::Column, bool>> sort;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    sort.emplace_back(static_cast<Reference::Column>(*rc::gen::inRange(0, 6)), *rc::gen::inRange(0, 2) != 0);
  }
  if (sort.empty()) sort.emplace_back(Reference::Column::kind, false);
  query += "sort=";
  for (const auto& [column, down] : sort) {
    query += (query.ends_with('=') ? "" : ",") + std::string(down ? "-" : "");
    query += Reference::kNames[static_cast<int>(column)];
  }

  std::vector<Thing> wanted;
  std::ranges::copy_if(things, std::back_inserter(wanted), [&](const Thing& thing) {
    return std::ranges::all_of(conditions, [&](const Condition& c) { return reference_holds(c, thing); });
  });
  std::ranges::sort(wanted, [&](const Thing& a, const Thing& b) {
    for (const auto& [column, down] : sort) {
      const auto x = Reference::cell(a, column);
      const auto y = Reference::cell(b, column);
      if (x != y) return down ? y < x : x < y;
    }
    return a.name < b.name;
  });

  query += "&limit=" + std::to_string(*rc::gen::element(25, 100, 333, 5000));
  std::vector<std::string> walked;
  std::vector<std::vector<std::string>> pages;
  std::vector<std::string> backs;
  std::string cursor;
  do {
    const auto page = ask(things, query + "&cursor=" + cursor);
    RC_ASSERT(page);
    RC_ASSERT(page->at("estimated_count").to_number<std::size_t>() == wanted.size());
    pages.push_back(names(*page));
    walked.insert(walked.end(), pages.back().begin(), pages.back().end());
    RC_ASSERT(page->contains("prev") == (pages.size() > 1));
    backs.emplace_back(page->contains("prev") ? std::string(page->at("prev").as_string()) : "");
    cursor = page->contains("next") ? std::string(page->at("next").as_string()) : "";
  } while (!cursor.empty());
  std::vector<std::string> expected;
  for (const Thing& thing : wanted) expected.push_back(thing.name);
  RC_ASSERT(walked == expected);

  // And back again.
  for (std::size_t i = pages.size() - 1; i > 0; --i) {
    const auto page = ask(things, query + "&cursor=" + backs[i]);
    RC_ASSERT(page);
    RC_ASSERT(names(*page) == pages[i - 1]);
    RC_ASSERT(page->contains("next"));
    RC_ASSERT(page->contains("prev") == (i > 1));
  }
}

}  // namespace
}  // namespace sluice::api
