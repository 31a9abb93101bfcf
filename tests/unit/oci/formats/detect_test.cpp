// One hand-made manifest for each packaging, and what davit must call it.
#include "oci/formats/detect.hpp"

#include <gtest/gtest.h>

#include "manifests/media_type.hpp"

namespace davit::oci {
namespace {

const std::string k_wasm("\0asm\1\0\0\0", 8);
const std::string k_gzip_head("\x1f\x8b\x08\0\0\0\0\0", 8);

// A store that counts what is asked of it.
class CountingRepository : public Repository {
 public:
  Descriptor add(const std::string& content, std::string_view type, const Annotations& annotations = {}) {
    Descriptor blob = describe(as_bytes(content), type);
    blob.annotations = annotations;
    const auto origin = make_memory_origin(to_bytes(content));
    EXPECT_TRUE(inner_->put_blob(blob, *origin));
    return blob;
  }
  Result<Descriptor> resolve(const std::string& name) override { return inner_->resolve(name); }
  Result<RawManifest> fetch_manifest(const std::string& name) override {
    ++requests;
    return inner_->fetch_manifest(name);
  }
  Result<std::unique_ptr<Source>> open_blob(const Descriptor& blob) override {
    ++requests;
    return inner_->open_blob(blob);
  }
  Result<bool> has_blob(const Descriptor& blob) override { return inner_->has_blob(blob); }
  Result<bool> has_manifest(const Digest& digest) override { return inner_->has_manifest(digest); }
  Result<bool> put_blob(const Descriptor& blob, BlobOrigin& origin) override { return inner_->put_blob(blob, origin); }
  Result<void> put_manifest(const RawManifest& manifest, const std::optional<std::string>& tag) override {
    return inner_->put_manifest(manifest, tag);
  }
  Result<std::vector<std::string>> list_tags() override { return inner_->list_tags(); }
  Result<void> remove(const std::string& name) override { return inner_->remove(name); }
  Result<std::vector<Descriptor>> list_referrers(const Digest& subject, const std::string& type) override {
    return inner_->list_referrers(subject, type);
  }
  int requests = 0;

