#include "manifests/digest.hpp"

#include <gtest/gtest.h>

namespace davit {
namespace {

constexpr std::string_view k_empty_object = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

TEST(digest, is_that_of_the_bytes) { EXPECT_EQ(digest_of("{}").text(), k_empty_object); }

TEST(digest, is_the_same_in_pieces) {
  Hasher hasher;
  hasher.update(as_bytes("{"));
  hasher.update({});
  hasher.update(as_bytes("}"));
  EXPECT_EQ(hasher.finish().text(), k_empty_object);
}

TEST(digest, parses_what_it_writes) {
  const auto digest = Digest::parse(k_empty_object);
  ASSERT_TRUE(digest);
  EXPECT_EQ(digest->text(), k_empty_object);
  EXPECT_EQ(digest->raw().size(), 32U);
  EXPECT_EQ(digest->brief(), "44136fa355b3");
}

TEST(digest, CVE_2024_3727_refuses_every_other_shape) {
  std::string upper(k_empty_object);
  upper[10] = 'F';
  const std::string shelf[] = {"",
                               "sha256",
                               "sha256:",
                               "sha256:44",
                               upper,
                               std::string(k_empty_object) + "0",
                               "sha256:" + std::string(64, 'g'),
                               " " + std::string(k_empty_object),
                               "SHA256:" + std::string(64, 'a'),
                               "sha256:" + std::string(64, '/')};
  for (const std::string& text : shelf) {
    const auto digest = Digest::parse(text);
    EXPECT_FALSE(digest) << text;
  }
  EXPECT_EQ(Digest::parse("md5:" + std::string(32, 'a')).error().code, ErrorCode::unsupported);
  EXPECT_TRUE(Digest::parse("sha512:" + std::string(128, 'a')));
}

}  // namespace
}  // namespace davit
