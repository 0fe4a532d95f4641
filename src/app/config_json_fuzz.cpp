#include <boost/json/parse.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/config_json.hpp"
#include "app/server_schema.hpp"
#include "core/assert.hpp"

/// Any JSON is read or refused; what is read is the same again when it goes through JSON, and through a file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace app = sluice::app;
  boost::system::error_code error;
  const auto json = boost::json::parse(std::string_view(reinterpret_cast<const char*>(data), size), error);
  if (error || !json.is_object()) return 0;
  const auto config = app::config_from_json(json.get_object());
  if (!config) {
    for (const auto& diagnostic : config.error())
      SLUICE_ASSERT(!to_string(diagnostic).empty(), "an error without a text");
    return 0;
  }
  const auto by_json = app::config_from_json(app::to_json(*config));
  SLUICE_ASSERT(by_json && *by_json == *config, "a config comes back from JSON as another");
  const auto by_text = app::parse_config(app::to_text(*config), "again.conf");
  SLUICE_ASSERT(by_text && *by_text == *config, "a config from JSON is read back from its file as another");
  return 0;
}
