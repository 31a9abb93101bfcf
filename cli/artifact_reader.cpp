#include "cli/artifact_reader.hpp"

#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"

namespace davit::cli {
namespace {

constexpr std::size_t k_magic_bytes = 8;
constexpr std::size_t k_max_sniffed_layers = 16;

struct KnownType {
  std::string_view layer;
  std::string_view format;
};

// Layers that are the bare file. Some tools use one type for several packagings; the config tells those apart.
constexpr std::array<KnownType, 9> k_raw_types = {{
    {media_type::k_wasm, "wasm"},
    {"application/vnd.wasm.content.layer.v1+wasm", "wasm-to-oci"},
    {"application/vnd.module.wasm.content.layer.v1+wasm", "envoy"},
    {"application/vnd.bytecodealliance.wasm.component.layer.v0+wasm", "runwasi"},
    {"application/vnd.w3c.wasm.module.v1+wasm", "runwasi"},
    {"application/vnd.w3c.wasm.component.v1+wasm", "runwasi"},
    {"application/vnd.wasm.component.v1+wasm", "runwasi"},
    {"application/vnd.bytecodealliance.wasm.module.layer.v0+wasm", "runwasi"},
    {"application/vnd.gadget.wasm.program.v1+binary", "oras"},
}};

const KnownType* known_type(std::string_view media_type) {
  const auto found = std::ranges::find(k_raw_types, media_type, &KnownType::layer);
  return found == k_raw_types.end() ? nullptr : &*found;
}

bool is_wasm_magic(ByteView head) {
  static constexpr std::array<std::byte, 4> k_magic = {std::byte{0x00}, std::byte{0x61}, std::byte{0x73}, std::byte{0x6d}};
  return head.size() == k_magic_bytes && std::ranges::equal(head.first(4), k_magic);
}

// Hands out bytes that were read ahead, then the rest.
class Prefixed : public oci::Source {
 public:
  Prefixed(Bytes head, std::unique_ptr<oci::Source> rest) : head_(std::move(head)), rest_(std::move(rest)) {}
  Result<std::size_t> read(std::span<std::byte> out) override {
    if (position_ == head_.size()) return rest_->read(out);
    const std::size_t count = std::min(out.size(), head_.size() - position_);
    std::copy_n(head_.begin() + static_cast<std::ptrdiff_t>(position_), count, out.begin());
    position_ += count;
    return count;
  }

 private:
  Bytes head_;
  std::unique_ptr<oci::Source> rest_;
  std::size_t position_ = 0;
};

Result<Bytes> read_head(oci::Source& source) {
  Bytes head(k_magic_bytes);
  std::size_t have = 0;
  while (have < head.size()) {
    TRY_ASSIGN(const std::size_t count, source.read(std::span(head).subspan(have)));
    if (count == 0) break;
    have += count;
  }
  head.resize(have);
  return head;
}

bool is_container_layer(std::string_view type) {
  return type.find(".tar") != std::string_view::npos || type.find("rootfs.diff") != std::string_view::npos;
}

std::string format_of(const ImageManifest& manifest, const KnownType& type) {
  const bool is_spin = std::ranges::any_of(
      manifest.layers, [](const Descriptor& layer) { return layer.media_type.find("fermyon.spin.application") != std::string::npos; });
  if (is_spin) return "spin";
  if (manifest.config.media_type.find("wasmcloud") != std::string::npos) return "wasmcloud";
  if (type.layer == media_type::k_wasm && manifest.config.media_type != media_type::k_wasm_config_v0) return "oras";
  return std::string(type.format);
}

// `oras push` labels a bare file as a tar, so what a layer says it is does not settle it.
Result<std::vector<Descriptor>> sniff_layers(oci::Repository& repository, const ImageManifest& manifest) {
  std::vector<Descriptor> out;
  for (const Descriptor& layer : manifest.layers) {
    if (layer.size < k_magic_bytes || out.size() > 1) continue;
    TRY_ASSIGN(auto source, repository.open_blob(layer));
    TRY_ASSIGN(const auto head, read_head(*source));
    if (is_wasm_magic(head)) out.push_back(layer);
  }
  return out;
}

Error no_wasm(const ImageManifest& manifest) {
  const bool is_image = std::ranges::any_of(manifest.layers, [](const Descriptor& layer) { return is_container_layer(layer.media_type); });
  if (is_image) {
    return fail(ErrorCode::unsupported,
                "this is a container image with " + std::to_string(manifest.layers.size()) + " layers, not a wasm artifact")
        .hinting("run \"davit convert REF oci:FOLDER --format wasm\" to take the wasm file out of it");
  }
  std::string types;
  for (const Descriptor& layer : manifest.layers) {
    if (types.size() < 200) types += (types.empty() ? "" : ", ") + printable(layer.media_type, 80);
  }
  return fail(ErrorCode::not_found, "there is no wasm file in it; its layers are: " + (types.empty() ? "none" : types));
}

}  // namespace

Result<FoundWasm> find_wasm(oci::Repository& repository, const oci::RawManifest& raw) {
  TRY_ASSIGN(const auto manifest, parse_image_manifest(raw.bytes));
  std::vector<Descriptor> found;
  std::string format;
  for (const Descriptor& layer : manifest.layers) {
    const KnownType* type = known_type(layer.media_type);
    if (type == nullptr) continue;
    found.push_back(layer);
    if (format.empty()) format = format_of(manifest, *type);
  }
  if (found.empty() && manifest.layers.size() <= k_max_sniffed_layers) {
    TRY_ASSIGN(found, sniff_layers(repository, manifest));
    format = "oras";
  }
  if (found.empty()) return no_wasm(manifest);
  if (found.size() > 1) {
    return fail(ErrorCode::unsupported, "there are " + std::to_string(found.size()) + " wasm files in it and one is expected")
        .hinting("\"davit inspect\" lists them");
  }
  return FoundWasm{.manifest = raw.descriptor, .layer = found.front(), .format = std::move(format)};
}

Result<std::unique_ptr<oci::Source>> open_wasm(oci::Repository& repository, const FoundWasm& found) {
  TRY_ASSIGN(auto source, repository.open_blob(found.layer));
  TRY_ASSIGN(auto head, read_head(*source));
  if (!is_wasm_magic(head)) {
    return fail(ErrorCode::malformed, "layer " + found.layer.digest.text() + " calls itself \"" + printable(found.layer.media_type) +
                                          "\" and does not begin like wasm");
  }
  return std::unique_ptr<oci::Source>(std::make_unique<Prefixed>(std::move(head), std::move(source)));
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
