#include "transcode/fake/encoder.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
}

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "media/h264.hpp"
#include "transcode/fake/errc.hpp"
#include "transcode/fake/test_picture.hpp"

namespace sluice::transcode::fake {

namespace {

using Context = std::unique_ptr<AVCodecContext, Encoder::Release>;

Result<Context> allocate(const char* name) {
  const AVCodec* codec = avcodec_find_encoder_by_name(name);
  if (codec == nullptr) return fail(Errc::no_encoder);
  Context context(avcodec_alloc_context3(codec));
  if (!context) return fail(Errc::encoder_failed);
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;  // parameter sets in the track's config, not in its frames
  context->thread_count = 1;
  return context;
}

BytesView extradata(const AVCodecContext& context) {
  return std::as_bytes(std::span(context.extradata, static_cast<std::size_t>(context.extradata_size)));
}

Result<media::Track> make_track(const char* codec, BytesView config, std::int64_t bitrate) {
  media::Track track{.codec = media::find_codec(codec),
                     .config = Payload::copy(config),
                     .bitrate = static_cast<std::uint32_t>(bitrate)};
  auto details = track.codec->details(config);
  if (!details) return std::unexpected(details.error());
  track.details = std::move(*details);
  return track;
}

// x264 hands over its parameter sets as Annex B, FLV wants them as avcC.
Result<Bytes> avc_config(const AVCodecContext& context) {
  std::vector<BytesView> sps, pps;
  for (const BytesView nal : media::h264::split_annex_b(extradata(context))) {
    if (nal.empty()) continue;
    if (media::h264::nal_type(nal) == media::h264::NalType::sps) sps.push_back(nal);
    if (media::h264::nal_type(nal) == media::h264::NalType::pps) pps.push_back(nal);
  }
  return media::h264::make_config(sps, pps);
}

int checked(std::int64_t value) { return static_cast<int>(std::clamp<std::int64_t>(value, 1, INT32_MAX)); }

}  // namespace

void Encoder::Release::operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
void Encoder::Release::operator()(AVFrame* frame) const { av_frame_free(&frame); }
void Encoder::Release::operator()(AVPacket* packet) const { av_packet_free(&packet); }

Encoder::Encoder(Context context) : context_(std::move(context)), frame_(av_frame_alloc()), packet_(av_packet_alloc()) {
  frame_->width = context_->width;
  frame_->height = context_->height;
  frame_->format = context_->codec_type == AVMEDIA_TYPE_VIDEO ? int(context_->pix_fmt) : int(context_->sample_fmt);
  frame_->nb_samples = context_->frame_size;
  frame_->sample_rate = context_->sample_rate;
  frame_->ch_layout = context_->ch_layout;  // stereo is a mask: nothing to copy deeply
}

Result<AVFrame*> Encoder::next(std::int64_t pts) {
  const int made =
      frame_->buf[0] == nullptr ? av_frame_get_buffer(frame_.get(), 0) : av_frame_make_writable(frame_.get());
  if (made < 0) return fail(Errc::encoder_failed);
  frame_->pts = pts;
  return frame_.get();
}

Result<void> Encoder::encode(const std::function<void(const AVPacket&)>& packet) {
  if (avcodec_send_frame(context_.get(), frame_.get()) < 0) return fail(Errc::encoder_failed);
  while (true) {
    const int received = avcodec_receive_packet(context_.get(), packet_.get());
    if (received == AVERROR(EAGAIN)) return {};
    if (received < 0) return fail(Errc::encoder_failed);
    packet(*packet_);
    av_packet_unref(packet_.get());
  }
}

Result<VideoEncoder> VideoEncoder::open(const VideoOptions& options) {
  auto context = allocate("libx264");
  if (!context) return std::unexpected(context.error());
  AVCodecContext& c = **context;
  c.width = options.width;
  c.height = options.height;
  c.pix_fmt = AV_PIX_FMT_YUV420P;
  c.framerate = {checked(options.fps.num), checked(options.fps.den)};
  c.time_base = av_inv_q(c.framerate);
  c.gop_size = checked(std::llround(options.gop * av_q2d(c.framerate)));
  c.keyint_min = c.gop_size;
  c.max_b_frames = 0;
  c.bit_rate = options.bitrate;
  c.rc_max_rate = options.bitrate;
  c.rc_buffer_size = checked(options.bitrate);  // one second
  const std::pair<const char*, const char*> encoder_options[] = {{"preset", "superfast"},
                                                                 {"tune", "zerolatency"},
                                                                 {"profile", "main"},
                                                                 {"sc_threshold", "0"},
                                                                 {"forced-idr", "1"}};
  for (const auto& [name, value] : encoder_options) {
    if (av_opt_set(&c, name, value, AV_OPT_SEARCH_CHILDREN) < 0) return fail(Errc::bad_parameters);
  }
  if (avcodec_open2(&c, nullptr, nullptr) < 0) return fail(Errc::bad_parameters);

  const auto config = avc_config(c);
  if (!config) return std::unexpected(config.error());
  auto track = make_track("h264", *config, options.bitrate);
  if (!track) return std::unexpected(track.error());
  return VideoEncoder(Encoder(std::move(*context)), options.fps, std::move(*track));
}

Result<media::Frame> VideoEncoder::encode(std::int64_t number, UtcTime utc) {
  const auto next = encoder_.next(number);
  if (!next) return std::unexpected(next.error());
  AVFrame& picture = **next;
  const auto plane = [&picture](int i) { return Plane{picture.data[i], picture.linesize[i]}; };
  draw_test_picture({picture.width, picture.height, plane(0), plane(1), plane(2)}, static_cast<std::uint32_t>(number),
                    utc);

  std::optional<media::Frame> frame;
  const auto encoded = encoder_.encode([&](const AVPacket& packet) {
    const auto annex_b = std::as_bytes(std::span(packet.data, static_cast<std::size_t>(packet.size)));
    frame = media::Frame{.dts = fps_.begin_ticks(number),
                         .pts = fps_.begin_ticks(number),
                         .duration = fps_.begin_ticks(number + 1) - fps_.begin_ticks(number),
                         .payload = Payload::own(media::h264::from_annex_b(annex_b)),
                         .random_access = (packet.flags & AV_PKT_FLAG_KEY) != 0};
  });
  if (!encoded) return std::unexpected(encoded.error());
  if (!frame) return fail(Errc::encoder_failed);  // the encoder was told to keep nothing back
  return std::move(*frame);
}

Result<AudioEncoder> AudioEncoder::open(std::int64_t bitrate) {
  auto context = allocate("aac");
  if (!context) return std::unexpected(context.error());
  AVCodecContext& c = **context;
  c.sample_rate = kSampleRate;
  c.sample_fmt = AV_SAMPLE_FMT_FLTP;
  c.ch_layout = AV_CHANNEL_LAYOUT_STEREO;
  c.time_base = {1, kSampleRate};
  c.bit_rate = bitrate;
  if (avcodec_open2(&c, nullptr, nullptr) < 0 || c.frame_size != kSamples) return fail(Errc::bad_parameters);

  auto track = make_track("aac", extradata(c), bitrate);
  if (!track) return std::unexpected(track.error());
  return AudioEncoder(Encoder(std::move(*context)), std::move(*track));
}

Result<media::Frame> AudioEncoder::encode(std::int64_t number, UtcTime utc) {
  next_ = std::max(next_, number);
  std::optional<media::Frame> frame;
  while (!frame) {
    const auto next = encoder_.next(next_ * kSamples);
    if (!next) return std::unexpected(next.error());
    const std::span left(reinterpret_cast<float*>((*next)->data[0]), kSamples);
    const std::span right(reinterpret_cast<float*>((*next)->data[1]), kSamples);
    const std::chrono::microseconds ahead(rescale((next_ - number) * kSamples, 1'000'000, kSampleRate));
    draw_tone(left, next_ * kSamples, utc + ahead);
    std::ranges::copy(left, right.begin());
    ++next_;

    const auto encoded = encoder_.encode([&](const AVPacket& packet) {
      if (packet.pts != number * kSamples) return;  // the encoder's own start, or what is left from before a gap
      const auto bytes = std::as_bytes(std::span(packet.data, static_cast<std::size_t>(packet.size)));
      frame = media::Frame{.dts = kFrames.begin_ticks(number),
                           .pts = kFrames.begin_ticks(number),
                           .duration = kFrames.begin_ticks(number + 1) - kFrames.begin_ticks(number),
                           .payload = Payload::copy(bytes),
                           .random_access = true};
    });
    if (!encoded) return std::unexpected(encoded.error());
    if (next_ > number + 8) return fail(Errc::encoder_failed);  // it keeps back two blocks, never more
  }
  return std::move(*frame);
}

}  // namespace sluice::transcode::fake
