#include "format/amf/amf.hpp"

#include <algorithm>
#include <bit>

#include "core/assert.hpp"
#include "format/amf/amf0_marker.hpp"

namespace sluice::amf {

const char* errc_category(Errc) { return "amf"; }

std::string_view errc_text(Errc code) {
  switch (code) {
    case Errc::truncated: return "the AMF value ends too early";
    case Errc::unsupported_type: return "an AMF type that is not supported";
    case Errc::bad_reference: return "an AMF reference to nothing or to itself";
    case Errc::too_deep: return "an AMF value is nested more than 16 deep";
    case Errc::too_large: return "an AMF value has more than 65536 elements or 1 MiB of text";
  }
  return "unknown AMF error";
}

std::optional<bool> Value::boolean() const {
  const auto* value = std::get_if<bool>(&is);
  return value ? std::optional(*value) : std::nullopt;
}

std::optional<double> Value::number() const {
  const auto* value = std::get_if<double>(&is);
  return value ? std::optional(*value) : std::nullopt;
}

std::optional<std::string_view> Value::string() const {
  const auto* value = std::get_if<std::string>(&is);
  return value ? std::optional<std::string_view>(*value) : std::nullopt;
}

const Value* Value::find(std::string_view key) const {
  const Object* members = object();
  if (!members) return nullptr;
  const auto found =
      std::ranges::find(*members, key, [](const auto& member) -> std::string_view { return member.first; });
  return found == members->end() ? nullptr : &found->second;
}

bool Value::operator==(const Value&) const = default;

namespace {

using namespace amf0;

void write_name(ByteWriter& out, std::string_view name) {
  SLUICE_ASSERT(name.size() <= 0xffff, "names of AMF members have a 16-bit length");
  out.be16(name.size());
  out.text(name);
}

void write_members(ByteWriter& out, const Object& members) {
  for (const auto& [name, value] : members) {
    write_name(out, name);
    write_amf0(out, value);
  }
  write_name(out, "");
  out.u8(kObjectEnd);
}

struct Writer {
  ByteWriter& out;

  void operator()(Undefined) const { out.u8(kUndefined); }
  void operator()(Null) const { out.u8(kNull); }
  void operator()(bool value) const {
    out.u8(kBoolean);
    out.u8(value ? 1 : 0);
  }
  void operator()(double value) const {
    out.u8(kNumber);
    out.be64(std::bit_cast<std::uint64_t>(value));
  }
  void operator()(const std::string& value) const {
    const bool is_long = value.size() > 0xffff;
    out.u8(is_long ? kLongString : kString);
    is_long ? out.be32(value.size()) : out.be16(value.size());
    out.text(value);
  }
  void operator()(const Object& members) const {
    out.u8(kObject);
    write_members(out, members);
  }
  void operator()(const Array& elements) const {
    out.u8(kStrictArray);
    out.be32(elements.size());
    for (const Value& element : elements) write_amf0(out, element);
  }
};

}  // namespace

void write_amf0(ByteWriter& out, const Value& value) { std::visit(Writer{out}, value.is); }

void write_amf0_ecma_array(ByteWriter& out, const Object& members) {
  out.u8(amf0::kEcmaArray);
  out.be32(members.size());
  write_members(out, members);
}

}  // namespace sluice::amf
