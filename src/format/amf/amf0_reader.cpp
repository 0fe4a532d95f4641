#include <bit>
#include <utility>

#include "format/amf/amf.hpp"
#include "format/amf/amf0_marker.hpp"
#include "format/amf/limits.hpp"

namespace sluice::amf {

namespace {

using namespace amf0;

class Reader {
 public:
  Result<Value> value(ByteReader& in, std::size_t depth) {
    if (depth > kMaxDepth) return fail(Errc::too_deep);
    if (!budget_.element()) return fail(Errc::too_large);
    const ByteReader begin = in;
    const auto marker = in.u8();
    if (!in.ok()) return fail(Errc::truncated);
    switch (marker) {
      case kNumber: return checked(in, std::bit_cast<double>(in.be64()));
      case kBoolean: return checked(in, in.u8() != 0);
      case kString: return text(in, in.be16());
      case kNull: return Null{};
      case kUndefined:
      case kUnsupported: return Undefined{};
      case kReference: return reference(in, depth);
      case kDate: return date(in);
      case kLongString:
      case kXmlDocument: return text(in, in.be32());
      case kObject:
      case kEcmaArray:
      case kTypedObject:
      case kStrictArray: return complex(in, begin, marker, depth);
      case kAvmPlusObject: return read_amf3(in, budget_, depth);
      default: return fail(Errc::unsupported_type);
    }
  }

 private:
  static Result<Value> checked(const ByteReader& in, Value value) {
    if (!in.ok()) return fail(Errc::truncated);
    return value;
  }

  static Result<Value> date(ByteReader& in) {
    const auto milliseconds = std::bit_cast<double>(in.be64());
    in.skip(2);  // time zone, reserved
    return checked(in, milliseconds);
  }

  Result<Value> text(ByteReader& in, std::size_t length) {
    const BytesView bytes = in.bytes(length);
    if (!in.ok()) return fail(Errc::truncated);
    if (!budget_.text(length)) return fail(Errc::too_large);
    return Value(as_text(bytes));
  }

  Result<Value> reference(ByteReader& in, std::size_t depth) {
    const auto index = in.be16();
    if (!in.ok()) return fail(Errc::truncated);
    const ByteReader* target = table_.find(index);
    if (!target) return fail(Errc::bad_reference);
    ByteReader again = *target;
    const bool was_again = std::exchange(again_, true);
    auto out = value(again, depth + 1);
    again_ = was_again;
    return out;
  }

  Result<Value> complex(ByteReader& in, const ByteReader& begin, std::uint8_t marker, std::size_t depth) {
    if (again_) return members_or_elements(in, marker, depth);
    const auto index = table_.open(begin);
    auto out = members_or_elements(in, marker, depth);
    table_.close(index);
    return out;
  }

  Result<Value> members_or_elements(ByteReader& in, std::uint8_t marker, std::size_t depth) {
    if (marker == kStrictArray) return elements(in, depth);
    if (marker == kEcmaArray) in.skip(4);            // a count that writers get wrong; the end marker decides
    if (marker == kTypedObject) in.skip(in.be16());  // class name
    return members(in, depth);
  }

  Result<Value> members(ByteReader& in, std::size_t depth) {
    Object out;
    while (true) {
      auto name = text(in, in.be16());
      if (!name) return std::unexpected(name.error());
      ByteReader ahead = in;
      if (ahead.u8() == kObjectEnd && name->string()->empty() && ahead.ok()) {
        in = ahead;
        return Value(std::move(out));
      }
      auto member = value(in, depth + 1);
      if (!member) return member;
      out.emplace_back(*name->string(), std::move(*member));
    }
  }

  Result<Value> elements(ByteReader& in, std::size_t depth) {
    const std::uint32_t count = in.be32();
    if (!in.ok()) return fail(Errc::truncated);
    Array out;
    for (std::uint32_t i = 0; i < count; ++i) {
      auto element = value(in, depth + 1);
      if (!element) return element;
      out.push_back(std::move(*element));
    }
    return Value(std::move(out));
  }

  Budget budget_;
  ReferenceTable table_;
  bool again_ = false;  ///< inside a referenced value, whose own values are in the table already
};

}  // namespace

Result<Value> read_amf0(ByteReader& in) { return Reader().value(in, 1); }

}  // namespace sluice::amf
