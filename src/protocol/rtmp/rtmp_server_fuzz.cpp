#include <algorithm>
#include <cstdint>

#include "protocol/rtmp/client_protocol.hpp"
#include "protocol/rtmp/server_protocol.hpp"

namespace {

using namespace sluice;
using namespace sluice::rtmp;

/// Reads `in` in pieces and answers each event by `answer`.
template <class Protocol, class Answer>
void run(Protocol& protocol, BytesView in, std::size_t piece, Answer answer) {
  while (!in.empty()) {
    BytesView part = in.first(std::min(piece, in.size()));
    in = in.subspan(part.size());
    while (true) {
      auto event = protocol.next(part);
      if (!event) return;
      if (!*event) break;
      answer(**event);
      protocol.output().clear();
    }
  }
}

void serve(BytesView in, std::size_t piece, bool refuses) {
  ServerProtocol server;
  run(server, in, piece, [&](const ServerProtocol::Event& event) {
    if (std::holds_alternative<ServerProtocol::Connect>(event)) server.accept_connect();
    if (std::holds_alternative<ServerProtocol::Publish>(event)) {
      refuses ? server.refuse_publish(ServerProtocol::PublishRefusal::denied, "") : server.accept_publish();
    }
    if (std::holds_alternative<ServerProtocol::Play>(event)) {
      refuses ? server.refuse_play(ServerProtocol::PlayRefusal::failed, "") : server.accept_play();
    }
    if (std::holds_alternative<ServerProtocol::Pause>(event)) server.end_play(ServerProtocol::PlayEnd::complete);
  });
}

void be_client(BytesView in, std::size_t piece, ClientProtocol::Role role) {
  ClientProtocol client({.role = role, .app = "a", .key = "k", .tc_url = "rtmp://h/a"});
  run(client, in, piece, [&](const ClientProtocol::Event& event) {
    if (std::holds_alternative<ClientProtocol::Ready>(event) && role == ClientProtocol::Role::publish) {
      client.write(flv::Message::Type::video, 0, {{in.first(std::min<std::size_t>(in.size(), 100))}});
    }
  });
  client.close();
}

}  // namespace

/// The input's first byte chooses what is played; the rest is what the peer sends behind a handshake that needs no
/// fuzzing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Bytes in(1 + 2 * kHandshakeBytes);
  in[0] = std::byte{3};
  in.insert(in.end(), reinterpret_cast<const std::byte*>(data) + 1, reinterpret_cast<const std::byte*>(data) + size);
  const std::size_t piece = (data[0] & 4) != 0 ? 7 : SIZE_MAX;
  switch (data[0] & 3) {
    case 0: serve(in, piece, false); break;
    case 1: serve(in, piece, true); break;
    case 2: be_client(in, piece, ClientProtocol::Role::publish); break;
    case 3: be_client(in, piece, ClientProtocol::Role::play); break;
  }
  return 0;
}
