#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

extern "C" {
#include <libavutil/log.h>
}

#include "transcode/fake/program.hpp"

namespace {

using namespace sluice::transcode::fake;

CLI::Validator even_number() {
  return CLI::Validator([](std::string& text) { return std::stoll(text) % 2 == 0 ? "" : "must be even"; }, "EVEN");
}

void add_options(CLI::App& app, ProgramOptions& options) {
  app.add_option("--width", options.video.width, "Width in pixels")->check(CLI::Range(128, 7680) & even_number());
  app.add_option("--height", options.video.height, "Height in pixels")->check(CLI::Range(96, 4320) & even_number());
  app.add_option_function<std::string>(
         "--fps",
         [&options](const std::string& text) {
           const auto rate = Rate::parse(text);
           if (!rate) throw CLI::ValidationError("--fps", "is a number or a fraction from 0.1 to 240");
           options.video.fps = *rate;
         },
         "Frames a second: 25, 29.97 or 30000/1001")
      ->default_str("25");
  app.add_option("--bitrate", options.video.bitrate, "Bits a second of the video: 500000 or 500k")
      ->transform(CLI::AsSizeValue(true))
      ->check(CLI::Range(10'000LL, 200'000'000LL));
  app.add_option("--audio-bitrate", options.audio_bitrate, "Bits a second of the audio")
      ->transform(CLI::AsSizeValue(true))
      ->check(CLI::Range(16'000LL, 512'000LL));
  app.add_option("--gop", options.video.gop, "Seconds from one keyframe to the next")->check(CLI::Range(0.01, 3600.0));
  app.add_option("--frames", options.frames, "End after so many pictures; 0 never")->check(CLI::NonNegativeNumber);
  app.add_flag("!--no-pace", options.pace, "Write as fast as it goes, not in real time");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Makes a moving test picture with a clock, a frame number and a tone, and writes it as FLV to standard output.\n"
      "Ends when standard output is closed, or standard input where that is a pipe.");
  ProgramOptions options;
  app.option_defaults()->always_capture_default();
  add_options(app, options);
  CLI11_PARSE(app, argc, argv);

  if (isatty(STDOUT_FILENO) != 0) {
    std::fputs("sluice-fake: standard output is a terminal; give it a file or a pipe\n", stderr);
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  av_log_set_level(AV_LOG_ERROR);

  Output output(STDOUT_FILENO, STDIN_FILENO);
  auto program = Program::open(options, output);
  const auto done = program ? program->run() : std::unexpected(program.error());
  if (!done) {
    std::fprintf(stderr, "sluice-fake: %s\n", done.error().message().c_str());
    return 1;
  }
  return 0;
}
