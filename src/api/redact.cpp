#include "api/redact.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include "core/secret_name.hpp"

namespace sluice::api {
namespace {

/// Where the authority of a URL that begins at `from` ends.
std::size_t end_of_authority(std::string_view text, std::size_t from) {
  return std::min(text.find_first_of("/?# \"", from), text.size());
}

std::string without_users(std::string_view text) {
  std::string out;
  for (;;) {
    const auto scheme = text.find("://");
    if (scheme == std::string_view::npos) return out.append(text);
    const auto begin = scheme + 3;
    const auto end = end_of_authority(text, begin);
    const auto at = text.substr(0, end).rfind('@');
    out.append(text.substr(0, begin));
    text.remove_prefix(at == std::string_view::npos || at < begin ? begin : at + 1);
  }
}

std::string without_parameters(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    // A parameter begins the text or follows one of these.
    const auto end = std::min(text.find_first_of("?&; #"), text.size());
    const auto pair = text.substr(0, end);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && is_secret_name(pair.substr(0, equals))) {
      out.append(pair.substr(0, equals)).append("=***");
    } else {
      out.append(pair);
    }
    if (end < text.size()) out += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

bool is_secret(std::string_view name) {
  for (;;) {
    const auto dot = name.find('.');
    if (is_secret_name(name.substr(0, dot))) return true;
    if (dot == std::string_view::npos) return false;
    name.remove_prefix(dot + 1);
  }
}

std::string without_secrets(std::string_view text) { return without_parameters(without_users(text)); }

void redact(std::string_view name, boost::json::value& value) {
  // Whether there is a password is no secret.
  if (is_secret(name) && !value.is_bool()) {
    value = nullptr;
  } else if (auto* text = value.if_string()) {
    if (text->find("://") != std::string_view::npos || text->find('=') != std::string_view::npos) {
      *text = without_secrets(*text);
    }
  } else if (auto* list = value.if_array()) {
    for (auto& entry : *list) redact({}, entry);
  } else if (auto* object = value.if_object()) {
    for (auto it = object->begin(); it != object->end();) {
      const bool was_null = it->value().is_null();
      redact(it->key(), it->value());
      it = it->value().is_null() && !was_null ? object->erase(it) : std::next(it);
    }
  }
}

}  // namespace sluice::api
