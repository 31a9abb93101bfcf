// Telling packagings apart. Rules are asked in a fixed order and the first that answers counts, because the types
// overlap: one layer type serves Envoy, Trivy and old wasmCloud, and another serves wasm-to-oci, Kubewarden and Spin.
// What the types of the manifest leave open, the image configuration or the first bytes of a layer settle.
#include "oci/formats/detect.hpp"

#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "oci/formats/image_config.hpp"
#include "oci/formats/media_types.hpp"
#include "oci/formats/sniff.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_max_named_types = 3;

// A manifest with the roles of its types.
struct Facts {
  const ImageManifest& manifest;
  TypeRole config;
  TypeRole artifact;
  std::vector<TypeRole> layers{};

  [[nodiscard]] std::size_t count(TypeRole role) const { return static_cast<std::size_t>(std::ranges::count(layers, role)); }
  [[nodiscard]] bool has_layer(TypeRole role) const { return count(role) > 0; }
  [[nodiscard]] bool has_only(TypeRole role) const { return !layers.empty() && count(role) == layers.size(); }
  [[nodiscard]] std::vector<Descriptor> of(std::initializer_list<TypeRole> roles) const {
    std::vector<Descriptor> out;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const bool wanted = std::ranges::find(roles, layers[i]) != roles.end();
      const bool again = std::ranges::any_of(out, [&](const Descriptor& have) { return have.digest == manifest.layers[i].digest; });
      if (wanted && !again) out.push_back(manifest.layers[i]);
    }
    return out;
  }
};

std::string quoted(std::string_view type) { return "\"" + printable(type, 120) + "\""; }
std::string config_sentence(const Facts& facts) { return "the configuration has the type " + quoted(facts.manifest.config.media_type); }
std::string layer_sentence(const Descriptor& layer) { return "a layer has the type " + quoted(layer.media_type); }

Detection found(std::string format, std::string evidence, std::vector<Descriptor> wasm_layers, std::string variant = "") {
  Detection out{.format = std::move(format), .variant = std::move(variant)};
  out.evidence.push_back(std::move(evidence));
  out.wasm_layers = std::move(wasm_layers);
  return out;
}

Detection refused(std::string format, std::string refusal, std::string evidence) {
  Detection out{.format = std::move(format), .holds_wasm = false, .refusal = std::move(refusal)};
  out.evidence.push_back(std::move(evidence));
  return out;
}

using Answer = std::optional<Detection>;

Answer as_wasm(const Facts& facts) {
  if (facts.config != TypeRole::wasm_v0_config) return std::nullopt;
  Detection out = found("wasm", config_sentence(facts), facts.of({TypeRole::plain_wasm}));
  if (out.wasm_layers.empty()) {
    // Some pushed with the right configuration and a layer type of another tool.
    out.wasm_layers = facts.manifest.layers;
    for (const Descriptor& layer : facts.manifest.layers)
      out.oddities.push_back(layer_sentence(layer) + ", expected " + quoted(media_type::k_wasm));
  }
  if (facts.layers.size() != 1) out.oddities.push_back("it has " + std::to_string(facts.layers.size()) + " layers, consumers expect one");
  return out;
}

Answer as_spin(const Facts& facts) {
  const auto modules = facts.of({TypeRole::content_wasm, TypeRole::plain_wasm});
  if (facts.has_layer(TypeRole::spin_lock)) {
    return found("spin", layer_sentence(facts.of({TypeRole::spin_lock}).front()), modules);
  }
  if (facts.config != TypeRole::spin_lock) return std::nullopt;
  return found("spin", config_sentence(facts), modules, "config-lock");
}

Answer as_wasmcloud(const Facts& facts) {
  const bool provider_layer = facts.has_layer(TypeRole::provider_archive);
  if (facts.config == TypeRole::provider_archive || provider_layer) {
    return refused("provider-archive", "this is a wasmCloud provider archive: native programs for several machines and no wasm file",
                   provider_layer ? layer_sentence(facts.of({TypeRole::provider_archive}).front()) : config_sentence(facts));
  }
  if (facts.config != TypeRole::wasmcloud_config) return std::nullopt;
  Detection out = found("wasmcloud", config_sentence(facts), facts.of({TypeRole::module_wasm, TypeRole::plain_wasm}));
  if (out.wasm_layers.empty()) {
    out.wasm_layers = facts.manifest.layers;
    for (const Descriptor& layer : out.wasm_layers) out.oddities.push_back(layer_sentence(layer) + ", which wasmCloud read as raw bytes");
  }
  return out;
}

bool mentions_kubewarden(const Annotations& annotations) {
  return std::ranges::any_of(annotations, [](const auto& pair) { return pair.first.starts_with("io.kubewarden."); });
}

