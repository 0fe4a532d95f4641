#include "config/json_pointer.hpp"

#include <algorithm>
#include <charconv>

namespace sluice::config {
namespace {

namespace json = boost::json;

/// The name before the first dot of `path`, which goes on behind it.
std::string_view next_name(std::string_view& path) {
  const auto name = path.substr(0, path.find('.'));
  path.remove_prefix(std::min(name.size() + 1, path.size()));
  return name;
}

json::value step_json(std::string_view step) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (error == std::errc{} && end == step.data() + step.size()) return index;
  return json::string(step.data(), step.size());
}

}  // namespace

JsonPointer::Step JsonPointer::enter(std::string_view path) {
  const auto before = text_.size();
  text_ += '/';
  text_ += path;
  std::replace(text_.begin() + static_cast<std::ptrdiff_t>(before), text_.end(), '.', '/');
  return {text_, before};
}

JsonPointer::Step JsonPointer::enter(std::size_t index) {
  const auto before = text_.size();
  text_ += '/' + std::to_string(index);
  return {text_, before};
}

json::array steps_of(std::string_view pointer) {
  json::array out;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const auto step = pointer.substr(0, pointer.find('/'));
    out.push_back(step_json(step));
    pointer.remove_prefix(step.size());
  }
  return out;
}

const json::value* find_member(const json::object& object, std::string_view path) {
  const json::object* here = &object;
  for (;;) {
    const auto name = next_name(path);
    const json::value* found = here->if_contains(name);
    if (found == nullptr || path.empty()) return found;
    here = found->if_object();
    if (here == nullptr) return nullptr;
  }
}

void set_member(json::object& object, std::string_view path, json::value value) {
  json::object* here = &object;
  for (;;) {
    const auto name = next_name(path);
    json::value& member = (*here)[name];
    if (path.empty()) {
      member = std::move(value);
      return;
    }
    if (!member.is_object()) member.emplace_object();
    here = &member.get_object();
  }
}

void merge(json::object& target, const json::object& patch) {
  constexpr std::string_view kReset = "$reset";
  if (const auto* reset = patch.if_contains(kReset); reset != nullptr && *reset == true) target.clear();
  for (const auto& [name, value] : patch) {
    if (name == kReset) continue;
    if (value.is_null()) {
      target.erase(name);
    } else if (const auto* inner = value.if_object()) {
      json::value& member = target[name];
      if (!member.is_object()) member.emplace_object();
      merge(member.get_object(), *inner);
    } else {
      target[name] = value;
    }
  }
}

}  // namespace sluice::config
