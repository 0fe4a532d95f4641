#include "stream/stream_schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::stream {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using namespace std::chrono_literals;

/// A scheme of its own: this room knows none but by the form of its row.
std::vector<InputScheme> schemes() {
  config::Schema<InputOptions> options("input gen://HOST", "option", {});
  options.add(option("rate", config::integer(1, 60), "25", "Frames a second."))
      .add(option("tone", config::flag(), "", "With a tone."))
      .add(option("label", config::text(), "", "Text in the picture."))
      .add_bare(config::Support::not_yet, {{"noise", "With noise."}});
  return {{.name = "gen",
           .doc = "Generated.",
           .support = config::Support::supported,
           .form = "gen://HOST",
           .accepts = [](std::string_view address) { return !address.empty(); },
           .query_options = true,
           .options = std::move(options)},
          {.name = "wait",
           .doc = "Waits.",
           .support = config::Support::supported,
           .form = "wait://",
           .accepts = [](std::string_view address) { return address.empty(); }},
          {.name = "later", .doc = "Not built.", .form = "later://"}};
}

struct Read {
  StreamConfig stream;
  std::vector<std::string> messages;
};

Read read(std::string_view block, StreamConfig stream = {}) {
  const auto all = schemes();
  const auto schema = stream_schema(all);
  const auto& root = schema.info();
  config::Diagnostics diagnostics("f");
  auto statements = config::parse(block, diagnostics);
  config::Reader reader(diagnostics, root);
  schema.read(reader, std::move(statements), stream);
  Read out{std::move(stream), {}};
  for (const auto& error : diagnostics.errors()) out.messages.push_back(to_string(error));
  return out;
}

StreamConfig read_well(std::string_view block, StreamConfig stream = {}) {
  auto out = read(block, std::move(stream));
  EXPECT_THAT(out.messages, IsEmpty()) << block;
  return std::move(out.stream);
}

TEST(StreamSchema, ReadsItsValues) {
  const auto stream =
      read_well(R"(title "Hockey"; comment c; disabled; password s3; segment_duration 2.5; segment_count 10;
      chunk_duration 333; url_prefix http://cdn/; add_audio_only; provider "A B"; source_timeout 15; clients_timeout false; static false;
      template t;)");
  EXPECT_EQ(stream, (StreamConfig{.is_static = false,
                                  .disabled = true,
                                  .title = "Hockey",
                                  .comment = "c",
                                  .template_name = "t",
                                  .password = "s3",
                                  .segment_duration = 2500ms,
                                  .segment_count = 10,
                                  .chunk_duration = 333ms,
                                  .url_prefix = "http://cdn/",
                                  .add_audio_only = true,
                                  .provider = "A B",
                                  .source_timeout = 15s,
                                  .clients_timeout = kNever}));
}

TEST(StreamSchema, Prepush) {
  const Prepush off{.mode = Prepush::Mode::off};
  for (const auto* text : {"prepush off;", "prepush 0;", "prepush false;"})
    EXPECT_EQ(read_well(text).prepush, off) << text;
  for (const auto* text : {"", "prepush;", "prepush on;", "prepush true;"})
    EXPECT_EQ(read_well(text).prepush, Prepush{}) << text;
  EXPECT_EQ(read_well("prepush 10;").prepush, (Prepush{Prepush::Mode::seconds, 10s}));
  EXPECT_THAT(read("prepush -1;").messages,
              ElementsAre("f:1:9: bad value '-1' of 'prepush', expected off, on, or a number of seconds from 0 to 60"));
}

TEST(StreamSchema, MergeWindow) {
  EXPECT_EQ(read_well("").merge_window, (MergeWindow{MergeWindow::Mode::video, 50ms}));
  EXPECT_EQ(read_well("merge_window video;").merge_window, MergeWindow{});
  EXPECT_EQ(read_well("merge_window 0;").merge_window, (MergeWindow{MergeWindow::Mode::none, 0ms}));
  EXPECT_EQ(read_well("merge_window 200;").merge_window, (MergeWindow{MergeWindow::Mode::time, 200ms}));
  EXPECT_THAT(
      read("merge_window 1001;").messages,
      ElementsAre(
          "f:1:14: bad value '1001' of 'merge_window', expected video, or a number of milliseconds from 0 to 1000"));
}

