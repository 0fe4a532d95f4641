#include "load/http_answer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  BytesView in(reinterpret_cast<const std::byte*>(data), size);
  const auto head = load::parse_answer_head(in);
  if (!head || !*head) return 0;
  in = in.subspan((*head)->size);
  load::AnswerBody body(**head);
  while (!in.empty() && !body.done()) {
    if (!body.next(in)) return 0;
  }
  return 0;
}
