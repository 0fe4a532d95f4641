#include <cstdlib>

#include "net/http_parser.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto head = sluice::net::parse_http_head({reinterpret_cast<const std::byte*>(data), size});
  if (!head || !*head) return 0;
  const auto& request = (*head)->request;
  if ((*head)->size > size || !request.path.starts_with('/')) std::abort();
  (void)request.query_value("token");
  (void)request.query_value("");
  return 0;
}
