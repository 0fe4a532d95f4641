#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/server_config.hpp"
#include "app/server_schema.hpp"
#include "core/assert.hpp"

/// Any file is read or refused; what is read is written and read back as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto config = sluice::app::parse_config(text, "fuzz.conf");
  if (!config) {
    for (const auto& diagnostic : config.error())
      SLUICE_ASSERT(!to_string(diagnostic).empty(), "an error without a text");
    return 0;
  }
  config->warnings.clear();
  const auto again = sluice::app::parse_config(sluice::app::to_text(*config), "again.conf");
  SLUICE_ASSERT(again && *again == *config, "a written config is read back as another");
  return 0;
}