TEST(StreamSchema, PidsInMpegTs) {
  const Pids pids{{"pmt", 4095}, {"sdt", 0x12}, {"pcr", 211}, {"v1", 211}, {"a0", 220}, {"t0", 0xfb}};
  EXPECT_EQ(read_well("mpegts_pids pmt=4095 sdt=0x12 pcr=211 v1=211 a0=220 t0=16#fb;").mpegts_pids, pids);
  StreamConfig base;
  base.mpegts_pids = pids;
  EXPECT_EQ(read_well("mpegts_pids v1=300;", base).mpegts_pids, (Pids{{"v1", 300}})) << "not added to a template's";
  EXPECT_EQ(read_well("mpegts_pids false;", base).mpegts_pids, Pids{});

  const auto message = [](std::string_view text) { return read(text).messages; };
  const std::string names = ", expected pmt=PID, sdt=PID, pcr=PID, or a track like v1=PID or a0=PID";
  EXPECT_THAT(message("mpegts_pids;"), ElementsAre("f:1:12: 'mpegts_pids' has no value" + names));
  EXPECT_THAT(message("mpegts_pids 211;"), ElementsAre("f:1:13: bad value '211' of 'mpegts_pids'" + names));
  EXPECT_THAT(message("mpegts_pids v1=211\ntitle x;"), ElementsAre("f:1:19: 'mpegts_pids' does not end, expected ';'"));
  EXPECT_THAT(message("mpegts_pids v1=211 { }"), ElementsAre("f:1:20: 'mpegts_pids' has no block, expected ';'"));
  for (const auto* track : {"x1", "v", "v01", "v1a", "a1234", "PMT", ""}) {
    EXPECT_EQ(message("mpegts_pids " + std::string(track) + "=211;").size(), 1u) << track;
  }
  const std::string range = " of 'v1', expected a PID from 32 to 8190, like 211, 0xd3 or 16#d3";
  for (const auto* pid : {"31", "8191", "0x1f", "16#", "0x", "-1", "65568", "2 1", "auto"}) {
    EXPECT_THAT(message("mpegts_pids v1=\"" + std::string(pid) + "\";"),
                ElementsAre("f:1:16: bad value '" + std::string(pid) + "'" + range));
  }
  EXPECT_THAT(message("mpegts_pids sdt=15;"),
              ElementsAre("f:1:17: bad value '15' of 'sdt', expected a PID from 16 to 8190, like 211, 0xd3 or 16#d3"));
  EXPECT_THAT(message("mpegts_pids v1=32 v1=33;"), ElementsAre("f:1:19: 'v1' is already set"));
  EXPECT_THAT(message("mpegts_pids v1=0x20 a1=32;"), ElementsAre("f:1:21: PID 32 is already that of 'v1'"));
}

TEST(InputSchema, ReadsOptionsBesideAndInTheUrl) {
  const auto inputs =
      read_well("input gen://h?rate=50&tone priority=3 source_timeout=5 label=\"a b\"; input wait:// comment=x;")
          .inputs;
  ASSERT_EQ(inputs.size(), 2u);
  EXPECT_EQ(inputs[0].scheme, "gen");
  EXPECT_EQ(inputs[0].url, "gen://h?rate=50&tone");
  EXPECT_EQ(inputs[0].priority, 3u);
  EXPECT_EQ(inputs[0].source_timeout, 5s);
  EXPECT_THAT(inputs[0].options, ElementsAre(Pair("label", "a b"), Pair("rate", "50"), Pair("tone", "true")));
  EXPECT_EQ(inputs[1].priority, 2u);  // its place
  EXPECT_EQ(inputs[1].comment, "x");
}

TEST(InputSchema, FillsInTheDefaults) {
  EXPECT_THAT(read_well("input gen://h;").inputs.at(0).options, ElementsAre(Pair("rate", "25")));
}

TEST(InputSchema, OldFormsBecomeInputs) {
  const auto inputs = read_well("url gen://a; urls gen://b gen://c;").inputs;
  ASSERT_EQ(inputs.size(), 3u);
  EXPECT_EQ(inputs[2].url, "gen://c");
}

TEST(InputSchema, OwnInputsReplaceThoseOfTheTemplate) {
  const auto base = read_well("input gen://a; input gen://b;");
  EXPECT_EQ(read_well("title t;", base).inputs.size(), 2u);
  EXPECT_EQ(read_well("input gen://c;", base).inputs.size(), 1u);
  EXPECT_EQ(read_well("input false;", base).inputs.size(), 0u);
}

