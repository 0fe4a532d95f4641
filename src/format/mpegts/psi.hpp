#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "format/mpegts/section.hpp"

/// The tables of a transport stream. Each is written as one section, and read from one.
namespace sluice::mpegts {

/// Elementary streams that a PMT may name, in both directions.
inline constexpr std::size_t kMaxStreams = 32;

/// Program association table, ISO/IEC 13818-1 section 2.4.4.3.
struct Pat {
  struct Program {
    std::uint16_t number = 0;  ///< never 0, which would name the network PID
    std::uint16_t pmt_pid = 0;

    bool operator==(const Program&) const = default;
  };

  std::uint16_t transport_stream_id = 1;
  std::uint8_t version = 0;
  std::vector<Program> programs;

  bool operator==(const Pat&) const = default;

  [[nodiscard]] Bytes write() const;
  /// Errors: bad_section.
  [[nodiscard]] static Result<Pat> parse(const Section& section);
};

/// Program map table, ISO/IEC 13818-1 section 2.4.4.8.
struct Pmt {
  struct Stream {
    std::uint8_t stream_type = 0;
    std::uint16_t pid = 0;
    /// As the metadata_descriptor (stream_type 0x15) or the registration_descriptor (others) says; 0 without.
    std::uint32_t format_identifier = 0;
    std::string language;  ///< ISO 639-2, empty without ISO_639_language_descriptor

    bool operator==(const Stream&) const = default;
  };

  std::uint16_t program_number = 1;
  std::uint8_t version = 0;
  std::uint16_t pcr_pid = 0x1fff;
  std::vector<Stream> streams;

  bool operator==(const Pmt&) const = default;

  /// REQUIRES: at most kMaxStreams streams.
  [[nodiscard]] Bytes write() const;
  /// Errors: bad_section, too_many.
  [[nodiscard]] static Result<Pmt> parse(const Section& section);
};

/// Service description table of one service, ETSI EN 300 468 section 5.2.3.
struct Sdt {
  std::uint16_t transport_stream_id = 1;
  std::uint8_t version = 0;
  std::uint16_t service_id = 1;
  std::string provider;  ///< UTF-8
  std::string name;      ///< UTF-8

  /// Texts that are too long for their field are cut between two characters.
  [[nodiscard]] Bytes write() const;
};

inline constexpr std::uint8_t kPatTableId = 0x00;
inline constexpr std::uint8_t kPmtTableId = 0x02;
inline constexpr std::uint8_t kSdtTableId = 0x42;  ///< the transport stream itself, not another

/// stream_type of metadata in PES packets, ISO/IEC 13818-1 table 2-34.
inline constexpr std::uint8_t kMetadataInPes = 0x15;

}  // namespace sluice::mpegts