Answer as_wasm_to_oci(const Facts& facts) {
  const auto modules = facts.of({TypeRole::content_wasm, TypeRole::module_wasm, TypeRole::plain_wasm});
  const bool by_config = facts.config == TypeRole::wasm_v1_config;
  if (!by_config && !facts.has_layer(TypeRole::content_wasm)) return std::nullopt;
  if (modules.empty()) return std::nullopt;
  const bool policy = mentions_kubewarden(facts.manifest.annotations);
  Detection out =
      found(policy ? "kubewarden" : "wasm-to-oci", by_config ? config_sentence(facts) : layer_sentence(modules.front()), modules);
  if (policy) out.evidence.emplace_back("the manifest has annotations of Kubewarden");
  if (!by_config) out.oddities.push_back(config_sentence(facts) + ", expected \"application/vnd.wasm.config.v1+json\"");
  for (const Descriptor& layer : modules) {
    if (role_of(layer.media_type) != TypeRole::content_wasm) out.oddities.push_back(layer_sentence(layer));
  }
  return out;
}

Answer as_gadget(const Facts& facts) {
  const bool gadget =
      facts.config == TypeRole::gadget_config || facts.has_layer(TypeRole::gadget_wasm) || facts.has_layer(TypeRole::gadget_other);
  if (!gadget) return std::nullopt;
  const std::string evidence = facts.config == TypeRole::gadget_config
                                   ? config_sentence(facts)
                                   : layer_sentence(facts.of({TypeRole::gadget_wasm, TypeRole::gadget_other}).front());
  if (facts.has_layer(TypeRole::gadget_wasm)) return found("gadget", evidence, facts.of({TypeRole::gadget_wasm}));
  return refused("gadget", "this is an Inspektor Gadget of eBPF programs and no wasm file", evidence);
}

Answer as_helm(const Facts& facts) {
  const bool plugin = facts.artifact == TypeRole::helm_plugin || facts.config == TypeRole::helm_plugin;
  if (plugin) {
    const bool by_artifact = facts.artifact == TypeRole::helm_plugin;
    return found("helm-plugin", by_artifact ? "the artifact has the type " + quoted(facts.manifest.artifact_type) : config_sentence(facts),
                 {});
  }
  if (facts.config != TypeRole::helm_chart && !facts.has_layer(TypeRole::helm_chart)) return std::nullopt;
  return refused("helm-chart", "this is a Helm chart: templates for Kubernetes and no wasm file",
                 facts.config == TypeRole::helm_chart ? config_sentence(facts) : layer_sentence(facts.of({TypeRole::helm_chart}).front()));
}

Answer as_module(const Facts& facts) {
  if (facts.has_layer(TypeRole::higress_document)) {
    return found("envoy", layer_sentence(facts.of({TypeRole::higress_document}).front()), facts.of({TypeRole::module_wasm}), "higress");
  }
  const auto modules = facts.of({TypeRole::module_wasm});
  if (facts.config == TypeRole::module_config) {
    Detection out =
        found("envoy", config_sentence(facts), modules.empty() ? facts.of({TypeRole::content_wasm, TypeRole::plain_wasm}) : modules);
    if (facts.layers.size() != 2)
      out.oddities.push_back("it has " + std::to_string(facts.layers.size()) + " layers, Istio and Envoy Gateway expect two");
    return out;
  }
  if (modules.empty()) return std::nullopt;
  if (facts.layers.size() != 1) return found("envoy", layer_sentence(modules.front()), modules);
  Detection out = found("trivy", layer_sentence(modules.front()), modules);
  out.evidence.emplace_back("it is the only layer");
  if (!modules.front().annotations.contains(std::string(annotation::k_title)))
    out.oddities.emplace_back("the layer has no title, which Trivy asks for");
  return out;
}

Answer as_runwasi(const Facts& facts) {
  const auto modules = facts.of({TypeRole::runwasi_wasm, TypeRole::superseded_wasm});
  if (facts.has_layer(TypeRole::runwasi_wasm)) {
    const bool old = !facts.manifest.artifact_type.empty() || facts.config == TypeRole::superseded_config;
    Detection out = found("runwasi", layer_sentence(modules.front()), modules, old ? "superseded" : "");
    if (old) out.oddities.emplace_back("it has the marks of a form that was given up in 2023");
    return out;
  }
  if (facts.has_layer(TypeRole::superseded_wasm) || facts.config == TypeRole::superseded_config) {
    return found("runwasi", modules.empty() ? config_sentence(facts) : layer_sentence(modules.front()),
                 modules.empty() ? facts.of({TypeRole::plain_wasm, TypeRole::unknown}) : modules, "superseded");
  }
  // The shims also take `application/wasm` under an image configuration; `oras push` says so by an artifact type.
  if (!facts.has_layer(TypeRole::plain_wasm) || facts.config != TypeRole::image_config || !facts.manifest.artifact_type.empty())
    return std::nullopt;
  Detection out = found("runwasi", config_sentence(facts), facts.of({TypeRole::plain_wasm}), "plain-type");
  out.evidence.push_back(layer_sentence(out.wasm_layers.front()));
  return out;
}

