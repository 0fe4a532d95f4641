#include "config/row_info.hpp"

#include <algorithm>

namespace sluice::config {
namespace {

void collect(std::string_view name, const SchemaInfo& here, std::vector<std::string_view>& into) {
  const bool known = std::ranges::any_of(here.rows, [&](const RowInfo& row) { return row.name == name; }) ||
                     std::ranges::any_of(here.old_forms, [&](const OldForm& form) { return form.name == name; });
  if (known && std::ranges::find(into, here.place) == into.end()) into.push_back(here.place);
  for (const RowInfo& row : here.rows) {
    for (const auto& block : row.blocks) collect(name, *block, into);
  }
}

}  // namespace

std::vector<std::string_view> places_of(std::string_view name, const SchemaInfo& root) {
  std::vector<std::string_view> places;
  collect(name, root, places);
  return places;
}

}  // namespace sluice::config
