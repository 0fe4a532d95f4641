#include <bit>
#include <string>
#include <utility>
#include <vector>

#include "format/amf/amf.hpp"
#include "format/amf/limits.hpp"

namespace sluice::amf {

namespace {

// AMF 3 section 3.1.
enum Marker : std::uint8_t {
  kUndefined = 0x00,
  kNull = 0x01,
  kFalse = 0x02,
  kTrue = 0x03,
  kInteger = 0x04,
  kDouble = 0x05,
  kString = 0x06,
  kXmlDocument = 0x07,
  kDate = 0x08,
  kArray = 0x09,
  kObject = 0x0a,
  kXml = 0x0b,
  kByteArray = 0x0c,
  kVectorInt = 0x0d,
  kVectorUint = 0x0e,
  kVectorDouble = 0x0f,
  kVectorObject = 0x10,
};

/// A number that says in its lowest bit whether it counts what follows or refers to what came (section 3.1).
struct Header {
  bool follows;
  std::uint32_t number;
};

class Reader {
 public:
  explicit Reader(Budget& budget) : budget_(budget) {}

  Result<Value> value(ByteReader& in, std::size_t depth) {
    if (depth > kMaxDepth) return fail(Errc::too_deep);
    if (!budget_.element()) return fail(Errc::too_large);
    const ByteReader begin = in;
    const auto marker = in.u8();
    if (!in.ok()) return fail(Errc::truncated);
    switch (marker) {
      case kUndefined: return Undefined{};
      case kNull: return Null{};
      case kFalse: return false;
      case kTrue: return true;
      case kInteger: return checked(in, integer(in));
      case kDouble: return checked(in, std::bit_cast<double>(in.be64()));
      case kString: return string(in);
      case kXmlDocument:
      case kDate:
      case kArray:
      case kObject:
      case kXml:
      case kByteArray:
      case kVectorInt:
      case kVectorUint:
      case kVectorDouble:
      case kVectorObject: return complex(in, begin, marker, depth);
      default: return fail(Errc::unsupported_type);  // dictionaries, whose keys are objects, among them
    }
  }

 private:
  /// The members that an object's class has, and whether others follow them.
  struct Traits {
    std::vector<BytesView> names;
    bool dynamic = false;
  };

  static Result<Value> checked(const ByteReader& in, Value value) {
    if (!in.ok()) return fail(Errc::truncated);
    return value;
  }

  /// U29, section 1.3.1: seven bits a byte, the fourth has eight.
  static std::uint32_t u29(ByteReader& in) {
    std::uint32_t out = 0;
    for (int i = 0; i < 3; ++i) {
      const std::uint32_t b = in.u8();
      out = out << 7 | (b & 0x7f);
      if ((b & 0x80) == 0) return out;
    }
    return out << 8 | in.u8();
  }
  static std::int32_t integer(ByteReader& in) { return static_cast<std::int32_t>(u29(in) << 3) >> 3; }
  static Header header(ByteReader& in) {
    const std::uint32_t number = u29(in);
    return {.follows = (number & 1) != 0, .number = number >> 1};
  }

  /// The bytes of a string, which a table of its own keeps but for the empty one.
  Result<BytesView> string_bytes(ByteReader& in) {
    const Header head = header(in);
    if (!in.ok()) return fail(Errc::truncated);
    if (!head.follows) {
      if (head.number >= strings_.size()) return fail(Errc::bad_reference);
      return strings_[head.number];
    }
    const BytesView bytes = in.bytes(head.number);
    if (!in.ok()) return fail(Errc::truncated);
    if (!bytes.empty() && !again_) strings_.push_back(bytes);
    return bytes;
  }

  Result<Value> text(BytesView bytes) {
    if (!budget_.text(bytes.size())) return fail(Errc::too_large);
    return Value(as_text(bytes));
  }
  Result<Value> string(ByteReader& in) {
    const auto bytes = string_bytes(in);
    if (!bytes) return std::unexpected(bytes.error());
    return text(*bytes);
  }

  Result<Value> complex(ByteReader& in, const ByteReader& begin, std::uint8_t marker, std::size_t depth) {
    const Header head = header(in);
    if (!in.ok()) return fail(Errc::truncated);
    if (!head.follows) return reference(head.number, marker, depth);
    if (again_) return contents(in, marker, head.number, depth);
    const auto index = objects_.open(begin);
    auto out = contents(in, marker, head.number, depth);
    objects_.close(index);
    return out;
  }

  Result<Value> reference(std::uint32_t index, std::uint8_t marker, std::size_t depth) {
    const ByteReader* target = objects_.find(index);
    if (!target) return fail(Errc::bad_reference);
    ByteReader again = *target;
    if (ByteReader(again).u8() != marker) return fail(Errc::bad_reference);
    const bool was_again = std::exchange(again_, true);
    auto out = value(again, depth + 1);
    again_ = was_again;
    return out;
  }

