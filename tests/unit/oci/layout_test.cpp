#include "oci/layout.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "manifests/image_manifest.hpp"
#include "manifests/media_type.hpp"
#include "oci/io/file.hpp"

namespace davit::oci {
namespace {

RawManifest manifest_named(const std::string& title, const std::optional<Descriptor>& subject = std::nullopt) {
  ImageManifest manifest{.media_type = std::string(media_type::k_oci_manifest),
                         .config = describe(as_bytes("{}"), media_type::k_oci_empty),
                         .subject = subject,
                         .annotations = {{"title", title}}};
  const std::string text = write_image_manifest(manifest);
  return {.bytes = to_bytes(text), .descriptor = describe(as_bytes(text), media_type::k_oci_manifest)};
}

class layout : public testing::Test {
 protected:
  layout() : folder_(*TempDir::create("")), repository_(open_layout(folder_.path() + "/store")) {}
  TempDir folder_;
  std::unique_ptr<Repository> repository_;
};

TEST_F(layout, is_not_found_before_the_first_write) {
  const auto resolved = repository_->resolve("v1");

  ASSERT_FALSE(resolved);
  EXPECT_EQ(resolved.error().code, ErrorCode::not_found);
}

TEST_F(layout, gives_back_what_was_stored_under_a_tag) {
  const RawManifest manifest = manifest_named("one");

  ASSERT_TRUE(repository_->put_manifest(manifest, "v1"));
  const auto fetched = repository_->fetch_manifest("v1");

  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->bytes, manifest.bytes);
  EXPECT_EQ(fetched->descriptor.digest, manifest.descriptor.digest);
}

TEST_F(layout, keeps_a_manifest_listed_when_its_tag_moves_on) {
  const RawManifest first = manifest_named("first");
  ASSERT_TRUE(repository_->put_manifest(first, "v1"));

  ASSERT_TRUE(repository_->put_manifest(manifest_named("second"), "v1"));

  EXPECT_EQ(repository_->list_tags().value_or({}), std::vector<std::string>{"v1"});
  EXPECT_TRUE(repository_->fetch_manifest(first.descriptor.digest.text()));
}

TEST_F(layout, refuses_a_blob_that_is_not_what_its_descriptor_says) {
  auto origin = make_memory_origin(to_bytes(std::string_view("abd")));

  const auto stored = repository_->put_blob(describe(as_bytes("abc"), "text/plain"), *origin);

  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, ErrorCode::mismatch);
  EXPECT_FALSE(repository_->has_blob(describe(as_bytes("abc"), "text/plain")).value_or(true));
}

TEST_F(layout, finds_referrers_by_their_subject) {
  const RawManifest subject = manifest_named("subject");
  const RawManifest referrer = manifest_named("signature", subject.descriptor);
  ASSERT_TRUE(repository_->put_manifest(subject, "v1"));
  ASSERT_TRUE(repository_->put_manifest(referrer, std::nullopt));

  const auto found = repository_->list_referrers(subject.descriptor.digest, "");

  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().digest, referrer.descriptor.digest);
  EXPECT_EQ(repository_->resolve("")->digest, subject.descriptor.digest);
}

TEST_F(layout, stops_listing_the_children_of_an_index) {
  const RawManifest child = manifest_named("child");
  ASSERT_TRUE(repository_->put_manifest(child, std::nullopt));
  const std::string text = write_image_index({.media_type = std::string(media_type::k_oci_index), .manifests = {child.descriptor}});

  ASSERT_TRUE(repository_->put_manifest({.bytes = to_bytes(text), .descriptor = describe(as_bytes(text), media_type::k_oci_index)}, "all"));

  const auto index = LayoutIndex::parse(*read_file(folder_.path() + "/store/index.json", k_max_layout_index_bytes));
  ASSERT_TRUE(index);
  EXPECT_EQ(index->entries().size(), 1U);
  EXPECT_TRUE(repository_->resolve(child.descriptor.digest.text()));
}

TEST_F(layout, loses_nothing_to_parallel_writers) {
  std::vector<std::thread> writers;
  for (int i = 0; i < 8; ++i) {
    writers.emplace_back([this, i] {
      auto own = open_layout(folder_.path() + "/store");
      for (int j = 0; j < 4; ++j) {
        const std::string name = "t" + std::to_string(i) + "-" + std::to_string(j);
        EXPECT_TRUE(own->put_manifest(manifest_named(name), name));
      }
    });
  }
  for (std::thread& writer : writers) writer.join();

  EXPECT_EQ(repository_->list_tags().value_or({}).size(), 32U);
}

TEST_F(layout, forgets_a_tag_and_keeps_its_manifest) {
  const RawManifest manifest = manifest_named("one");
  ASSERT_TRUE(repository_->put_manifest(manifest, "v1"));

  ASSERT_TRUE(repository_->remove("v1"));

  EXPECT_FALSE(repository_->resolve("v1"));
  EXPECT_TRUE(repository_->resolve(manifest.descriptor.digest.text()));
  ASSERT_TRUE(repository_->remove(manifest.descriptor.digest.text()));
  EXPECT_FALSE(repository_->resolve(manifest.descriptor.digest.text()));
}

}  // namespace
}  // namespace davit::oci
