#include "app/config_store.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <stdexcept>

#include "app/test_folder.hpp"
#include "core/log.hpp"

namespace sluice::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Runs nothing, and writes down what it is told.
class Witness final : public ConfigUser {
 public:
  Task<std::expected<void, ConfigErrors>> prepare(std::shared_ptr<const ServerConfig> next) override {
    told.push_back("prepare");
    if (on_prepare) on_prepare();
    if (refuses) {
      co_return std::unexpected(
          ConfigErrors{{.file = {}, .at = {.line = 1, .column = 2}, .message = "no", .expected = {}, .pointer = {}}});
    }
    next_ = std::move(next);
    co_return {};
  }
  void abandon() override { told.push_back("abandon"); }
  Task<ReloadReport> commit() override {
    co_await yield();
    told.push_back("commit");
    if (on_commit) on_commit();
    co_return ReloadReport{.added = names(*next_)};
  }

  static std::vector<std::string> names(const ServerConfig& config) {
    std::vector<std::string> out;
    for (const auto& stream : config.streams) out.push_back(stream.name);
    return out;
  }

  std::vector<std::string> told;
  bool refuses = false;
  std::function<void()> on_prepare;
  std::function<void()> on_commit;

 private:
  std::shared_ptr<const ServerConfig> next_;
};

class ConfigStoreTest : public testing::Test {
 protected:
  explicit ConfigStoreTest(std::string text = "# mine\nstream a { }\n") {
    folder.write("s.conf", text);
    store.emplace(folder.path("s.conf"), std::make_shared<const ServerConfig>(*load_config(folder.path("s.conf"))),
                  shards, worker, witness);
    store->start();
  }
  ~ConfigStoreTest() override { store->stop(); }

  /// Runs `body` on a shard until it ends.
  void run(std::function<Task<void>()> body, unsigned shard = 1) {
    shards[shard].post([&, shard] {
      scopes[shard].spawn([](std::function<Task<void>()>& b, Shards& s) -> Task<void> {
        co_await b();
        s.stop();
      }(body, shards));
    });
    shards.run();
  }

  static ConfigStore::Change add(std::string name) {
    return [name](ServerConfig& config) -> std::expected<void, ConfigErrors> {
      config.streams.push_back({.name = name, .inputs = {}});
      return {};
    };
  }

  test::Folder folder;
  Shards shards{2};
  Worker worker;
  Witness witness;
  std::optional<ConfigStore> store;
  std::array<TaskScope, 2> scopes;
};

std::string first_error(const ConfigOutcome& outcome) {
  return outcome ? "no error" : to_string(outcome.error().front());
}

TEST_F(ConfigStoreTest, AChangeIsSavedAndInForceOnEveryShard) {
  run([&]() -> Task<void> {
    EXPECT_THAT(Witness::names(*store->current()), ElementsAre("a"));
    const auto outcome = co_await store->change(add("b"));
    EXPECT_TRUE(outcome) << first_error(outcome);
    EXPECT_THAT(outcome->added, ElementsAre("a", "b"));
    EXPECT_EQ(folder.read("s.conf"), "# mine\nstream a { }\nstream b {\n}\n");
    EXPECT_THAT(Witness::names(*store->current()), ElementsAre("a", "b"));
    EXPECT_THAT(co_await call_on(shards[0], [&] { return Witness::names(*store->current()); }), ElementsAre("a", "b"));
    EXPECT_THAT(witness.told, ElementsAre("prepare", "commit"));
  });
}

TEST_F(ConfigStoreTest, AHandEditIsKeptAndPutInForceWithTheChange) {
  run([&]() -> Task<void> {
    folder.write("s.conf", "# mine\nstream a { title New; }\n");
    EXPECT_TRUE(co_await store->change(add("b")));
    EXPECT_EQ(folder.read("s.conf"), "# mine\nstream a { title New; }\nstream b {\n}\n");
    EXPECT_EQ(store->current()->streams[0].title, "New");
  });
}