 private:
  std::unique_ptr<Repository> inner_ = make_memory_repository();
};

struct Layer {
  std::string type;
  std::string content = k_wasm;
  Annotations annotations{};
};

struct Case {
  std::string name;
  std::string config_type;
  std::string config = "{}";
  std::vector<Layer> layers{};
  std::string format{};
  std::string variant{};
  bool holds_wasm = true;
  std::size_t wasm_layers = 1;
  int requests = 0;
  std::string artifact_type{};
  Annotations annotations{};
  std::string media_type{media_type::k_oci_manifest};
};

const std::string k_config = "application/vnd.oci.image.config.v1+json";
const std::string k_empty = "application/vnd.oci.empty.v1+json";
const std::string k_unknown = "application/vnd.unknown.config.v1+json";
const std::string k_tar = "application/vnd.oci.image.layer.v1.tar";
const std::string k_targz = "application/vnd.oci.image.layer.v1.tar+gzip";
const std::string k_content = "application/vnd.wasm.content.layer.v1+wasm";
const std::string k_module = "application/vnd.module.wasm.content.layer.v1+wasm";
const std::string k_module_config = "application/vnd.module.wasm.config.v1+json";
const std::string k_lock = "application/vnd.fermyon.spin.application.v1+config";
const std::string k_runwasi = "application/vnd.bytecodealliance.wasm.component.layer.v0+wasm";
const std::string k_one_id = R"("rootfs":{"type":"layers","diff_ids":["sha256:00"]})";

Annotations titled(const std::string& name) { return {{"org.opencontainers.image.title", name}}; }

std::vector<Case> programs() {
  return {
      {.name = "wasm", .config_type = "application/vnd.wasm.config.v0+json", .layers = {{"application/wasm"}}, .format = "wasm"},
      {.name = "wasm_under_a_foreign_layer_type",
       .config_type = "application/vnd.wasm.config.v0+json",
       .layers = {{k_tar}},
       .format = "wasm"},
      {.name = "wasm_without_mediaType",
       .config_type = "application/vnd.wasm.config.v0+json",
       .layers = {{"application/wasm"}},
       .format = "wasm",
       .media_type = ""},
      {.name = "spin", .config_type = k_config, .layers = {{k_content}, {k_lock, "{}"}}, .format = "spin"},
      {.name = "spin_lock_as_config", .config_type = k_lock, .layers = {{k_content}}, .format = "spin", .variant = "config-lock"},
      {.name = "spin_of_two_components",
       .config_type = k_config,
       .layers = {{k_content}, {k_content, k_wasm + "2"}, {k_lock, "{}"}},
       .format = "spin",
       .wasm_layers = 2},
      {.name = "wasmcloud", .config_type = "application/vnd.wasmcloud.actor.archive.config", .layers = {{k_module}}, .format = "wasmcloud"},
      {.name = "wasmcloud_raw_under_tar",
       .config_type = "application/vnd.wasmcloud.actor.archive.config",
       .layers = {{k_tar}},
       .format = "wasmcloud"},
      {.name = "wasm_to_oci",
       .config_type = "application/vnd.wasm.config.v1+json",
       .layers = {{k_content}},
       .format = "wasm-to-oci",
       .media_type = ""},
      {.name = "wasm_to_oci_mixed", .config_type = k_module_config, .layers = {{k_content}}, .format = "wasm-to-oci"},
      {.name = "kubewarden",
       .config_type = "application/vnd.wasm.config.v1+json",
       .layers = {{k_content}},
       .format = "kubewarden",
       .annotations = {{"io.kubewarden.policy.title", "p"}}},
      {.name = "gadget_with_wasm",
       .config_type = "application/vnd.gadget.config.v1+yaml",
       .layers = {{"application/vnd.gadget.ebpf.program.v1+binary", "elf"}, {"application/vnd.gadget.wasm.program.v1+binary"}},
       .format = "gadget",
       .media_type = ""},
      {.name = "envoy", .config_type = k_module_config, .layers = {{k_module_config, "{}"}, {k_module}}, .format = "envoy"},
      {.name = "envoy_of_one_layer", .config_type = k_module_config, .layers = {{k_module}}, .format = "envoy"},
      {.name = "envoy_two_layers_any_config", .config_type = k_unknown, .layers = {{"text/plain", "x"}, {k_module}}, .format = "envoy"},
      {.name = "higress",
       .config_type = k_config,
       .layers = {{"application/vnd.module.wasm.doc.v1.zh+markdown", "x"}, {k_targz, k_gzip_head}},
       .format = "envoy",
       .variant = "higress",
       .wasm_layers = 0},
      {.name = "trivy", .config_type = k_unknown, .layers = {{k_module, k_wasm, titled("a.wasm")}}, .format = "trivy"},
      {.name = "azure_iot",
       .config_type = k_empty,
       .layers = {{"application/wasm"}},
       .format = "oras",
       .variant = "azure-iot",
       .artifact_type = k_module},
      {.name = "runwasi", .config_type = k_config, .layers = {{k_runwasi}}, .format = "runwasi"},
      {.name = "runwasi_two_layers",
       .config_type = k_config,
       .layers = {{k_runwasi}, {k_runwasi, k_wasm + "2"}},
       .format = "runwasi",
       .wasm_layers = 2},
      {.name = "runwasi_transitional",
       .config_type = k_config,
       .layers = {{k_runwasi}},
       .format = "runwasi",
       .variant = "superseded",
       .artifact_type = "application/vnd.bytecodealliance.component.v1+wasm"},
      {.name = "runwasi_2023",
       .config_type = "application/vnd.wasm.component.config.v1+json",
       .layers = {{"application/vnd.w3c.wasm.module.v1+wasm"}},
       .format = "runwasi",
       .variant = "superseded"},
      {.name = "runwasi_2023_component",
       .config_type = "application/vnd.wasm.component.config.v1+yaml",
       .layers = {{"application/vnd.wasm.component.v1+wasm"}},
       .format = "runwasi",
       .variant = "superseded"},
      {.name = "runwasi_plain_type",
       .config_type = k_config,
       .layers = {{"application/wasm"}},
       .format = "runwasi",
       .variant = "plain-type"},
      {.name = "oras_typed",
       .config_type = k_empty,
       .layers = {{"application/wasm", k_wasm, titled("a.wasm")}},
       .format = "oras",
       .artifact_type = "application/vnd.unknown.artifact.v1"},
      {.name = "oras_bare", .config_type = k_unknown, .layers = {{k_tar, k_wasm, titled("a.wasm")}}, .format = "oras", .requests = 1},
      {.name = "oras_own_type", .config_type = k_empty, .layers = {{"application/x-thing"}}, .format = "oras", .requests = 1},
      {.name = "oras_platform",
       .config_type = k_config,
       .config = R"({"architecture":"wasm","os":"wasip1"})",
       .layers = {{k_tar}},
       .format = "oras",
       .variant = "platform",
       .requests = 1,
       .artifact_type = "application/vnd.unknown.artifact.v1"},
      {.name = "oras_folder",
       .config_type = k_empty,
       .layers = {{k_targz, k_gzip_head}},
       .format = "oras",
       .variant = "archive",
       .wasm_layers = 0,
       .requests = 1},
      {.name = "image",
       .config_type = k_config,
       .config = R"({"architecture":"wasm","os":"wasi",)" + k_one_id + "}",
       .layers = {{k_tar}},
       .format = "image",
       .wasm_layers = 0,
       .requests = 1},
      {.name = "image_of_docker",
       .config_type = "application/vnd.docker.container.image.v1+json",
       .config = R"({"architecture":"wasm32","os":"Wasip1",)" + k_one_id + "}",
       .layers = {{"application/vnd.docker.image.rootfs.diff.tar.gzip"}},
       .format = "image",
       .wasm_layers = 0,
       .requests = 1,
       .media_type = "application/vnd.docker.distribution.manifest.v2+json"},
      {.name = "image_by_entrypoint",
       .config_type = k_config,
       .config = R"({"architecture":"amd64","os":"linux","config":{"Cmd":["/app.wasm#run"]},)" + k_one_id + "}",
       .layers = {{k_targz}},
       .format = "image",
       .wasm_layers = 0,
       .requests = 1},
      {.name = "compat",
       .config_type = k_config,
       .config = R"({"architecture":"amd64","os":"linux","config":{"Cmd":["/x"]},)" + k_one_id + "}",
       .layers = {{k_targz}},
       .format = "compat",
       .wasm_layers = 0,
       .requests = 1,
       .annotations = {{"module.wasm.image/variant", "compat-smart"}}},
      {.name = "container_with_runtime",
       .config_type = k_config,
       .config = R"({"architecture":"amd64","os":"linux","config":{"Entrypoint":["wasmtime","/a.wasm"]},)" + k_one_id + "}",
       .layers = {{k_targz}},
       .format = "container-image",
       .variant = "with-runtime",
       .wasm_layers = 0,
       .requests = 1},
      {.name = "helm_plugin",
       .config_type = k_empty,
       .layers = {{k_targz, k_gzip_head}},
       .format = "helm-plugin",
       .wasm_layers = 0,
       .artifact_type = "application/vnd.helm.plugin.v1+json"},
      {.name = "helm_plugin_legacy",
       .config_type = "application/vnd.helm.plugin.v1+json",
       .layers = {{k_tar, "x"}},
       .format = "helm-plugin",
       .wasm_layers = 0},
      {.name = "opa_bundle",
       .config_type = "application/vnd.cncf.openpolicyagent.config.v1+json",
       .layers = {{k_targz, k_gzip_head}},
       .format = "opa-bundle",
       .wasm_layers = 0},
  };
}

std::vector<Case> others() {
  return {
      {.name = "provider",
       .config_type = "application/vnd.wasmcloud.provider.archive.config",
       .layers = {{"application/vnd.wasmcloud.provider.archive.layer.v1+par", "x"}},
       .format = "provider-archive",
       .media_type = ""},
      {.name = "provider_by_layer",
       .config_type = k_unknown,
       .layers = {{"application/vnd.wasmcloud.provider.archive.layer.v1+par", "x"}},
       .format = "provider-archive"},
      {.name = "helm_chart",
       .config_type = "application/vnd.cncf.helm.config.v1+json",
       .layers = {{"application/vnd.cncf.helm.chart.content.v1.tar+gzip", k_gzip_head}},
       .format = "helm-chart"},
      {.name = "gadget",
       .config_type = "application/vnd.gadget.config.v1+yaml",
       .layers = {{"application/vnd.gadget.ebpf.program.v1+binary", "elf"}},
       .format = "gadget"},
      {.name = "container",
       .config_type = k_config,
       .config = R"({"architecture":"amd64","os":"linux","config":{"Entrypoint":["/bin/sh"]},)" + k_one_id + "}",
       .layers = {{k_targz}},
       .format = "container-image",
       .requests = 1},
      {.name = "cosign_signature",
       .config_type = k_config,
       .layers = {{"application/vnd.dev.cosign.simplesigning.v1+json", "{}"}},
       .format = "signature"},
      {.name = "sigstore_bundle",
       .config_type = k_empty,
       .layers = {{"application/vnd.dev.sigstore.bundle.v0.3+json", "{}"}},
       .format = "signature",
       .artifact_type = "application/vnd.dev.sigstore.bundle.v0.3+json"},
      {.name = "notation_signature",
       .config_type = "application/vnd.cncf.notary.signature",
       .layers = {{"application/jose+json", "{}"}},
       .format = "signature"},
      {.name = "cosign_attestation",
       .config_type = k_config,
       .layers = {{"application/vnd.dsse.envelope.v1+json", "{}"}},
       .format = "attestation"},
      {.name = "buildkit_attestation",
       .config_type = k_config,
       .layers = {{"application/vnd.in-toto+json", "{}"}},
       .format = "attestation"},
      {.name = "sbom_spdx", .config_type = k_empty, .layers = {{"application/spdx+json", "{}"}}, .format = "sbom"},
      {.name = "sbom_cyclonedx", .config_type = k_config, .layers = {{"application/vnd.cyclonedx+json", "{}"}}, .format = "sbom"},
      {.name = "capabilities",
       .config_type = k_empty,
       .layers = {{"application/vnd.davit.capabilities.v1+json", "{}"}},
       .format = "capabilities"},
      {.name = "encrypted", .config_type = k_config, .layers = {{k_targz + "+encrypted", "x"}}, .format = "encrypted"},
      {.name = "native_file",
       .config_type = k_empty,
       .layers = {{"application/x-thing",
                   "\x7f"
                   "ELF...."}},
       .format = "other",
       .requests = 1},
      {.name = "nothing", .config_type = k_empty, .layers = {}, .format = "other"},
  };
}

class detect : public testing::TestWithParam<Case> {
 protected:
  Result<Detection> run(const Case& each) {
    ImageManifest manifest{.media_type = each.media_type,
                           .artifact_type = each.artifact_type,
                           .config = repository_.add(each.config, each.config_type),
                           .annotations = each.annotations};
    for (const Layer& layer : each.layers) manifest.layers.push_back(repository_.add(layer.content, layer.type, layer.annotations));
    const std::string text = write_image_manifest(manifest);
    return detect_format(repository_, {.bytes = to_bytes(text), .descriptor = describe(as_bytes(text), media_type::k_oci_manifest)});
  }
  CountingRepository repository_{};
};

class detect_programs : public detect {};

TEST_P(detect_programs, are_known) {
  const Case& each = GetParam();

  const auto found = run(each);

  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->format, each.format);
  EXPECT_EQ(found->variant, each.variant);
  EXPECT_TRUE(found->holds_wasm);
  EXPECT_EQ(found->refusal, "");
  EXPECT_EQ(found->wasm_layers.size(), each.wasm_layers);
  EXPECT_FALSE(found->evidence.empty());
  EXPECT_EQ(repository_.requests, each.requests);
}

INSTANTIATE_TEST_SUITE_P(all, detect_programs, testing::ValuesIn(programs()), [](const auto& each) { return each.param.name; });

class detect_others : public detect {};

TEST_P(detect_others, are_refused_by_name) {
  const Case& each = GetParam();

  const auto found = run(each);

  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->format, each.format);
  EXPECT_FALSE(found->holds_wasm);
  EXPECT_NE(found->refusal, "");
  EXPECT_TRUE(found->wasm_layers.empty());
  EXPECT_EQ(repository_.requests, each.requests);
}