  Result<Value> contents(ByteReader& in, std::uint8_t marker, std::uint32_t count, std::size_t depth) {
    switch (marker) {
      case kDate: return checked(in, std::bit_cast<double>(in.be64()));
      case kArray: return array(in, count, depth);
      case kObject: return object(in, count, depth);
      case kVectorInt:
      case kVectorUint:
      case kVectorDouble:
      case kVectorObject: return vector(in, marker, count, depth);
      default: {  // XML and byte arrays
        const BytesView bytes = in.bytes(count);
        if (!in.ok()) return fail(Errc::truncated);
        return text(bytes);
      }
    }
  }

  /// Appends the members up to the empty name.
  Result<void> named_members(ByteReader& in, std::size_t depth, Object& out) {
    while (true) {
      const auto name = string_bytes(in);
      if (!name) return std::unexpected(name.error());
      if (name->empty()) return {};
      if (auto added = member(in, *name, depth, out); !added) return added;
    }
  }

  Result<void> member(ByteReader& in, BytesView name, std::size_t depth, Object& out) {
    // AMF 0, in which values may go on, has 16 bits for the length of a name.
    if (name.size() > 0xffff || !budget_.text(name.size())) return fail(Errc::too_large);
    auto read = value(in, depth + 1);
    if (!read) return std::unexpected(read.error());
    out.emplace_back(as_text(name), std::move(*read));
    return {};
  }

  /// Section 3.11: members first, then `count` elements. With members it is an object, whose elements are named by
  /// their index.
  Result<Value> array(ByteReader& in, std::uint32_t count, std::size_t depth) {
    Object members;
    if (auto read = named_members(in, depth, members); !read) return std::unexpected(read.error());
    Array elements;
    for (std::uint32_t i = 0; i < count; ++i) {
      auto element = value(in, depth + 1);
      if (!element) return element;
      elements.push_back(std::move(*element));
    }
    if (members.empty()) return Value(std::move(elements));
    for (std::size_t i = 0; i < elements.size(); ++i) {
      std::string name = std::to_string(i);
      if (!budget_.text(name.size())) return fail(Errc::too_large);
      members.emplace_back(std::move(name), std::move(elements[i]));
    }
    return Value(std::move(members));
  }

  /// Section 3.12; `bits` is what follows the bit of the reference: traits by reference, or externalizable, dynamic,
  /// and the number of sealed members.
  Result<Value> object(ByteReader& in, std::uint32_t bits, std::size_t depth) {
    Traits inline_traits;
    if ((bits & 1) != 0) {
      if ((bits & 2) != 0) return fail(Errc::unsupported_type);  // externalizable: only its class knows its bytes
      if (auto read = traits(in, bits >> 2, inline_traits); !read) return std::unexpected(read.error());
      if (!again_) traits_.push_back(inline_traits);
    } else {
      if (bits >> 1 >= traits_.size()) return fail(Errc::bad_reference);
      inline_traits = traits_[bits >> 1];
    }
    Object out;
    for (const BytesView name : inline_traits.names) {
      if (auto added = member(in, name, depth, out); !added) return std::unexpected(added.error());
    }
    if (inline_traits.dynamic) {
      if (auto read = named_members(in, depth, out); !read) return std::unexpected(read.error());
    }
    return Value(std::move(out));
  }

  Result<void> traits(ByteReader& in, std::uint32_t bits, Traits& out) {
    out.dynamic = (bits & 1) != 0;
    if (auto class_name = string_bytes(in); !class_name) return std::unexpected(class_name.error());
    for (std::uint32_t i = 0; i < bits >> 1; ++i) {
      if (!budget_.element()) return fail(Errc::too_large);
      const auto name = string_bytes(in);
      if (!name) return std::unexpected(name.error());
      out.names.push_back(*name);
    }
    return {};
  }

  /// AMF 3 section 3.15.
  Result<Value> vector(ByteReader& in, std::uint8_t marker, std::uint32_t count, std::size_t depth) {
    in.u8();  // fixed length
    if (marker == kVectorObject) {
      if (auto class_name = string_bytes(in); !class_name) return std::unexpected(class_name.error());
    }
    Array out;
    for (std::uint32_t i = 0; i < count; ++i) {
      auto element = vector_element(in, marker, depth);
      if (!element) return element;
      out.push_back(std::move(*element));
    }
    return checked(in, std::move(out));
  }

  Result<Value> vector_element(ByteReader& in, std::uint8_t marker, std::size_t depth) {
    if (marker == kVectorObject) return value(in, depth + 1);
    if (depth + 1 > kMaxDepth) return fail(Errc::too_deep);
    if (!budget_.element()) return fail(Errc::too_large);
    if (marker == kVectorDouble) return checked(in, std::bit_cast<double>(in.be64()));
    const std::uint32_t number = in.be32();
    if (marker == kVectorInt) return checked(in, static_cast<std::int32_t>(number));
    return checked(in, number);
  }

  Budget& budget_;
  std::vector<BytesView> strings_;
  std::vector<Traits> traits_;
  ReferenceTable objects_;
  bool again_ = false;  ///< inside a referenced value, whose strings, traits and objects are in the tables already
};

}  // namespace

Result<Value> read_amf3(ByteReader& in, Budget& budget, std::size_t depth) { return Reader(budget).value(in, depth); }

Result<Value> read_amf3(ByteReader& in) {
  Budget budget;
  return read_amf3(in, budget, 1);
}

}  // namespace sluice::amf
