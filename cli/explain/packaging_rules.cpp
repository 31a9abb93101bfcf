#include <algorithm>
#include <array>

#include "cli/explain/rules.hpp"
#include "cli/output/progress.hpp"
#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"

namespace davit::cli::explain {
namespace {

constexpr std::string_view k_content_wasm = "application/vnd.wasm.content.layer.v1+wasm";
constexpr std::string_view k_module_wasm = "application/vnd.module.wasm.content.layer.v1+wasm";
constexpr std::string_view k_shim_wasm = "application/vnd.bytecodealliance.wasm.component.layer.v0+wasm";
constexpr std::string_view k_spin_lock = "application/vnd.fermyon.spin.application.v1+config";
constexpr std::uint64_t k_envoy_size_cap = std::uint64_t{256} << 20;

Answer refuse(std::string_view aspect, std::string reason) { return Refusal{aspect, std::move(reason)}; }

std::string quoted(std::string_view text) { return "\"" + printable(text, 100) + "\""; }
std::string platform_text(const Platform& platform) {
  return platform.os.empty() && platform.architecture.empty() ? "no platform" : printable(to_text(platform), 80);
}

std::size_t count_layers(const Facts& facts, std::initializer_list<std::string_view> types) {
  return static_cast<std::size_t>(std::ranges::count_if(
      facts.manifest.layers, [&](const Descriptor& layer) { return std::ranges::find(types, layer.media_type) != types.end(); }));
}

bool is_tar(std::string_view type) { return type.find(".tar") != std::string_view::npos; }

bool is_image(const Facts& facts) {
  const std::string& config = facts.manifest.config.media_type;
  const bool has_config = config == media_type::k_oci_config || config == media_type::k_docker_config;
  return has_config && !facts.manifest.layers.empty() &&
         std::ranges::all_of(facts.manifest.layers, [](const Descriptor& layer) { return is_tar(layer.media_type); });
}

std::string first_word(const Facts& facts) { return facts.words.empty() ? std::string() : facts.words.front(); }

std::string first_type(const Facts& facts) {
  return facts.manifest.layers.empty() ? "no layers" : "layers of the type " + quoted(facts.manifest.layers.front().media_type);
}

const std::string* annotation_of(const Facts& facts, std::string_view key) {
  const auto found = facts.manifest.annotations.find(std::string(key));
  return found == facts.manifest.annotations.end() ? nullptr : &found->second;
}

// The entry of the wasm is not the one this machine would get.
Answer index_for(const Facts& facts, const Platform& host, std::string_view who) {
  if (facts.entries.empty() || !facts.entry) return std::nullopt;
  if (facts.entry->platform && facts.entry->platform->os == host.os && facts.entry->platform->architecture == host.architecture)
    return std::nullopt;
  const std::string wasm = facts.entry->platform ? platform_text(*facts.entry->platform) : "no platform";
  return refuse("index", std::string(who) + " takes the entry for " + to_text(host) + " of an index, and the wasm is under " + wasm);
}

Answer marked(const Facts& facts, std::initializer_list<std::string_view> variants, std::string_view who) {
  if (const std::string* handler = annotation_of(facts, "run.oci.handler")) {
    if (*handler == "wasm" || (*handler == "wasm-smart" && variants.size() > 1)) return std::nullopt;
    return refuse("annotation", std::string(who) + " does not start wasm for run.oci.handler=" + printable(*handler, 40));
  }
  const std::string* variant = annotation_of(facts, "module.wasm.image/variant");
  if (variant != nullptr && std::ranges::find(variants, *variant) != variants.end()) return std::nullopt;
  std::string names;
  for (const std::string_view each : variants) names += (names.empty() ? "" : " or ") + std::string(each);
  return refuse("annotation", std::string(who) + " needs the annotation module.wasm.image/variant=" + names +
                                  (variant == nullptr ? "" : ", and it is " + quoted(*variant)));
}

}  // namespace

Answer holds_wasm(const Facts& facts) {
  if (facts.detection.holds_wasm) return std::nullopt;
  return refuse("layout", facts.detection.refusal);
}

Answer one_wasm_file(const Facts& facts) {
  if (facts.origin == Origin::file || facts.detection.wasm_layers.size() <= 1) return std::nullopt;
  return refuse("layers", "it starts one wasm file, and this holds " + std::to_string(facts.detection.wasm_layers.size()));
}

Answer index_by_host(const Facts& facts) { return index_for(facts, {.architecture = "amd64", .os = "linux"}, "it"); }

Answer index_by_go(const Facts& facts) {
  if (facts.entries.empty() || !facts.entry) return std::nullopt;
  // An entry without a platform counts as linux/amd64, and the first that fits is taken.
  for (const Descriptor& entry : facts.entries) {
    const bool fits = !entry.platform || (entry.platform->os == "linux" && entry.platform->architecture == "amd64");
    if (!fits) continue;
    if (entry.digest == facts.entry->digest) return std::nullopt;
    return refuse("index", "it takes the entry for linux/amd64 of an index, which is another image");
  }
  return refuse("index", "it takes the entry for linux/amd64 of an index, and there is none");
}

Answer index_by_kubelet(const Facts& facts) { return index_for(facts, {.architecture = "amd64", .os = "linux"}, "a node"); }

Answer manifest_for_shim(const Facts& facts) {
  if (facts.entries.empty() || is_image(facts)) return std::nullopt;
  return refuse("index", "the shim reads modules in layers from a manifest only, and the name leads to an index; run it by digest");
}

Answer shim_layers(const Facts& facts) {
  const std::size_t kept = count_layers(facts, {k_shim_wasm, media_type::k_wasm});
  if (kept > 0 && facts.platform.architecture != "wasm")
    return refuse("platform", "it looks for wasm in layers only when the configuration says architecture wasm; this is for " +
                                  platform_text(facts.platform));
  if (kept > 1) return refuse("layers", "it runs one wasm layer, and there are " + std::to_string(kept));
  if (kept == 1) return std::nullopt;
  if (!is_image(facts)) return refuse("layout", "it reads application/wasm layers or a file system, and this has " + first_type(facts));
  return wasm_entrypoint(facts);
}

Answer spin_shim_layers(const Facts& facts) {
  const std::size_t lock = count_layers(facts, {k_spin_lock});
  const std::size_t wasm = count_layers(facts, {media_type::k_wasm, k_content_wasm});
  if (lock + wasm == 0) return refuse("layout", "it reads Spin applications and single wasm layers, and this has " + first_type(facts));
  if (facts.platform.architecture != "wasm")
    return refuse("platform", "it looks for wasm in layers only when the configuration says architecture wasm; this is for " +
                                  platform_text(facts.platform));
  if (lock > 0) return std::nullopt;
  if (count_layers(facts, {k_content_wasm}) > 0) return refuse("layout", "there is no locked application among the layers");
  if (facts.manifest.layers.size() == 1) return std::nullopt;
  return refuse("layers", "application/wasm may only be the single layer, and there are " + std::to_string(facts.manifest.layers.size()));
}

Answer image_file_system(const Facts& facts) {
  if (is_image(facts)) return std::nullopt;
  const std::string& config = facts.manifest.config.media_type;
  const bool has_config = config == media_type::k_oci_config || config == media_type::k_docker_config;
  if (!has_config) return refuse("layout", "it needs an image configuration, and this has " + quoted(config));
  return refuse("layout", "it needs a file system in tar layers, and this has " + first_type(facts));
}

Answer wasm_entrypoint(const Facts& facts) {
  std::string word = first_word(facts);
  word = word.substr(0, word.find('#'));
  if (word.ends_with(".wasm") || word.ends_with(".wat")) return std::nullopt;
  if (word.empty()) return refuse("layout", "the image has no entrypoint");
  return refuse("layout", "the entrypoint " + quoted(word) + " does not end in .wasm");
}

Answer wasi_platform(const Facts& facts) {
  if (oci::is_wasm_platform(facts.platform)) return std::nullopt;
  return refuse("platform", "the image is for " + platform_text(facts.platform) + " and runs as a native container");
}

Answer podman_platform(const Facts& facts) {
  constexpr std::array<std::string_view, 3> k_architectures{"wasm", "wasm32", "wasm64"};
  if (facts.platform.os == "wasi" && std::ranges::find(k_architectures, facts.platform.architecture) != k_architectures.end()) {
    if (annotation_of(facts, "run.oci.handler") == nullptr) return std::nullopt;
    return refuse("annotation", "crun-wasm does not start an image that also says run.oci.handler");
  }
  return refuse("platform", "podman starts crun-wasm for wasi/wasm, wasi/wasm32 and wasi/wasm64 only; this is for " +
                                platform_text(facts.platform) + ", and annotations of an image are ignored");
}

Answer crun_annotation(const Facts& facts) { return marked(facts, {"compat", "compat-smart"}, "crun"); }
Answer youki_annotation(const Facts& facts) { return marked(facts, {"compat"}, "youki"); }

Answer oci_wasm_pull(const Facts& facts) {
  const auto& layers = facts.manifest.layers;
  const auto foreign = std::ranges::find_if(layers, [](const Descriptor& layer) { return layer.media_type != media_type::k_wasm; });
  if (foreign != layers.end()) return refuse("layout", "layers must be application/wasm, and one is " + quoted(foreign->media_type));
  if (layers.size() != 1) return refuse("layers", "there must be exactly one layer, and there are " + std::to_string(layers.size()));
  if (facts.manifest.config.media_type == media_type::k_wasm_config_v0) return std::nullopt;
  return refuse("layout", "the configuration must be " + std::string(media_type::k_wasm_config_v0) + ", and it is " +
                              quoted(facts.manifest.config.media_type));
}

Answer wasmcloud_layer(const Facts& facts) {
  if (facts.manifest.layers.empty()) return refuse("layers", "there is no layer");
  const std::string& type = facts.manifest.layers.front().media_type;
  const auto& layers = facts.manifest.layers;
  const bool known = std::ranges::all_of(
      layers, [](const Descriptor& layer) { return layer.media_type == media_type::k_wasm || layer.media_type == k_module_wasm; });
  if (known) return std::nullopt;
  return refuse("layout", "layers must be application/wasm or " + std::string(k_module_wasm) + ", and the first is " + quoted(type));
}

Answer spin_application(const Facts& facts) {
  if (count_layers(facts, {k_spin_lock}) > 0 || facts.manifest.config.media_type == k_spin_lock) return std::nullopt;
  if (facts.manifest.layers.size() != 1)
    return refuse("layers", "without a locked application there must be exactly one layer, and there are " +
                                std::to_string(facts.manifest.layers.size()));
  if (count_layers(facts, {media_type::k_wasm, k_content_wasm}) == 1) return std::nullopt;
  return refuse("layout", "it takes layers of other types than application/wasm for data; this has " + first_type(facts));
}

Answer envoy_layout(const Facts& facts) {
  const auto& layers = facts.manifest.layers;
  if (layers.empty()) return refuse("layers", "there is no layer");
  const bool docker = facts.media_type == media_type::k_docker_manifest;
  const std::string_view wanted = docker ? media_type::k_docker_layer_gzip : media_type::k_oci_layer_gzip;
  const bool typed = layers.back().media_type == wanted;
  if (typed && facts.last_layer_has_plugin) return std::nullopt;
  if (docker && !typed)
    return refuse("layout", "the last layer must be " + std::string(wanted) + ", and it is " + quoted(layers.back().media_type));
  if (docker || (typed && count_layers(facts, {k_module_wasm}) == 0))
    return refuse("layout", "there is no file plugin.wasm in the last layer");
  if (count_layers(facts, {k_module_wasm}) == 0) {
    return refuse("layout", "it reads a layer " + std::string(k_module_wasm) + " or plugin.wasm in a last layer of tar+gzip; this has " +
                                first_type(facts));
  }
  if (layers.size() == 2) return std::nullopt;
  return refuse("layers", "there must be exactly two layers, and there " +
                              (layers.size() == 1 ? std::string("is one") : "are " + std::to_string(layers.size())));
}

Answer envoy_size(const Facts& facts) {
  const auto big = std::ranges::find_if(facts.manifest.layers, [](const Descriptor& layer) { return layer.size > k_envoy_size_cap; });
  if (big == facts.manifest.layers.end()) return std::nullopt;
  return refuse("size", "a layer has " + human_size(big->size) + ", and it reads at most " + human_size(k_envoy_size_cap));
}

Answer trivy_layer(const Facts& facts) {
  const auto& layers = facts.manifest.layers;
  if (layers.size() != 1) return refuse("layers", "there must be exactly one layer, and there are " + std::to_string(layers.size()));
  if (layers.front().media_type != k_module_wasm)
    return refuse("layout", "the layer must be " + std::string(k_module_wasm) + ", and it is " + quoted(layers.front().media_type));
  if (layers.front().annotations.contains(std::string(annotation::k_title))) return std::nullopt;
  return refuse("annotation", "the layer needs the annotation " + std::string(annotation::k_title) + ", which names the file");
}

Answer kubewarden_layers(const Facts& facts) {
  const auto& layers = facts.manifest.layers;
  const auto foreign = std::ranges::find_if(layers, [](const Descriptor& layer) { return layer.media_type != k_content_wasm; });
  if (layers.empty()) return refuse("layers", "there is no layer");
  if (foreign == layers.end()) return std::nullopt;
  return refuse("layout", "layers must be " + std::string(k_content_wasm) + ", and one is " + quoted(foreign->media_type));
}

}  // namespace davit::cli::explain