TEST(InputSchema, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(read("input;").messages,
              ElementsAre("f:1:6: 'input' has no value, expected a text of at most 4096 bytes"));
  EXPECT_THAT(read("input \"\";").messages,
              ElementsAre("f:1:7: bad URL '' of 'input', expected a URL like publish:// or fake://fake"));
  EXPECT_THAT(read("input gen://;").messages, ElementsAre("f:1:7: bad URL 'gen://' of 'input', expected gen://HOST"));
  EXPECT_THAT(read("input wait://?rate=1;").messages,
              ElementsAre("f:1:7: bad URL 'wait://?rate=1' of 'input', expected wait://"));
  EXPECT_THAT(read("input later://x foo=bar;").messages, ElementsAre("f:1:7: 'later://' is not supported yet"));
  EXPECT_THAT(read("input get://x;").messages,
              ElementsAre("f:1:7: unknown scheme 'get://' of 'input'; did you mean 'gen'?"));
  EXPECT_THAT(read("input gen://h rate=61;").messages,
              ElementsAre("f:1:20: bad value '61' of 'rate', expected a whole number from 1 to 60"));
  EXPECT_THAT(read("input gen://h?x=1&rate=61;").messages,
              ElementsAre("f:1:15: unknown option 'x' in 'input gen://HOST'",
                          "f:1:24: bad value '61' of 'rate', expected a whole number from 1 to 60"));
  EXPECT_THAT(read("input gen://h?rate=1 rate=2;").messages, ElementsAre("f:1:22: 'rate' is already set in line 1"));
  EXPECT_THAT(read("input gen://h noise;").messages, ElementsAre("f:1:15: 'noise' is not supported yet"));
  EXPECT_THAT(read("input gen://h audio_timeout=1;").messages,
              ElementsAre("f:1:15: 'audio_timeout' is not supported yet"));
  EXPECT_THAT(read("input gen://h rat=1;").messages,
              ElementsAre("f:1:15: unknown option 'rat' in 'input gen://HOST'; did you mean 'rate'?"));
  EXPECT_THAT(read("input gen://h\ntitle x;").messages, ElementsAre("f:1:14: 'input' does not end, expected ';'"));
  EXPECT_THAT(read("input gen://h\n  rate=3;").messages, IsEmpty());
  EXPECT_THAT(read("input gen://h { }").messages, ElementsAre("f:1:15: 'input' has no block, expected ';'"));
  EXPECT_THAT(read("input gen://h;\ninput gen://h;").messages,
              ElementsAre("f:2:1: 'gen://h' is already an input, from line 1"));
}

TEST(InputSchema, HasABound) {
  std::string block;
  for (int i = 0; i < 101; ++i) block += "input gen://" + std::to_string(i) + ";\n";
  EXPECT_THAT(read(block).messages, ElementsAre("f:101:1: more than 100 inputs"));
}

TEST(StreamSchema, WritesWhatItReads) {
  const auto all = schemes();
  const auto schema = stream_schema(all);
  const auto text = R"(stream a/b {
  input gen://h?rate=50 priority=7 source_timeout=false tone label="a b";
  input wait://;
  title "a;b";
  segment_duration 2.5;
  prepush 3;
  merge_window 0;
  mpegts_pids a0=220 pmt=4095;
}
)";
  auto stream = read_well(
      "input gen://h?rate=50 priority=7 source_timeout=false label=\"a b\" tone=true; input wait://; title \"a;b\";"
      "segment_duration 2.5; prepush 3; merge_window 0; mpegts_pids pmt=0xfff a0=16#dc;");
  stream.name = "a/b";
  EXPECT_EQ(to_text(schema, stream, {}), text);
}

TEST(TemplateSchema, HasPrefixesAndEverythingOfAStreamButTemplates) {
  const auto all = schemes();
  const auto schema = template_schema(stream_schema(all));
  const auto& root = schema.info();
  config::Diagnostics diagnostics("f");
  config::Reader reader(diagnostics, root);
  TemplateConfig made;
  schema.read(reader, config::parse("prefix a/b; prefix \"\"; title t; prefix ../c; template x;", diagnostics), made);
  EXPECT_THAT(made.prefixes, ElementsAre("a/b", ""));
  EXPECT_EQ(made.options.title, "t");
  ASSERT_EQ(diagnostics.errors().size(), 2u);
  EXPECT_EQ(to_string(diagnostics.errors()[0]),
            "f:1:40: bad value '../c' of 'prefix', expected the first parts of a stream name, without the '/' behind "
            "it, or \"\" "
            "for every name");
}

}  // namespace
}  // namespace sluice::stream