INSTANTIATE_TEST_SUITE_P(all, detect_others, testing::ValuesIn(others()), [](const auto& each) { return each.param.name; });

TEST_F(detect, says_what_deviates) {
  const auto no_type = run({.config_type = k_unknown, .layers = {{k_tar}}, .media_type = ""});
  const auto odd_system =
      run({.config_type = k_config, .config = R"({"architecture":"wasm","os":"linux",)" + k_one_id + "}", .layers = {{k_tar}}});

  ASSERT_TRUE(no_type && odd_system);
  EXPECT_EQ(no_type->oddities.size(), 2U);
  EXPECT_EQ(odd_system->format, "image");
  EXPECT_EQ(odd_system->oddities.size(), 1U);
}

TEST_F(detect, reads_the_withdrawn_artifact_manifest) {
  const Descriptor blob = repository_.add(k_wasm, "application/wasm");
  const std::string text = write_json(JsonObject{{"mediaType", media_type::k_oci_artifact_manifest},
                                                 {"artifactType", "application/vnd.example"},
                                                 {"blobs", JsonArray{to_json(blob)}}});

  const auto found = detect_format(repository_, {.bytes = to_bytes(text), .descriptor = describe(as_bytes(text), "")});

  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->format, "oras");
  EXPECT_EQ(found->variant, "artifact-manifest");
  EXPECT_EQ(found->wasm_layers, std::vector<Descriptor>{blob});
}

