#include "oci/copy.hpp"

#include <gtest/gtest.h>

#include "manifests/media_type.hpp"
#include "unit/oci/wrapped_repository.hpp"

namespace davit::oci {
namespace {

RawManifest raw(const std::string& text, std::string_view type) {
  return {.bytes = to_bytes(text), .descriptor = describe(as_bytes(text), type)};
}

class copy : public testing::Test {
 protected:
  RawManifest add_manifest(const std::string& content, const std::optional<Descriptor>& subject = std::nullopt) {
    const Descriptor blob = describe(as_bytes(content), media_type::k_wasm);
    const auto origin = make_memory_origin(to_bytes(content));
    EXPECT_TRUE(source_->put_blob(blob, *origin));
    const RawManifest manifest = raw(
        write_image_manifest({.media_type = std::string(media_type::k_oci_manifest), .config = blob, .layers = {blob}, .subject = subject}),
        media_type::k_oci_manifest);
    EXPECT_TRUE(source_->put_manifest(manifest, std::nullopt));
    return manifest;
  }
  std::unique_ptr<WrappedRepository> source_ = std::make_unique<WrappedRepository>();
  std::unique_ptr<Repository> target_ = make_memory_repository();
};

TEST_F(copy, brings_an_index_with_everything_below_it) {
  const RawManifest one = add_manifest("one");
  const RawManifest two = add_manifest("two");
  const RawManifest index =
      raw(write_image_index({.media_type = std::string(media_type::k_oci_index), .manifests = {one.descriptor, two.descriptor}}),
          media_type::k_oci_index);
  ASSERT_TRUE(source_->put_manifest(index, "all"));

  const auto copied = copy_graph(*source_, *target_, "all", "all", {});

  ASSERT_TRUE(copied);
  EXPECT_EQ(copied->digest, index.descriptor.digest);
  EXPECT_TRUE(target_->has_manifest(two.descriptor.digest).value_or(false));
  EXPECT_TRUE(target_->has_blob(describe(as_bytes("one"), "")).value_or(false));
}

TEST_F(copy, leaves_referrers_behind_unless_asked) {
  const RawManifest subject = add_manifest("subject");
  const RawManifest referrer = add_manifest("note", subject.descriptor);
  const std::string name = subject.descriptor.digest.text();

  ASSERT_TRUE(copy_graph(*source_, *target_, name, "1", {}));
  EXPECT_FALSE(target_->has_manifest(referrer.descriptor.digest).value_or(true));

  ASSERT_TRUE(copy_graph(*source_, *target_, name, "1", {.recursive = true}));
  EXPECT_TRUE(target_->has_manifest(referrer.descriptor.digest).value_or(false));
}

// A registry that was given the referrers API later: the API lists nothing, and the fallback tag does.
TEST_F(copy, brings_referrers_that_only_one_place_lists) {
  const RawManifest subject = add_manifest("subject");
  const RawManifest referrer = add_manifest("note");
  bool told = false;
  source_->bend_all_referrers = [&](AllReferrers all) {
    if (!std::exchange(told, true)) all.manifests.push_back(referrer.descriptor);
    return all;
  };

  ASSERT_TRUE(copy_graph(*source_, *target_, subject.descriptor.digest.text(), "1", {.recursive = true}));

  EXPECT_TRUE(target_->has_manifest(referrer.descriptor.digest).value_or(false));
}

TEST_F(copy, does_not_take_a_part_of_the_referrers_for_all) {
  const RawManifest subject = add_manifest("subject");
  source_->bend_all_referrers = [](AllReferrers all) {
    all.missed = fail(ErrorCode::denied, "the fallback tag cannot be read");
    return all;
  };

  const auto copied = copy_graph(*source_, *target_, subject.descriptor.digest.text(), "1", {.recursive = true});

  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, ErrorCode::denied);
}

TEST_F(copy, refuses_indexes_nested_too_deep) {
  RawManifest inner = add_manifest("leaf");
  for (int i = 0; i < 20; ++i) {
    inner = raw(write_image_index({.media_type = std::string(media_type::k_oci_index), .manifests = {inner.descriptor}}),
                media_type::k_oci_index);
    ASSERT_TRUE(source_->put_manifest(inner, std::nullopt));
  }

  EXPECT_EQ(copy_graph(*source_, *target_, inner.descriptor.digest.text(), "x", {}).error().code, ErrorCode::limit);
}

TEST_F(copy, stores_no_manifest_when_a_blob_is_missing) {
  const Descriptor absent = describe(as_bytes("absent"), media_type::k_wasm);
  const RawManifest manifest = raw(write_image_manifest({.config = absent, .layers = {absent}}), media_type::k_oci_manifest);
  ASSERT_TRUE(source_->put_manifest(manifest, "1"));

  EXPECT_FALSE(copy_graph(*source_, *target_, "1", "1", {}));
  EXPECT_FALSE(target_->has_manifest(manifest.descriptor.digest).value_or(true));
}

}  // namespace
}  // namespace davit::oci