Answer as_plain(const Facts& facts) {
  if (!facts.has_layer(TypeRole::plain_wasm)) return std::nullopt;
  const auto modules = facts.of({TypeRole::plain_wasm});
  const bool azure = facts.artifact == TypeRole::module_wasm;
  Detection out = found("oras", layer_sentence(modules.front()), modules, azure ? "azure-iot" : "");
  out.evidence.push_back(config_sentence(facts));
  return out;
}

struct Note {
  TypeRole role;
  std::string_view format;
  std::string_view refusal;
};

constexpr std::array k_notes = {
    Note{TypeRole::signature, "signature", "this is a signature of another artifact, not a program"},
    Note{TypeRole::attestation, "attestation", "this is an attestation about another artifact, not a program"},
    Note{TypeRole::sbom, "sbom", "this is a software bill of materials, not a program"},
    Note{TypeRole::capabilities, "capabilities", "this is a capability manifest of another artifact, not a program"},
    Note{TypeRole::data_files, "data-files", "these are the data files of another artifact, not a program"},
    Note{TypeRole::encrypted_layer, "encrypted", "its layers are encrypted, and davit reads none of those"},
};

// Before all others: these describe artifacts of any packaging and often share its configuration types.
Answer as_note(const Facts& facts) {
  for (const Note& note : k_notes) {
    const std::string format(note.format);
    const std::string refusal(note.refusal);
    if (facts.has_only(note.role)) return refused(format, refusal, layer_sentence(facts.manifest.layers.front()));
    if (facts.artifact == note.role) return refused(format, refusal, "the artifact has the type " + quoted(facts.manifest.artifact_type));
    if (facts.config == note.role) return refused(format, refusal, config_sentence(facts));
    if (note.role == TypeRole::encrypted_layer && facts.has_layer(note.role))
      return refused(format, refusal, layer_sentence(facts.of({note.role}).front()));
  }
  return std::nullopt;
}

Answer as_opa(const Facts& facts) {
  if (facts.config != TypeRole::opa && !facts.has_layer(TypeRole::opa)) return std::nullopt;
  return found("opa-bundle", facts.config == TypeRole::opa ? config_sentence(facts) : layer_sentence(facts.of({TypeRole::opa}).front()),
               {});
}

using Rule = Answer (*)(const Facts&);
constexpr std::array<Rule, 11> k_rules = {&as_note, &as_wasm, &as_spin,   &as_wasmcloud, &as_wasm_to_oci, &as_gadget,
                                          &as_helm, &as_opa,  &as_module, &as_runwasi,   &as_plain};

// An image over tar layers: what its configuration says decides.
Detection judge_image(const Annotations& annotations, const ImageConfig& config) {
  const auto variant = annotations.find(std::string(annotation::k_image_variant));
  const std::string platform = printable(config.platform.os, 40) + "/" + printable(config.platform.architecture, 40);
  const ProgramWord word = program_word(config);
  std::vector<std::string> evidence;
  if (is_wasm_platform(config.platform)) evidence.push_back("the configuration is for " + platform);
  if (word.is_wasm && word.is_first) evidence.push_back("its entrypoint is \"" + printable(word.text) + "\"");
  if (variant != annotations.end()) {
    evidence.insert(evidence.begin(),
                    "the annotation " + std::string(annotation::k_image_variant) + " is \"" + printable(variant->second, 40) + "\"");
    Detection out{.format = "compat"};
    out.evidence = std::move(evidence);
    return out;
  }
  if (evidence.empty() && word.is_wasm) {
    Detection out = found("container-image", "an image configuration over tar layers", {}, "with-runtime");
    out.evidence.push_back("its command names \"" + printable(word.text) + "\" as an argument of a program");
    return out;
  }
  if (evidence.empty()) {
    const std::string entry = word.text.empty() ? "no entrypoint" : "the entrypoint \"" + printable(word.text) + "\"";
    return refused("container-image", "this is a container image for " + platform + " with " + entry + ", and nothing says that it is wasm",
                   "an image configuration over tar layers");
  }
  Detection out{.format = "image"};
  out.evidence = std::move(evidence);
  const std::string os = printable(config.platform.os, 40);
  if (is_wasm_platform(config.platform) && os != "wasi" && os != "wasip1" && os != "wasip2")
    out.oddities.push_back("its operating system is \"" + os + "\", expected wasi, wasip1 or wasip2");
  return out;
}

