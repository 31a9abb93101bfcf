#include "manifests/image_manifest.hpp"

#include <gtest/gtest.h>

#include "manifests/media_type.hpp"
#include "manifests/wasm_config.hpp"

namespace davit {
namespace {

const std::string k_config =
    R"({"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2})";

TEST(image_manifest, reads_back_what_it_writes) {
  ImageManifest manifest{.media_type = std::string(media_type::k_oci_manifest),
                         .artifact_type = "application/x",
                         .config = describe(as_bytes("{}"), "a/b"),
                         .annotations = {{"k", "v"}}};
  manifest.layers = {describe(as_bytes("layer"), media_type::k_wasm)};
  manifest.subject = describe(as_bytes("subject"), media_type::k_oci_manifest);

  const auto read = parse_image_manifest(as_bytes(write_image_manifest(manifest)));

  ASSERT_TRUE(read);
  EXPECT_EQ(*read, manifest);
}

TEST(image_manifest, is_known_by_its_shape_when_it_does_not_say) {
  const std::string text = R"({"schemaVersion":2,"config":)" + k_config + R"(,"layers":[]})";

  EXPECT_EQ(manifest_media_type(as_bytes(text)).value_or(""), media_type::k_oci_manifest);
  EXPECT_EQ(manifest_media_type(as_bytes(R"({"schemaVersion":2,"manifests":[]})")).value_or(""), media_type::k_oci_index);
}

TEST(image_manifest, refuses_a_document_that_is_both_kinds) {
  const std::string text = R"({"schemaVersion":2,"config":)" + k_config + R"(,"layers":[],"manifests":[]})";

  EXPECT_EQ(parse_manifest(as_bytes(text)).error().code, ErrorCode::malformed);
}

TEST(image_manifest, refuses_what_it_cannot_rely_on) {
  const std::string lies =
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","config":)" + k_config + R"(,"layers":[]})";

  EXPECT_EQ(parse_manifest(as_bytes(lies)).error().code, ErrorCode::malformed);
  EXPECT_EQ(parse_manifest(as_bytes(R"({"schemaVersion":1})")).error().code, ErrorCode::unsupported);
  EXPECT_EQ(parse_manifest(as_bytes(R"({"schemaVersion":2,"layers":[]})")).error().code, ErrorCode::malformed);
  EXPECT_EQ(parse_manifest(as_bytes("[]")).error().code, ErrorCode::malformed);
}

TEST(wasm_config, writes_what_its_other_readers_expect) {
  WasmConfig config{.created = "1970-01-01T00:00:00Z", .os = "wasip1", .layer_digests = {digest_of("x")}};

  EXPECT_EQ(write_wasm_config(config),
            R"({"created":"1970-01-01T00:00:00Z","author":null,"architecture":"wasm","os":"wasip1","layerDigests":[")" +
                digest_of("x").text() + R"("],"component":null})");
  config.component = WasmWorld{.exports = {"run"}, .imports = {"wasi:cli/stdout@0.2.0"}};
  EXPECT_EQ(*parse_wasm_config(as_bytes(write_wasm_config(config))), config);
}

TEST(wasm_config, reads_the_early_spelling) {
  const std::string text = R"({"architecture":"wasm","os":"wasip2","layer_digests":[")" + digest_of("x").text() + R"("]})";

  EXPECT_EQ(parse_wasm_config(as_bytes(text))->layer_digests.size(), 1U);
}

}  // namespace
}  // namespace davit