TEST_F(ConfigStoreTest, AFileWithAnErrorChangesNothing) {
  run([&]() -> Task<void> {
    const auto before = store->current();
    folder.write("s.conf", "stream a { titel New; }\n");
    for (const auto& outcome : {co_await store->reload(), co_await store->change(add("b"))}) {
      EXPECT_THAT(first_error(outcome), HasSubstr("s.conf:1:12: unknown directive 'titel' in 'stream'"));
    }
    EXPECT_EQ(store->current(), before);
    EXPECT_THAT(witness.told, IsEmpty());
    EXPECT_EQ(folder.read("s.conf"), "stream a { titel New; }\n");
    // The text as a whole may replace it.
    EXPECT_TRUE(co_await store->replace_text("stream c { }"));
    EXPECT_EQ(folder.read("s.conf"), "stream c { }");
    EXPECT_THAT(Witness::names(*store->current()), ElementsAre("c"));
  });
}

TEST_F(ConfigStoreTest, TheLogSaysNothingOfAPasswordThatIsWrittenWrongly) {
  run([&]() -> Task<void> {
    folder.write("s.conf", "edit_auth admin correct horse;\n");
    EXPECT_THAT(first_error(co_await store->reload()), HasSubstr("horse"));
    const auto lines = log::recent();
    EXPECT_FALSE(lines.empty());
    if (!lines.empty()) EXPECT_THAT(lines.back().details, HasSubstr("s.conf:1:25: a bad value of a secret"));
  });
}

TEST_F(ConfigStoreTest, WhatCannotBeUsedIsNotSaved) {
  run([&]() -> Task<void> {
    witness.refuses = true;
    const auto outcome = co_await store->change(add("b"));
    EXPECT_THAT(first_error(outcome), HasSubstr("s.conf:1:2: no"));
    EXPECT_EQ(folder.read("s.conf"), "# mine\nstream a { }\n");
    EXPECT_THAT(Witness::names(*store->current()), ElementsAre("a"));
  });
}

TEST_F(ConfigStoreTest, AFullDiskLeavesTheOldFileWhole) {
  auto* const before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  run([&]() -> Task<void> {
    const rlimit small{.rlim_cur = 30, .rlim_max = limit.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto outcome = co_await store->change(add("b"));
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    EXPECT_THAT(first_error(outcome), HasSubstr("cannot be saved: File too large"));
    EXPECT_EQ(folder.read("s.conf"), "# mine\nstream a { }\n");
    EXPECT_THAT(witness.told, IsEmpty());
    EXPECT_TRUE(co_await store->change(add("b"))) << "there is room again";
  });
  std::signal(SIGXFSZ, before);
}

/// Removes what was made ready to replace a file.
void spoil(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with('.')) std::filesystem::remove(entry.path());
  }
}

TEST_F(ConfigStoreTest, OfSeveralFilesAllAreSavedOrNone) {
  run([&]() -> Task<void> {
    folder.write("s.conf.d/b.conf", "stream b { }\n");
    const auto both = [](ServerConfig& config) -> std::expected<void, ConfigErrors> {
      for (auto& stream : config.streams) stream.title = "New";
      return {};
    };
    witness.on_prepare = [&] { spoil(folder.path("s.conf.d")); };
    const auto outcome = co_await store->change(both);
    EXPECT_FALSE(outcome);
    EXPECT_THAT(first_error(outcome), HasSubstr("s.conf.d/b.conf: cannot be saved: No such file or directory"));
    EXPECT_EQ(outcome.error().size(), 1u);
    EXPECT_EQ(folder.read("s.conf"), "# mine\nstream a { }\n") << "written back";
    EXPECT_EQ(folder.read("s.conf.d/b.conf"), "stream b { }\n");
    EXPECT_THAT(witness.told, ElementsAre("prepare", "abandon"));
    EXPECT_EQ(std::ranges::distance(std::filesystem::directory_iterator(folder.path(""))), 2)
        << "nothing is left behind";

    witness.on_prepare = nullptr;
    EXPECT_TRUE(co_await store->change(both));
    EXPECT_THAT(folder.read("s.conf"), HasSubstr("New"));
    EXPECT_THAT(folder.read("s.conf.d/b.conf"), HasSubstr("New"));
  });
}