Result<Detection> detect_stored_image(Repository& repository, const Facts& facts) {
  TRY_ASSIGN(const Json json, fetch_image_config(repository, facts.manifest.config));
  TRY_ASSIGN(const ImageConfig config, parse_image_config(json));
  Detection out;
  // `oras push --artifact-platform` writes an image configuration of nothing but a platform, over files it calls tars.
  if (config.diff_ids.empty() && facts.has_only(TypeRole::tar_layer) && is_wasm_platform(config.platform)) {
    out = found("oras", config_sentence(facts) + " and describes no layers", facts.manifest.layers, "platform");
    out.oddities.push_back(layer_sentence(facts.manifest.layers.front()) + " over what should be a bare file");
  } else {
    out = judge_image(facts.manifest.annotations, config);
  }
  out.config = json;
  return out;
}

std::string types_text(const ImageManifest& manifest) {
  std::string out;
  for (std::size_t i = 0; i < manifest.layers.size() && i < k_max_named_types; ++i)
    out += (i > 0 ? ", " : "") + quoted(manifest.layers[i].media_type);
  return manifest.layers.size() > k_max_named_types ? out + ", …" : out;
}

// The layer whose first bytes say most: one that nothing is known of, else the first.
const Descriptor& layer_to_sniff(const Facts& facts) {
  for (std::size_t i = 0; i < facts.layers.size(); ++i) {
    const auto title = facts.manifest.layers[i].annotations.find(std::string(annotation::k_title));
    if (title != facts.manifest.layers[i].annotations.end() && title->second.ends_with(".wasm")) return facts.manifest.layers[i];
  }
  return facts.manifest.layers.front();
}

Result<Detection> detect_by_bytes(Repository& repository, const Facts& facts) {
  if (facts.layers.empty()) return refused("other", "this artifact has no layers, so there is no wasm file in it", config_sentence(facts));
  const Descriptor& layer = layer_to_sniff(facts);
  TRY_ASSIGN(const auto source, repository.open_blob(layer));
  TRY_ASSIGN(const Bytes head, read_head(*source, k_sniff_bytes));
  const ByteKind kind = sniff(head);
  const std::string evidence = "layer " + layer.digest.text() + " begins like " + std::string(describe(kind));
  if (kind == ByteKind::wasm) {
    Detection out = found("oras", evidence, {layer});
    out.evidence.push_back(config_sentence(facts));
    if (role_of(layer.media_type) == TypeRole::tar_layer)
      out.oddities.push_back(layer_sentence(layer) + " although it is a bare wasm file");
    return out;
  }
  if (kind == ByteKind::gzip || kind == ByteKind::zstd || kind == ByteKind::tar) return found("oras", evidence, {}, "archive");
  if (facts.layers.size() > 1) return found("oras", evidence, {}, "files");
  return refused("other", "this artifact is " + std::string(describe(kind)) + " of the type " + types_text(facts.manifest) + ", not wasm",
                 evidence);
}

}  // namespace

Result<Detection> detect_image(const ImageSource& image) {
  TRY_ASSIGN(const ImageConfig config, parse_image_config(image.config()));
  Detection out = judge_image(image.annotations(), config);
  out.config = image.config();
  return out;
}

Result<ImageManifest> parse_packaging(const RawManifest& manifest) {
  if (is_artifact_manifest(manifest.bytes)) return parse_artifact_manifest(manifest.bytes);
  return parse_image_manifest(manifest.bytes);
}

bool is_index(const RawManifest& manifest) {
  const auto parsed = parse_manifest(manifest.bytes);
  return parsed && std::holds_alternative<ImageIndex>(*parsed);
}

Result<Detection> detect_format(Repository& repository, const RawManifest& raw) {
  TRY_ASSIGN(const ImageManifest manifest, parse_packaging(raw));
  Facts facts{.manifest = manifest, .config = role_of(manifest.config.media_type), .artifact = role_of(manifest.artifact_type)};
  for (const Descriptor& layer : manifest.layers) facts.layers.push_back(role_of(layer.media_type));
  Answer answer;
  for (const Rule rule : k_rules) {
    answer = rule(facts);
    if (answer) break;
  }
  if (!answer && facts.config == TypeRole::image_config && facts.has_layer(TypeRole::tar_layer)) {
    TRY_ASSIGN(answer, detect_stored_image(repository, facts));
  }
  if (!answer) {
    TRY_ASSIGN(answer, detect_by_bytes(repository, facts));
  }
  if (manifest.media_type.empty()) answer->oddities.emplace_back("the manifest has no mediaType");
  if (manifest.media_type == media_type::k_oci_artifact_manifest) {
    answer->oddities.emplace_back("it is an artifact manifest, a form that was withdrawn before image-spec 1.1");
    if (answer->format == "oras" && answer->variant.empty()) answer->variant = "artifact-manifest";
  }
  return *std::move(answer);
}

}  // namespace davit::oci
