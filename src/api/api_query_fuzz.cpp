#include <array>
#include <cstddef>
#include <cstdint>

#include "api/query.hpp"
#include "core/assert.hpp"

namespace {

using namespace sluice::api;

const std::array<FieldInfo, 7> kFields{{{.name = "name"},
                                        {.name = "token"},
                                        {.name = "stats.on", .type = FieldType::boolean},
                                        {.name = "stats.size", .type = FieldType::integer},
                                        {.name = "stats.rate", .type = FieldType::number},
                                        {.name = "stats.box", .type = FieldType::object},
                                        {.name = "mixed", .type = FieldType::any}}};
constexpr std::array<std::string_view, 2> kSort{"stats.size", "nothing"};

/// Whatever a request asks, it is refused or can be answered, and the cursors of the answer lead on.
void ask(std::string_view text, Rights rights) {
  const QueryOptions options{.fields = kFields, .rights = rights, .key = "name", .sort = kSort, .limit = 10};
  const auto query = parse_query(text, options);
  if (!query) return;
  const std::array<boost::json::value, 6> values{nullptr, true, -1, 2.5, "text", boost::json::value{{"a", {{"b", 1}}}}};
  for (const Predicate& predicate : query->predicates) {
    for (const auto& value : values) (void)holds(predicate, descend(value, predicate.path.within));
  }
  Cursor cursor{.bound = {}, .backwards = text.size() % 2 == 0};
  for (std::size_t i = 0; i < query->sort.size(); ++i) cursor.bound.push_back(values[(i + text.size()) % 5]);
  if (query->cursor) SLUICE_ASSERT(query->cursor->bound.size() == query->sort.size(), "a bound for each key");
  const auto next = parse_query("cursor=" + to_text(cursor, query->sort), options);
  SLUICE_ASSERT(next && next->cursor && next->cursor->backwards == cursor.backwards, "a cursor that we made is read");
  for (std::size_t i = 0; i < cursor.bound.size(); ++i) {
    SLUICE_ASSERT(compare(next->cursor->bound[i], cursor.bound[i]) == 0, "with its bound");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ask(text, Rights::edit);
  ask(text, Rights::view);
  return 0;
}
