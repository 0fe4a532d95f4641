#include "format/flv/file_reader.hpp"

#include <algorithm>
#include <utility>

#include "format/flv/errc.hpp"

namespace sluice::flv {

namespace {

constexpr std::uint32_t kHeaderSize = 9;
constexpr std::uint32_t kLongestHeader = 256;  // DataOffset leaves room for versions that never came
constexpr std::size_t kPreviousTagSize = 4;
constexpr std::size_t kTagHeaderSize = 11;

}  // namespace

bool FileReader::gather(BytesView& in) {
  const std::size_t n = std::min(wanted_ - gathered_.size(), in.size());
  gathered_.insert(gathered_.end(), in.begin(), in.begin() + n);
  in = in.subspan(n);
  return gathered_.size() == wanted_;
}

void FileReader::expect(State state, std::size_t wanted) {
  state_ = state;
  wanted_ = wanted;
  gathered_.clear();
}

Result<std::optional<Message>> FileReader::next(BytesView& in) {
  while (gather(in)) {
    switch (state_) {
      case State::file_header:
        if (auto read = read_file_header(); !read) return std::unexpected(read.error());
        break;
      case State::header_rest: expect(State::previous_tag_size, kPreviousTagSize); break;
      // Not compared with the tag before: there are writers that write 0, and others that count wrong.
      case State::previous_tag_size: expect(State::tag_header, kTagHeaderSize); break;
      case State::tag_header:
        if (auto read = read_tag_header(); !read) return std::unexpected(read.error());
        break;
      case State::body: {
        Message message = std::move(message_);
        if (known_type_) message.body = Payload::own(std::move(gathered_));
        expect(State::previous_tag_size, kPreviousTagSize);
        if (known_type_) return message;
        break;
      }
    }
  }
  return std::nullopt;
}

// Annex E.2.
Result<void> FileReader::read_file_header() {
  ByteReader r(gathered_);
  const auto signature = as_text(r.bytes(3));
  const auto version = r.u8();
  r.u8();  // whether there is audio and video: seldom true, never needed
  const std::uint32_t data_offset = r.be32();
  if (signature != "FLV" || version != 1 || data_offset < kHeaderSize || data_offset > kLongestHeader) {
    return fail(Errc::bad_header);
  }
  expect(State::header_rest, data_offset - kHeaderSize);
  return {};
}

// Annex E.4.1.
Result<void> FileReader::read_tag_header() {
  constexpr std::uint8_t kFilter = 0x20, kTagType = 0x1f;
  ByteReader r(gathered_);
  const auto first = r.u8();
  if ((first & kFilter) != 0) return fail(Errc::encrypted);
  message_.type = static_cast<Message::Type>(first & kTagType);
  known_type_ = message_.type == Message::Type::audio || message_.type == Message::Type::video ||
                message_.type == Message::Type::script;
  const std::uint32_t size = r.be24();
  message_.timestamp = r.be24();
  message_.timestamp |= static_cast<std::uint32_t>(r.u8()) << 24;  // TimestampExtended
  expect(State::body, size);
  return {};
}

}  // namespace sluice::flv
