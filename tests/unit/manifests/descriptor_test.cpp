#include "manifests/descriptor.hpp"

#include <gtest/gtest.h>

namespace davit {
namespace {

const std::string k_full =
    R"({"mediaType":"application/wasm","digest":"sha256:)" + std::string(64, 'a') +
    R"(","size":7,"urls":["https://a"],"annotations":{"k":"v"},"data":"eA==","platform":{"architecture":"wasm","os":"wasip1"},"artifactType":"t"})";

TEST(descriptor, reads_and_writes_every_member) {
  const Json json = *parse_json(k_full, {});
  const auto descriptor = parse_descriptor(JsonView(json));
  ASSERT_TRUE(descriptor);
  EXPECT_EQ(descriptor->size, 7U);
  EXPECT_EQ(descriptor->platform->os, "wasip1");
  EXPECT_EQ(write_json(to_json(*descriptor)), k_full);
}

TEST(descriptor, refuses_what_is_missing_or_of_the_wrong_kind) {
  const std::string digest = R"("digest":"sha256:)" + std::string(64, 'a') + "\"";
  const std::string shelf[] = {"[]",
                               "{}",
                               R"({"mediaType":"a","size":1})",
                               R"({"mediaType":"a",)" + digest + "}",
                               R"({"mediaType":"a",)" + digest + R"(,"size":-1})",
                               R"({"mediaType":"a",)" + digest + R"(,"size":"1"})",
                               R"({"mediaType":1,)" + digest + R"(,"size":1})",
                               R"({"mediaType":"a","digest":"sha256:x","size":1})",
                               R"({"mediaType":"a",)" + digest + R"(,"size":1,"annotations":{"a":1}})"};
  for (const std::string& text : shelf) {
    const Json json = *parse_json(text, {});
    EXPECT_FALSE(parse_descriptor(JsonView(json))) << text;
  }
}

TEST(descriptor, describes_bytes) {
  const Descriptor descriptor = describe(as_bytes("{}"), "a/b");
  EXPECT_EQ(descriptor.size, 2U);
  EXPECT_EQ(descriptor.media_type, "a/b");
}

}  // namespace
}  // namespace davit
