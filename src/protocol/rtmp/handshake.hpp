#pragma once

#include <cstddef>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace sluice::rtmp {

/// Bytes of C1, S1, C2 and S2.
inline constexpr std::size_t kHandshakeBytes = 1536;

/// The server's side of the handshake, Adobe RTMP 1.0 section 5.2: reads C0, C1 and C2, answers C1 with S0, S1 and S2.
/// A client whose C1 carries a digest, as Flash Media Live Encoder and all after it send (either of the two places
/// where the digest may lie), is answered with digests. What C2 holds is not looked at: deployed clients fill it in
/// many ways.
class ServerHandshake {
 public:
  /// Takes the next bytes from the client and appends what is to be sent to `out`; returns how many were taken, which
  /// is all of them unless the handshake is done. Error: not_rtmp, permanent.
  Result<std::size_t> feed(BytesView in, Bytes& out);
  [[nodiscard]] bool done() const { return answered_ && c2_left_ == 0; }

 private:
  Bytes c0_c1_;  ///< what has come of them; empty once answered
  bool answered_ = false;
  std::size_t c2_left_ = kHandshakeBytes;
};

/// The client's side: the simple handshake, without digest.
class ClientHandshake {
 public:
  /// As ServerHandshake::feed. The first call, which may be without input, appends C0 and C1; C2 follows when S1 is
  /// here.
  Result<std::size_t> feed(BytesView in, Bytes& out);
  [[nodiscard]] bool done() const { return answered_ && s2_left_ == 0; }

 private:
  bool begun_ = false;
  Bytes s0_s1_;
  bool answered_ = false;
  std::size_t s2_left_ = kHandshakeBytes;
};

}  // namespace sluice::rtmp
