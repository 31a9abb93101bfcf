#include "cli/artifact_reader.hpp"

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "oci/formats/package.hpp"
#include "oci/formats/sniff.hpp"

namespace davit::cli {
namespace {

// Hands out bytes that were read ahead, then the rest, which it owns.
class Rejoined : public oci::Source {
 public:
  Rejoined(Bytes head, std::unique_ptr<oci::Source> rest)
      : rest_(std::move(rest)), whole_(oci::make_prefixed_source(std::move(head), *rest_)) {}
  Result<std::size_t> read(std::span<std::byte> out) override { return whole_->read(out); }

 private:
  std::unique_ptr<oci::Source> rest_;
  std::unique_ptr<oci::Source> whole_;
};

Error no_wasm(const oci::Detection& detection, const ImageManifest& manifest) {
  if (!detection.refusal.empty() && detection.format != "container-image") return fail(ErrorCode::unsupported, detection.refusal);
  if (detection.format == "image" || detection.format == "compat" || detection.format == "container-image") {
    return fail(ErrorCode::unsupported,
                "this is a container image with " + std::to_string(manifest.layers.size()) + " layers, not a wasm artifact")
        .hinting("run \"davit convert REF oci:FOLDER --format wasm\" to take the wasm file out of it");
  }
  std::string types;
  for (const Descriptor& layer : manifest.layers) {
    if (types.size() < 200) types += (types.empty() ? "" : ", ") + printable(layer.media_type, 80);
  }
  return fail(ErrorCode::not_found, "there is no bare wasm file in it; its layers are: " + (types.empty() ? "none" : types))
      .hinting("\"davit convert\" also takes wasm files out of archives");
}

}  // namespace

Result<FoundWasm> find_wasm(oci::Repository& repository, const oci::RawManifest& raw) {
  TRY_ASSIGN(oci::Detection detection, oci::detect_format(repository, raw));
  TRY_ASSIGN(const auto manifest, oci::parse_packaging(raw));
  TRY_ASSIGN(const auto layers, oci::find_bare_layers(repository, manifest, detection));
  if (layers.empty()) return no_wasm(detection, manifest);
  if (layers.size() > 1) {
    return fail(ErrorCode::unsupported, "there are " + std::to_string(layers.size()) + " wasm files in it and one is expected")
        .hinting("\"davit inspect\" lists them");
  }
  return FoundWasm{.manifest = raw.descriptor, .layer = layers.front(), .format = std::move(detection.format)};
}

Result<std::unique_ptr<oci::Source>> open_wasm(oci::Repository& repository, const FoundWasm& found) {
  TRY_ASSIGN(auto source, repository.open_blob(found.layer));
  TRY_ASSIGN(auto head, oci::read_head(*source, oci::k_sniff_bytes));
  if (oci::sniff(head) != oci::ByteKind::wasm) {
    return fail(ErrorCode::malformed, "layer " + found.layer.digest.text() + " calls itself \"" + printable(found.layer.media_type) +
                                          "\" and does not begin like wasm");
  }
  return std::unique_ptr<oci::Source>(std::make_unique<Rejoined>(std::move(head), std::move(source)));
}

std::string safe_file_name(const Descriptor& layer, const std::string& repository_name) {
  const auto title = layer.annotations.find(std::string(annotation::k_title));
  std::string name = title == layer.annotations.end() ? std::string() : title->second;
  name = name.substr(name.find_last_of("/\\") + 1);
  const bool odd = name.empty() || name.front() == '.' || name.front() == '-' || name.size() > 200 || printable(name, 255) != name;
  if (odd) name = repository_name.substr(repository_name.find_last_of("/\\") + 1);
  while (!name.empty() && (name.front() == '.' || name.front() == '-')) name.erase(name.begin());
  if (name.empty()) name = "artifact";
  return name.ends_with(".wasm") ? name : name + ".wasm";
}

std::string repository_name(const Reference& reference) {
  if (const auto* remote = std::get_if<RegistryReference>(&reference)) return remote->repository;
  if (const auto* local = std::get_if<LocalReference>(&reference)) return local->path;
  return {};
}

}  // namespace davit::cli