TEST_F(ConfigStoreTest, NobodySeesAConfigBeforeItIsInForce) {
  run([&]() -> Task<void> {
    std::vector<std::string> seen;
    witness.on_commit = [&] { seen = Witness::names(*store->current()); };
    EXPECT_TRUE(co_await store->change(add("b")));
    EXPECT_THAT(seen, ElementsAre("a"));
    EXPECT_THAT(Witness::names(*store->current()), ElementsAre("a", "b"));
  });
}

TEST_F(ConfigStoreTest, AnExceptionIsAFailedChangeAndTheNextOneHasItsTurn) {
  run([&]() -> Task<void> {
    const auto fail = [] { throw std::runtime_error("expected by the test"); };
    const auto refused = co_await store->change([&](ServerConfig&) -> std::expected<void, ConfigErrors> {
      fail();
      return {};
    });
    EXPECT_THAT(first_error(refused), HasSubstr("(expected by the test); nothing has changed"));
    witness.on_prepare = fail;
    EXPECT_THAT(first_error(co_await store->change(add("b"))), HasSubstr("nothing has changed"));
    EXPECT_EQ(folder.read("s.conf"), "# mine\nstream a { }\n");
    EXPECT_THAT(witness.told, ElementsAre("abandon", "prepare", "abandon"));
    witness.on_prepare = nullptr;
    witness.on_commit = fail;
    EXPECT_THAT(first_error(co_await store->reload()), HasSubstr("may be saved or in force: restart the server"));
    witness.on_commit = nullptr;
    store->reload([&](const ConfigOutcome&) { fail(); });
    EXPECT_TRUE(co_await store->change(add("c")));
    EXPECT_THAT(Witness::names(*store->current()), ElementsAre("a", "c"));
  });
}

TEST_F(ConfigStoreTest, ChangesGoOneAfterTheOtherAndLoseNothing) {
  run([&]() -> Task<void> {
    constexpr int kChanges = 50;
    int done = 0;
    TaskScope scope;
    for (int i = 0; i < kChanges; ++i) {
      scope.spawn([](ConfigStore& to, std::string name, int& count) -> Task<void> {
        EXPECT_TRUE(co_await to.change(add(name)));
        ++count;
      }(*store, "s" + std::to_string(i), done));
    }
    while (done < kChanges) co_await sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(store->current()->streams.size(), kChanges + 1u);
    EXPECT_EQ(load_config(folder.path("s.conf"))->streams, store->current()->streams);
  });
}

TEST_F(ConfigStoreTest, AChangeGoesOnWithoutItsCaller) {
  run([&]() -> Task<void> {
    {
      TaskScope scope;
      scope.spawn([](ConfigStore& to) -> Task<void> { (void)co_await to.change(add("b")); }(*store));
    }
    EXPECT_TRUE(co_await store->reload());
    EXPECT_THAT(Witness::names(*store->current()), ElementsAre("a", "b"));
  });
}

TEST_F(ConfigStoreTest, TooManyThatWaitAreRefused) {
  run(
      [&]() -> Task<void> {
        constexpr int kAsked = ConfigStore::kMostWaiting + 50;
        int done = 0;
        int refused = 0;
        for (int i = 0; i < kAsked; ++i) {
          store->reload([&](const ConfigOutcome& outcome) {
            ++done;
            if (!outcome) ++refused;
          });
        }
        while (done < kAsked) co_await sleep_for(std::chrono::milliseconds(1));
        EXPECT_GT(refused, 0);
        EXPECT_LT(refused, kAsked);
      },
      0);
}

TEST_F(ConfigStoreTest, WhoeverChangesSaysWhyNot) {
  run([&]() -> Task<void> {
    const auto outcome = co_await store->change([](ServerConfig& config) -> std::expected<void, ConfigErrors> {
      config.streams.clear();
      return std::unexpected(
          ConfigErrors{{.file = "here", .at = {}, .message = "not this", .expected = {}, .pointer = {}}});
    });
    EXPECT_EQ(first_error(outcome), "here: not this");
    EXPECT_THAT(witness.told, IsEmpty());
  });
}

}  // namespace
}  // namespace sluice::app
