#include "api/field.hpp"

namespace sluice::api {

void put(boost::json::object& into, std::string_view name, boost::json::value value) {
  if (value.is_null()) return;
  boost::json::object* at = &into;
  for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
    auto& inner = (*at)[name.substr(0, dot)];
    if (!inner.is_object()) inner.emplace_object();
    at = &inner.get_object();
    name.remove_prefix(dot + 1);
  }
  (*at)[name] = std::move(value);
}

}  // namespace sluice::api
