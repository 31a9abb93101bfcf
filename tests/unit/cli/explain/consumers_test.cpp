#include "cli/explain/consumers.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "manifests/media_type.hpp"

namespace davit::cli::explain {
namespace {

constexpr const char* k_content = "application/vnd.wasm.content.layer.v1+wasm";
constexpr const char* k_module = "application/vnd.module.wasm.content.layer.v1+wasm";
constexpr const char* k_lock = "application/vnd.fermyon.spin.application.v1+config";
constexpr const char* k_gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
constexpr const char* k_tar = "application/vnd.oci.image.layer.v1.tar";

Descriptor layer(const std::string& type, std::uint64_t size = 100) {
  return {.media_type = type, .digest = digest_of(as_bytes(type)), .size = size};
}

// An artifact with one module of preview 1.
Facts artifact(const std::string& config, std::vector<std::string> layers, Platform platform = {}) {
  Facts facts;
  facts.reference = "registry.example.com/app:1";
  facts.media_type = media_type::k_oci_manifest;
  facts.manifest.config.media_type = config;
  for (const std::string& type : layers) facts.manifest.layers.push_back(layer(type));
  facts.platform = std::move(platform);
  facts.detection.format = "wasm";
  facts.detection.wasm_layers = {layer("application/wasm")};
  facts.module = ModuleFacts{.target = "wasip1", .size = 100, .has_start = true};
  return facts;
}

const Platform k_wasi{.architecture = "wasm", .os = "wasi"};
const Platform k_wasip1{.architecture = "wasm", .os = "wasip1"};
const Platform k_linux{.architecture = "amd64", .os = "linux"};

Facts cncf() { return artifact(std::string(media_type::k_wasm_config_v0), {"application/wasm"}, k_wasip1); }
Facts image() {
  Facts facts = artifact(std::string(media_type::k_oci_config), {k_gzip}, k_wasi);
  facts.detection.format = "image";
  facts.detection.wasm_layers.clear();
  facts.words = {"/app.wasm"};
  return facts;
}
Facts compat() {
  Facts facts = image();
  facts.manifest.annotations["module.wasm.image/variant"] = "compat";
  return facts;
}
Facts runwasi() {
  return artifact(std::string(media_type::k_oci_config), {"application/vnd.bytecodealliance.wasm.component.layer.v0+wasm"}, k_wasip1);
}
Facts spin() { return artifact(std::string(media_type::k_oci_config), {k_content, k_lock}, k_wasip1); }
Facts envoy() {
  Facts facts = artifact("application/vnd.module.wasm.config.v1+json", {"application/vnd.module.wasm.config.v1+json", k_module});
  facts.module->is_proxy_plugin = true;
  return facts;
}
Facts trivy() {
  Facts facts = artifact("application/vnd.oci.empty.v1+json", {k_module});
  facts.manifest.layers[0].annotations["org.opencontainers.image.title"] = "app.wasm";
  return facts;
}
Facts policy() {
  Facts facts = artifact("application/vnd.wasm.config.v1+json", {k_content});
  facts.module->has_policy_metadata = true;
  return facts;
}
Facts component(Facts facts) {
  facts.module = ModuleFacts{.is_component = true, .target = "wasip2", .runs_as_command = true};
  return facts;
}
Facts under_index(Facts facts, Platform platform) {
  Descriptor wasm{.media_type = std::string(media_type::k_oci_manifest), .digest = digest_of(as_bytes("wasm"))};
  wasm.platform = std::move(platform);
  Descriptor native{.media_type = std::string(media_type::k_oci_manifest), .digest = digest_of(as_bytes("native"))};
  native.platform = k_linux;
  facts.entries = {native, wasm};
  facts.entry = wasm;
  return facts;
}
Facts with(Facts facts, const std::function<void(Facts&)>& change) {
  change(facts);
  return facts;
}

const Consumer& consumer(std::string_view name) {
  for (const Consumer& each : consumers()) {
    if (each.name == name) return each;
  }
  ADD_FAILURE() << "no consumer " << name;
  return consumers().front();
}

TEST(explain, every_consumer_accepts_what_is_made_for_it) {
  const std::map<std::string_view, Facts> k_cases{
      {"containerd-shim-wasmtime", runwasi()},
      {"containerd-shim-wasmedge", cncf()},
      {"containerd-shim-wasmer", image()},
      {"containerd-shim-spin", spin()},
      {"docker", image()},
      {"podman", image()},
      {"crun", compat()},
      {"youki", compat()},
      {"cri-o", compat()},
      {"spin", spin()},
      {"wasmcloud", component(cncf())},
      {"wkg", cncf()},
      {"envoy-gateway", envoy()},
      {"istio", with(image(), [](Facts& facts) { facts.last_layer_has_plugin = facts.module->is_proxy_plugin = true; })},
      {"trivy", trivy()},
      {"kubewarden", policy()},
      {"wassette", component(cncf())},
      {"wasmtime", component(cncf())},
      {"wasmer", with(cncf(), [](Facts& facts) { facts.module->target = "wasix"; })},
      {"wasmedge", cncf()},
      {"node", image()}};

  for (const Consumer& each : consumers()) {
    const auto found = k_cases.find(each.name);
    ASSERT_NE(found, k_cases.end()) << each.name;
    const Verdict verdict = judge(each, found->second);
    EXPECT_TRUE(verdict.accepts) << each.name << ": " << verdict.reason;
    EXPECT_NE(verdict.command.find("registry.example.com/app:1"), std::string::npos) << each.name;
  }
}

struct RefusalCase {
  std::string_view consumer;
  Facts facts;
  std::string_view aspect;
  std::string_view words;
};

void expect_refusals(const std::vector<RefusalCase>& cases) {
  for (const RefusalCase& each : cases) {
    const Verdict verdict = judge(consumer(each.consumer), each.facts);
    EXPECT_FALSE(verdict.accepts) << each.consumer << " should say: " << each.words;
    EXPECT_EQ(verdict.aspect, each.aspect) << each.consumer << ": " << verdict.reason;
    EXPECT_NE(verdict.reason.find(each.words), std::string::npos) << each.consumer << ": " << verdict.reason;
    EXPECT_TRUE(verdict.command.empty());
  }
}

TEST(explain, container_runtimes_refuse_for_the_reasons_of_their_sources) {
  const Facts native = with(image(), [](Facts& facts) { facts.detection = {.holds_wasm = false, .refusal = "this is a container image"}; });
  expect_refusals({
      {"docker", native, "layout", "this is a container image"},
      {"containerd-shim-wasmtime", under_index(runwasi(), k_wasip1), "index", "by digest"},
      {"containerd-shim-wasmtime", with(runwasi(), [](Facts& facts) { facts.platform = k_linux; }), "platform", "linux/amd64"},
      {"containerd-shim-wasmtime", with(runwasi(), [](Facts& facts) { facts.manifest.layers.push_back(facts.manifest.layers[0]); }),
       "layers", "there are 2"},
      {"containerd-shim-wasmtime", policy(), "layout", k_content},
      {"containerd-shim-wasmtime", with(image(), [](Facts& facts) { facts.words = {"/bin/app"}; }), "layout", "/bin/app"},
      {"containerd-shim-wasmtime", with(image(), [](Facts& facts) { facts.words.clear(); }), "layout", "no entrypoint"},
      {"containerd-shim-spin", image(), "layout", k_gzip},
      {"containerd-shim-spin", with(spin(), [](Facts& facts) { facts.platform = k_linux; }), "platform", "linux/amd64"},
      {"containerd-shim-spin", with(policy(), [](Facts& facts) { facts.platform = k_wasip1; }), "layout", "no locked application"},
      {"containerd-shim-spin", with(cncf(), [](Facts& facts) { facts.manifest.layers.push_back(layer("text/plain")); }), "layers",
       "single layer"},
      {"docker", cncf(), "layout", "needs an image configuration"},
      {"docker", runwasi(), "layout", "tar layers"},
      {"docker", with(compat(), [](Facts& facts) { facts.platform = k_linux; }), "platform", "linux/amd64"},
      {"podman", with(image(), [](Facts& facts) { facts.platform = k_wasip1; }), "platform", "wasip1/wasm"},
      {"podman", with(image(), [](Facts& facts) { facts.manifest.annotations["run.oci.handler"] = "wasm"; }), "annotation",
       "run.oci.handler"},
      {"crun", image(), "annotation", "module.wasm.image/variant=compat or compat-smart"},
      {"crun", with(compat(), [](Facts& facts) { facts.manifest.annotations["run.oci.handler"] = "krun"; }), "annotation", "krun"},
      {"youki", with(compat(), [](Facts& facts) { facts.manifest.annotations["module.wasm.image/variant"] = "compat-smart"; }),
       "annotation", "compat-smart"},
      {"cri-o", under_index(compat(), k_wasi), "index", "wasi/wasm"},
  });
}

TEST(explain, registry_tools_refuse_for_the_reasons_of_their_sources) {
  expect_refusals({
      {"wkg", under_index(cncf(), k_wasip1), "index", "linux/amd64"},
      {"wkg", policy(), "layout", k_content},
      {"wkg", with(cncf(), [](Facts& facts) { facts.manifest.layers.push_back(layer("application/wasm")); }), "layers", "there are 2"},
      {"wkg", with(cncf(), [](Facts& facts) { facts.manifest.config.media_type = "x/y"; }), "layout", "x/y"},
      {"wasmcloud", spin(), "layout", k_content},
      {"wasmcloud", with(cncf(), [](Facts& facts) { facts.manifest.layers.clear(); }), "layers", "no layer"},
      {"wasmcloud", cncf(), "wasi", "components only"},
      {"spin", image(), "layout", k_gzip},
      {"spin", envoy(), "layers", "there are 2"},
      {"wassette", cncf(), "wasi", "components only"},
      {"istio", cncf(), "layout", "application/wasm"},
      {"istio", trivy(), "layers", "is one"},
      {"istio", with(envoy(), [](Facts& facts) { facts.manifest.layers.clear(); }), "layers", "no layer"},
      {"istio", with(envoy(), [](Facts& facts) { facts.manifest.layers.push_back(layer(k_tar)); }), "layers", "are 3"},
      {"istio", image(), "layout", "no file plugin.wasm"},
      {"istio", with(image(), [](Facts& facts) { facts.media_type = media_type::k_docker_manifest; }), "layout", "docker"},
      {"istio", with(envoy(), [](Facts& facts) { facts.manifest.layers[1].size = std::uint64_t{300} << 20; }), "size", "256"},
      {"istio", with(envoy(), [](Facts& facts) { facts.module->is_proxy_plugin = false; }), "interface", "proxy_abi_version"},
      {"envoy-gateway", under_index(envoy(), k_wasip1), "index", "another image"},
      {"envoy-gateway", with(under_index(envoy(), k_wasip1), [](Facts& facts) { facts.entries.erase(facts.entries.begin()); }), "index",
       "there is none"},
      {"trivy", envoy(), "layers", "there are 2"},
      {"trivy", policy(), "layout", k_content},
      {"trivy", with(trivy(), [](Facts& facts) { facts.manifest.layers[0].annotations.clear(); }), "annotation", "title"},
      {"kubewarden", cncf(), "layout", "application/wasm"},
      {"kubewarden", with(policy(), [](Facts& facts) { facts.manifest.layers.clear(); }), "layers", "no layer"},
      {"kubewarden", with(policy(), [](Facts& facts) { facts.module->has_policy_metadata = false; }), "interface",
       "io.kubewarden.metadata"},
  });
}

TEST(explain, runtimes_refuse_what_they_cannot_start) {
  const auto with_feature = [](const char* name) { return with(cncf(), [&](Facts& facts) { facts.module->features.insert(name); }); };
  expect_refusals({
      {"wasmtime", with(cncf(), [](Facts& facts) { facts.detection.wasm_layers.push_back(layer("b")); }), "layers", "holds 2"},
      {"wasmtime",
       with(cncf(),
            [](Facts& facts) {
              facts.module.reset();
              facts.module_problem = "not wasm";
            }),
       "layout", "not wasm"},
      {"wasmtime", with(cncf(), [](Facts& facts) { facts.module->target = "wasip3"; }), "wasi", "0.3"},
      {"wasmtime", with(cncf(), [](Facts& facts) { facts.module->target = "wasix"; }), "wasi", "WASIX"},
      {"wasmtime", with(cncf(), [](Facts& facts) { facts.module->has_start = false; }), "interface", "_start"},
      {"wasmtime", with(component(cncf()), [](Facts& facts) { facts.module->runs_as_command = false; }), "interface", "wasi:cli/run"},
      {"wasmtime", with(component(cncf()), [](Facts& facts) { facts.module->is_interface_only = true; }), "interface", "WIT package"},
      {"wasmtime", with_feature("stack-switching"), "features", "stack-switching"},
      {"wasmer", component(cncf()), "wasi", "component"},
      {"wasmer", with_feature("memory64"), "features", "memory64"},
      {"wasmedge", with_feature("gc"), "features", "gc"},
      {"node", with_feature("multimemory"), "features", "multimemory"},
      {"node", component(cncf()), "wasi", "component"},
  });
}

TEST(explain, an_entry_without_platform_counts_as_this_machines_for_go) {
  Facts facts = under_index(envoy(), {});
  facts.entries.erase(facts.entries.begin());
  facts.entries[0].platform.reset();

  EXPECT_TRUE(judge(consumer("istio"), facts).accepts);
}

TEST(explain, commands_fit_where_the_artifact_is) {
  Facts facts = under_index(image(), k_wasi);
  EXPECT_NE(judge(consumer("docker"), facts).command.find("--platform wasi/wasm"), std::string::npos);

  facts = cncf();
  facts.origin = Origin::local_store;
  facts.reference = "oci:store:1";
  EXPECT_EQ(judge(consumer("wkg"), facts).command.find("davit copy oci:store:1 "), 0U);
  EXPECT_EQ(judge(consumer("wasmtime"), facts).command, "davit pull oci:store:1 -o app.wasm && wasmtime run app.wasm");

  facts.origin = Origin::file;
  facts.reference = "app.wasm";
  facts.module->features.insert("atomics");
  EXPECT_EQ(judge(consumer("wasmtime"), facts).command, "wasmtime run -W threads=y,shared-memory=y -S threads=y app.wasm");
}

TEST(explain, the_file_is_needed_only_when_an_answer_depends_on_it) {
  EXPECT_FALSE(needs_module(consumer("wkg"), cncf()));
  EXPECT_FALSE(needs_module(consumer("kubewarden"), cncf()));
  EXPECT_TRUE(needs_module(consumer("wassette"), cncf()));
}

}  // namespace
}  // namespace davit::cli::explain
