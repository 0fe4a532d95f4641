#include "config/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "config/reference.hpp"

namespace sluice::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Lamp {
  std::uint32_t watts = 40;
  bool on = false;
  std::string label;
  std::optional<std::chrono::seconds> timer;
  std::vector<std::string> rooms;

  bool operator==(const Lamp&) const = default;
};

Schema<Lamp> lamp_schema() {
  Schema<Lamp> schema("lamp", "directive", "A lamp.");
  schema.add(row("watts", integer<std::uint32_t>(1, 100), &Lamp::watts, "Its power.").old_name("power"))
      .add(row("lit", flag(), &Lamp::on, "Whether it shines."))
      .add(row("label", text(), &Lamp::label, "What it says."))
      .add(row("timer", seconds_or_never(std::chrono::seconds(1), std::chrono::seconds(60)), &Lamp::timer,
               "When it goes off."))
      .add(list("room", text("ROOM"), &Lamp::rooms, "Where it stands."))
      .add_bare(Support::not_yet, {{"dimmer", "How bright it is."}})
      .add_bare(Support::no_effect, {{"wick", "Of older lamps."}})
      .add(Rewrite{.form = {"hall", "room hall;"}, .apply = [](const Statement& old) {
                     return std::vector{make_statement("room", {make_argument("hall", old)}, old)};
                   }});
  return schema;
}

struct Read {
  Lamp lamp;
  std::vector<std::string> messages;
};

Read read(std::string_view text, Lamp lamp = {}) {
  static const auto schema = lamp_schema();
  static const SchemaInfo root{.place = "house",
                               .noun = "directive",
                               .rows = {{.name = "lamp", .blocks = {schema.share_info()}}, {.name = "door"}}};
  Diagnostics diagnostics("f");
  auto statements = parse(text, diagnostics);
  Reader reader(diagnostics, root);
  schema.read(reader, std::move(statements), lamp);
  Read out{std::move(lamp), {}};
  for (const auto& error : diagnostics.errors()) out.messages.push_back(to_string(error));
  for (const auto& warning : diagnostics.warnings()) out.messages.push_back(to_string(warning));
  return out;
}

TEST(Schema, ReadsValuesIntoMembers) {
  const auto out = read("watts 60; lit; label \"a b\"; timer 30; room hall; room attic;");
  EXPECT_THAT(out.messages, IsEmpty());
  EXPECT_EQ(out.lamp, (Lamp{60, true, "a b", std::chrono::seconds(30), {"hall", "attic"}}));
}

TEST(Schema, FalseSetsTheDefaultUnlessItIsAValue) {
  const Lamp given{60, true, "a", std::chrono::seconds(30), {"hall"}};
  EXPECT_EQ(read("watts false;", given).lamp.watts, 40u);
  EXPECT_EQ(read("label false;", given).lamp.label, "");
  EXPECT_EQ(read("label \"false\";", given).lamp.label, "false");
  EXPECT_EQ(read("lit false;", given).lamp.on, false);
  EXPECT_EQ(read("timer false;", given).lamp.timer, std::chrono::seconds::max());
  EXPECT_THAT(read("room false;", given).lamp.rooms, IsEmpty());
}

TEST(Schema, AListReplacesWhatWasGiven) {
  EXPECT_THAT(read("room attic; room cellar;", {.rooms = {"hall"}}).lamp.rooms, ElementsAre("attic", "cellar"));
}

TEST(Schema, OldSpellingsAreReadWithAWarning) {
  EXPECT_EQ(read("power 60;").lamp.watts, 60u);
  EXPECT_THAT(read("power 60;").messages, ElementsAre("f:1:1: warning: 'power' is an old spelling of 'watts'"));
  EXPECT_THAT(read("hall;").lamp.rooms, ElementsAre("hall"));
  EXPECT_THAT(read("hall;").messages, ElementsAre("f:1:1: warning: 'hall' is an old form, now 'room hall;'"));
}

TEST(Schema, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(read("watts;").messages,
              ElementsAre("f:1:6: 'watts' has no value, expected a whole number from 1 to 100"));
  EXPECT_THAT(read("watts 101;").messages,
              ElementsAre("f:1:7: bad value '101' of 'watts', expected a whole number from 1 to 100"));
  EXPECT_THAT(read("watts 1 2;").messages, ElementsAre("f:1:9: unexpected '2' in 'watts', expected ';'"));
  EXPECT_THAT(read("watts 1 { }").messages, ElementsAre("f:1:9: 'watts' has no block, expected ';'"));
  EXPECT_THAT(read("watts 1\nlit;").messages, ElementsAre("f:1:8: 'watts' does not end, expected ';'"));
  EXPECT_THAT(read("watts 1;\nwatts 2;").messages, ElementsAre("f:2:1: 'watts' is already set in line 1"));
  EXPECT_THAT(read("watt 1;").messages,
              ElementsAre("f:1:1: unknown directive 'watt' in 'lamp'; did you mean 'watts'?"));
  EXPECT_THAT(read("sofa;").messages, ElementsAre("f:1:1: unknown directive 'sofa' in 'lamp'"));
  EXPECT_THAT(read("door;").messages,
              ElementsAre("f:1:1: misplaced directive 'door' in 'lamp', expected it in 'house'"));
  EXPECT_THAT(read("dimmer 3;").messages, ElementsAre("f:1:1: 'dimmer' is not supported yet"));
  EXPECT_THAT(read("wick;").messages, ElementsAre("f:1:1: warning: 'wick' has no effect"));
}

TEST(Schema, WritesWhatDiffersFromTheBase) {
  const auto written = [](const Lamp& lamp, const Lamp& base) {
    Printer out;
    lamp_schema().write(out, lamp, base);
    return out.take();
  };
  const Lamp plain;
  const Lamp full{60, true, "a b", std::chrono::seconds::max(), {"hall", "attic"}};
  EXPECT_EQ(written(plain, plain), "");
  EXPECT_EQ(written(full, full), "");
  EXPECT_EQ(written(full, plain), "watts 60;\nlit;\nlabel \"a b\";\ntimer false;\nroom hall;\nroom attic;\n");
  EXPECT_EQ(written({.timer = std::chrono::seconds::max()}, full),
            "watts 40;\nlit false;\nlabel false;\nroom false;\n");
}

TEST(Schema, WritesOptions) {
  EXPECT_THAT(lamp_schema().options({.watts = 60, .on = true, .label = "a b"}, {}),
              ElementsAre("watts=60", "lit", "label=\"a b\""));
}

TEST(Schema, TheReferenceComesFromTheRows) {
  const auto page = reference_markdown(lamp_schema().info());
  EXPECT_THAT(page, ::testing::HasSubstr(R"(## `lamp`

A lamp.

| directive | value | default | |
|---|---|---|---|
| `watts` | `1..100` | `40` | Its power. |
| `lit` | `[true\|false]` | `false` | Whether it shines. |
| `label` | `TEXT` |  | What it says. |
| `timer` | `SECONDS\|false` |  | When it goes off. |
| `room` | `ROOM` |  | *List.* Where it stands. |

Recognized, but not supported yet; using one is an error:

| directive | |
|---|---|
| `dimmer` | How bright it is. |

Accepted from old files, without effect:

| directive | |
|---|---|
| `wick` | Of older lamps. |

Other spellings that are understood:

| spelling | now |
|---|---|
| `power` | `watts` |
| `hall` | `room hall;` |
)"));
}

}  // namespace
}  // namespace sluice::config
