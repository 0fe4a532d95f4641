#include <cstdlib>

#include "format/flv/file_reader.hpp"
#include "format/flv/frame_reader.hpp"
#include "format/flv/writer.hpp"

using namespace sluice;

/// The first byte says in pieces of how many bytes the stream comes. Whatever is read can be written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  BytesView stream = BytesView(reinterpret_cast<const std::byte*>(data), size).subspan(1);
  const std::size_t piece = data[0] + std::size_t{1};
  flv::FileReader file;
  flv::FrameReader frames;
  media::Tracks tracks;
  while (!stream.empty()) {
    BytesView in = stream.first(std::min(piece, stream.size()));
    stream = stream.subspan(in.size());
    while (true) {
      const auto message = file.next(in);
      if (!message) return 0;
      if (!*message) break;
      const auto out = frames.read(**message, {});
      if (!out) break;
      if (out->tracks) {
        tracks = *out->tracks;
        (void)flv::metadata_body(tracks);
        for (const auto& track : tracks) (void)flv::sequence_header_body(track);
      }
      if (!out->frame) continue;
      if (out->frame->track >= tracks.size() || out->frame->pts < out->frame->dts) std::abort();
      (void)flv::frame_prefix(tracks[out->frame->track], *out->frame);
    }
  }
  return 0;
}
