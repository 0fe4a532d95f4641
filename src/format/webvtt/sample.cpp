#include "format/webvtt/sample.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "format/webvtt/errc.hpp"

namespace sluice::webvtt {
namespace {

constexpr std::size_t kBoxHeader = 8;
constexpr std::size_t kMaxCues = 256;  // in one sample: more fit on no screen

struct Box {
  std::string_view type;
  BytesView body;
};

// The box at the front of `in`, which moves behind it.
Result<Box> take_box(ByteReader& in) {
  const auto size = in.be32();
  const auto type = as_text(in.bytes(4));
  if (!in.ok()) return fail(Errc::truncated);
  if (size < kBoxHeader) return fail(Errc::bad_box);
  const auto body = in.bytes(size - kBoxHeader);
  if (!in.ok()) return fail(Errc::truncated);
  return Box{type, body};
}

void write_box(ByteWriter& out, std::string_view type, std::string_view body) {
  out.be32(kBoxHeader + body.size());
  out.text(type);
  out.text(body);
}

// VTTCueBox, ISO/IEC 14496-30 7.4.
void write_cue(ByteWriter& out, const Cue& cue) {
  const auto settings = cue.settings.empty() ? 0 : kBoxHeader + cue.settings.size();
  out.be32(kBoxHeader + settings + kBoxHeader + cue.text.size());
  out.text("vttc");
  if (settings > 0) write_box(out, "sttg", cue.settings);
  write_box(out, "payl", cue.text);
}

Result<Cue> read_cue(BytesView body) {
  Cue cue;
  ByteReader in(body);
  while (in.left() > 0) {
    const auto box = take_box(in);
    if (!box) return fail(Errc::bad_box);
    if (box->type == "payl") cue.text = as_text(box->body);
    if (box->type == "sttg") cue.settings = as_text(box->body);
  }
  return cue;
}

}  // namespace

Bytes write_sample(std::span<const Cue> cues) {
  Bytes payload;
  ByteWriter out(payload);
  if (cues.empty()) write_box(out, "vtte", {});
  for (const Cue& cue : cues) write_cue(out, cue);
  return payload;
}

Result<std::vector<Cue>> read_sample(BytesView payload, Ticks start, Ticks end) {
  std::vector<Cue> cues;
  ByteReader in(payload);
  while (in.left() > 0) {
    const auto box = take_box(in);
    if (!box) return fail(box.error());
    if (box->type != "vttc") continue;
    if (cues.size() == kMaxCues) return fail(Errc::too_many);
    auto cue = read_cue(box->body);
    if (!cue) return fail(cue.error());
    cue->start = start;
    cue->end = end;
    cues.push_back(std::move(*cue));
  }
  return cues;
}

std::vector<TextSample> cut_samples(std::span<const Cue> cues, Ticks from, Ticks to) {
  if (from >= to) return {};
  std::vector<Ticks> borders{from, to};
  for (const Cue& cue : cues) {
    for (const Ticks time : {cue.start, cue.end}) {
      if (time > from && time < to) borders.push_back(time);
    }
  }
  std::ranges::sort(borders);
  const auto repeated = std::ranges::unique(borders);
  borders.erase(repeated.begin(), repeated.end());

  std::vector<TextSample> samples;
  std::vector<Cue> shown;
  for (std::size_t i = 0; i + 1 < borders.size(); ++i) {
    const auto start = borders[i];
    const auto end = borders[i + 1];
    shown.clear();
    std::ranges::copy_if(cues, std::back_inserter(shown),
                         [&](const Cue& cue) { return cue.start <= start && cue.end >= end; });
    samples.push_back({start, end, write_sample(shown)});
  }
  return samples;
}

std::vector<Cue> join_cues(std::vector<Cue> cues) {
  std::vector<Cue> joined;
  std::vector<std::size_t> open;  // cues of `joined` that a later one may continue
  for (Cue& cue : cues) {
    std::erase_if(open, [&](std::size_t i) { return joined[i].end < cue.start; });
    const auto before = std::ranges::find_if(open, [&](std::size_t i) {
      return joined[i].end == cue.start && joined[i].text == cue.text && joined[i].settings == cue.settings;
    });
    if (before != open.end()) {
      joined[*before].end = cue.end;
    } else {
      open.push_back(joined.size());
      joined.push_back(std::move(cue));
    }
  }
  return joined;
}

}  // namespace sluice::webvtt