TEST_F(detect, fails_on_a_configuration_that_is_none) {
  const auto found = run({.config_type = k_config, .config = "[]", .layers = {{k_tar}}});

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::malformed);
}

Descriptor entry(const std::string& content, std::optional<Platform> platform, const Annotations& annotations = {}) {
  Descriptor out = describe(as_bytes(content), media_type::k_oci_manifest);
  out.platform = std::move(platform);
  out.annotations = annotations;
  return out;
}

TEST(choose_entry, prefers_wasm_and_leaves_attestations_out) {
  const Descriptor native = entry("native", Platform{.architecture = "amd64", .os = "linux"});
  const Descriptor wasm = entry("wasm", Platform{.architecture = "wasm64", .os = "Wasip1"});
  const Descriptor by_system = entry("wasi", Platform{.architecture = "amd64", .os = "wasip2"});
  const Descriptor note = entry("note", Platform{.architecture = "unknown", .os = "unknown"},
                                {{"vnd.docker.reference.type", "attestation-manifest"}, {"vnd.docker.reference.digest", "x"}});
  const Descriptor odd_note =
      entry("odd", Platform{.architecture = "wasm", .os = "wasi"}, {{"vnd.docker.reference.type", "attestation-manifest"}});
  const Descriptor bare = entry("bare", std::nullopt);

  EXPECT_EQ(choose_entry({.manifests = {native, note, wasm}})->digest, wasm.digest);
  EXPECT_EQ(choose_entry({.manifests = {odd_note, native}})->digest, native.digest);
  EXPECT_EQ(choose_entry({.manifests = {native, by_system}})->digest, by_system.digest);
  EXPECT_EQ(choose_entry({.manifests = {note, bare}})->digest, bare.digest);
  EXPECT_EQ(choose_entry({.manifests = {native, bare}}).error().code, ErrorCode::unsupported);
  EXPECT_EQ(choose_entry({.manifests = {note}}).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace davit::oci
