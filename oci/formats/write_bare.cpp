// Formats that are one bare layer under an empty configuration: they differ in their media types, and in what their
// consumers insist on.
#include "manifests/encoding.hpp"
#include "oci/formats/writing.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_metadata_section = "io.kubewarden.metadata";
constexpr std::string_view k_policy_source = "io.kubewarden.policy.source";
constexpr std::string_view k_image_source = "org.opencontainers.image.source";

Draft bare_draft(const Package& package, std::string format, NewBlob config, std::string_view layer_type, const std::string& title) {
  Draft draft{.format = std::move(format), .config = std::move(config)};
  draft.layers = {wasm_blob(package, layer_type, title)};
  draft.said.title = title;
  return draft;
}

// The configuration that image-spec 1.1 gives artifacts without one; its descriptor carries the two bytes.
NewBlob empty_config() {
  NewBlob out = empty_blob(media_type::k_oci_empty);
  out.descriptor.data = encode_base64(as_bytes("{}"));
  return out;
}

std::string trimmed(const std::string& text) {
  static constexpr std::string_view k_blank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(k_blank);
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(k_blank) - begin + 1);
}

// What kwctl copies from the policy's metadata: every annotation of one line, and the source once more.
Result<Annotations> policy_annotations(const std::string& section) {
  auto metadata = parse_json(section, JsonLimits{});
  if (!metadata) return std::move(metadata).error().in("custom section " + std::string(k_metadata_section));
  auto all = parse_annotations(JsonView(*metadata).find("annotations"));
  if (!all) return std::move(all).error().in("custom section " + std::string(k_metadata_section));
  Annotations out;
  for (const auto& [key, value] : *all) {
    if (trimmed(value).find_first_of("\r\n") == std::string::npos) out[key] = trimmed(value);
  }
  const auto source = out.find(std::string(k_policy_source));
  if (source != out.end()) out.try_emplace(std::string(k_image_source), source->second);
  return out;
}

}  // namespace

Result<Written> write_wasm_to_oci(const Package& package, const WasmFacts& facts, const WriteOptions& options) {
  return finish(
      package, facts,
      bare_draft(package, "wasm-to-oci", empty_blob(media_type::k_wasm_config_v1), media_type::k_wasm_content, package.description.title),
      options);
}

Result<Written> write_wasmcloud(const Package& package, const WasmFacts& facts, const WriteOptions& options) {
  return finish(
      package, facts,
      bare_draft(package, "wasmcloud", empty_blob(media_type::k_wasmcloud_config), media_type::k_module_content, package.description.title),
      options);
}

// Trivy names the file after the layer's title and takes no module without one.
Result<Written> write_trivy(const Package& package, const WasmFacts& facts, const WriteOptions& options) {
  TRY(refuse_component(facts, "trivy", "Trivy's modules"));
  Draft draft = bare_draft(package, "trivy", empty_config(), media_type::k_module_content, title_or_default(package));
  draft.artifact_type = std::string(media_type::k_oras_artifact);
  return finish(package, facts, std::move(draft), options);
}

// `oras pull` leaves out layers without a title.
Result<Written> write_oras(const Package& package, const WasmFacts& facts, const WriteOptions& options) {
  Draft draft = bare_draft(package, "oras", empty_config(), media_type::k_wasm, title_or_default(package));
  draft.artifact_type = std::string(media_type::k_oras_artifact);
  return finish(package, facts, std::move(draft), options);
}

Result<Written> write_kubewarden(const Package& package, const WasmFacts& facts, const WriteOptions& options) {
  TRY(refuse_component(facts, "kubewarden", "policy servers"));
  const auto metadata = facts.sections.find(std::string(k_metadata_section));
  if (metadata == facts.sections.end()) {
    return fail(ErrorCode::unsupported,
                "this file has no custom section \"" + std::string(k_metadata_section) + "\", and a Kubewarden policy needs one")
        .hinting("run \"kwctl annotate\" on the policy first");
  }
  Draft draft =
      bare_draft(package, "kubewarden", empty_blob(media_type::k_wasm_config_v1), media_type::k_wasm_content, package.description.title);
  TRY_ASSIGN(draft.annotations, policy_annotations(metadata->second));
  const auto source = package.description.annotations.find(std::string(k_image_source));
  if (source != package.description.annotations.end()) draft.annotations[std::string(k_image_source)] = source->second;
  return finish(package, facts, std::move(draft), options);
}

}  // namespace davit::oci
