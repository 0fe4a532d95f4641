#include "stream/stream_config.hpp"

namespace sluice::stream {
namespace {

constexpr std::chrono::seconds kDefaultSourceTimeout{60};

/// What of `name` follows `prefix`, or nothing where it does not match.
std::optional<std::string_view> rest_of(std::string_view name, std::string_view prefix) {
  if (prefix.empty()) return name;
  if (!name.starts_with(prefix) || name.size() < prefix.size() + 2 || name[prefix.size()] != '/') return std::nullopt;
  return name.substr(prefix.size() + 1);
}

void replace_rest(std::string& text, std::string_view rest) {
  constexpr std::string_view kPlace = "%s";
  for (auto at = text.find(kPlace); at != std::string::npos; at = text.find(kPlace, at + rest.size())) {
    text.replace(at, kPlace.size(), rest);
  }
}

}  // namespace

std::chrono::seconds source_timeout(const StreamConfig& stream, const InputConfig& input) {
  if (input.source_timeout) return *input.source_timeout;
  if (stream.source_timeout) return *stream.source_timeout;
  return input.scheme == "publish" ? std::chrono::seconds{0} : kDefaultSourceTimeout;
}

std::optional<StreamConfig> make_from_template(std::span<const TemplateConfig> templates, std::string_view name) {
  const TemplateConfig* best = nullptr;
  std::string_view best_rest;
  for (const TemplateConfig& candidate : templates) {
    for (const std::string& prefix : candidate.prefixes) {
      const auto rest = rest_of(name, prefix);
      if (!rest || (best != nullptr && rest->size() >= best_rest.size())) continue;
      best = &candidate;
      best_rest = *rest;
    }
  }
  if (best == nullptr || best->options.disabled) return std::nullopt;

  StreamConfig made = best->options;
  made.template_name = made.name;
  made.name = name;
  made.is_static = false;
  for (InputConfig& input : made.inputs) {
    replace_rest(input.url, best_rest);
    for (auto& [option, value] : input.options) replace_rest(value, best_rest);
  }
  return made;
}

}  // namespace sluice::stream
