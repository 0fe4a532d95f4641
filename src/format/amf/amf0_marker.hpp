#pragma once

#include <cstdint>

namespace sluice::amf::amf0 {

/// What stands before a value, AMF 0 section 2.1. MovieClip (0x04) and RecordSet (0x0e) are reserved.
enum Marker : std::uint8_t {
  kNumber = 0x00,
  kBoolean = 0x01,
  kString = 0x02,
  kObject = 0x03,
  kNull = 0x05,
  kUndefined = 0x06,
  kReference = 0x07,
  kEcmaArray = 0x08,
  kObjectEnd = 0x09,
  kStrictArray = 0x0a,
  kDate = 0x0b,
  kLongString = 0x0c,
  kUnsupported = 0x0d,
  kXmlDocument = 0x0f,
  kTypedObject = 0x10,
  kAvmPlusObject = 0x11,
};

}  // namespace sluice::amf::amf0
