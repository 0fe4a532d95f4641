#include "net/tls_certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "net/test_tls.hpp"

namespace sluice::net {
namespace {

using test::make_certificate;
using testing::ElementsAre;
using testing::HasSubstr;

class CertificateTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path at(std::string_view name) const { return folder_.path() / name; }
  std::filesystem::path write(std::string_view name, std::string_view text) {
    std::ofstream(at(name)) << text;
    return at(name);
  }
  static UtcTime now() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(CertificateTest, KnowsItsNamesAndItsTime) {
  const auto files = make_certificate(at("a"), {.names = "DNS:One.example,DNS:*.two.example,IP:10.0.0.1"});
  const auto made = load_certificate(files);
  ASSERT_TRUE(made) << made.error();
  EXPECT_THAT(made->names, ElementsAre("one.example", "*.two.example"));
  EXPECT_EQ(made->time_fault(now()), "");
  EXPECT_THAT(made->time_fault(now() + std::chrono::hours(25)), HasSubstr("expired on 20"));
  EXPECT_THAT(made->time_fault(now() - std::chrono::hours(2)), HasSubstr("not valid before 20"));
}

TEST_F(CertificateTest, TakesTheCommonNameWhereThereIsNoOther) {
  const auto made = load_certificate(make_certificate(at("a"), {.names = ""}));
  ASSERT_TRUE(made) << made.error();
  EXPECT_THAT(made->names, ElementsAre("common.name"));
}

TEST_F(CertificateTest, ReadsThoseThatVouchForIt) {
  const auto files = make_certificate(at("a"));
  const auto other = make_certificate(at("ca"));
  std::ofstream(files.certificate, std::ios::app) << std::ifstream(other.certificate).rdbuf();
  const auto made = load_certificate(files);
  ASSERT_TRUE(made) << made.error();
  EXPECT_EQ(made->chain.size(), 1);
}

TEST_F(CertificateTest, OpensAKeyWithTheCustomaryPassword) {
  EXPECT_TRUE(load_certificate(make_certificate(at("a"), {.password = "flussonic"})));
  const auto other = load_certificate(make_certificate(at("b"), {.password = "other"}));
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error(), HasSubstr("b.key: not a private key: "));
}

TEST_F(CertificateTest, SaysWhichFileAndWhy) {
  const auto files = make_certificate(at("a"));
  const auto error = [](const CertificateFiles& f) {
    const auto made = load_certificate(f);
    return made ? "" : made.error();
  };
  EXPECT_THAT(error({at("none.crt"), files.key}), HasSubstr("none.crt: cannot be read: "));
  EXPECT_THAT(error({files.certificate, at("none.key")}), HasSubstr("none.key: cannot be read: "));
  EXPECT_THAT(error({at(""), files.key}), HasSubstr("cannot be read: not a file"));
  EXPECT_THAT(error({write("text.crt", "hello"), files.key}), HasSubstr("text.crt: there is no certificate in it"));
  EXPECT_THAT(error({files.certificate, write("text.key", "hello")}), HasSubstr("text.key: not a private key"));
  EXPECT_THAT(error({write("half.crt", "-----BEGIN CERTIFICATE-----\nMIIB"), files.key}),
              HasSubstr("half.crt: not a certificate"));
  EXPECT_THAT(error({files.certificate, make_certificate(at("b")).key}), HasSubstr("b.key: not the key of"));
}

TEST(NamesOfCertificates, StandForHosts) {
  EXPECT_TRUE(stands_for("a.example", "a.example"));
  EXPECT_FALSE(stands_for("a.example", "b.example"));
  EXPECT_TRUE(stands_for("*.example", "a.example"));
  EXPECT_FALSE(stands_for("*.example", "a.b.example"));
  EXPECT_FALSE(stands_for("*.example", ".example"));
  EXPECT_FALSE(stands_for("*.example", "example"));
}

}  // namespace
}  // namespace sluice::net
