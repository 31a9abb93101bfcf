// Packagings whose layers are bare wasm files: one file, and what the manifest and a small configuration say of it.
#include <algorithm>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "oci/formats/media_types.hpp"
#include "oci/formats/readers.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_max_sniffed_layers = 16;
constexpr std::size_t k_max_listed = 20;

std::string title_of(const Descriptor& layer) {
  const auto title = layer.annotations.find(std::string(annotation::k_title));
  return title == layer.annotations.end() ? "" : file_name_of(title->second);
}

Result<std::string> fetch_text(Repository& repository, const Descriptor& blob) {
  if (blob.size > k_max_companion_bytes)
    return fail(ErrorCode::limit,
                "a document of " + std::to_string(blob.size) + " bytes is over the limit of " + std::to_string(k_max_companion_bytes));
  TRY_ASSIGN(const auto source, repository.open_blob(blob));
  TRY_ASSIGN(const Bytes bytes, read_all(*source, k_max_companion_bytes));
  return std::string(as_text(bytes));
}

// What is known before the file is read.
struct Said {
  PackageDescription description{};
  std::vector<std::string> oddities{};
  std::string system{};  ///< that the configuration of a CNCF artifact names
};

// The configuration of the CNCF artifact. What follows from the bytes (platform, imports, exports) is not taken from it.
Result<void> read_wasm_config(const ReadJob& job, Said& said) {
  PackageDescription& out = said.description;
  TRY_ASSIGN(const Json json, fetch_image_config(job.repository, job.manifest.config));
  const JsonView view(json);
  if (json.object() == nullptr) return view.complaint("expected an object").during("reading the wasm configuration");
  for (const auto& [name, text] : {std::pair{"created", &out.created}, std::pair{"author", &out.author}, std::pair{"os", &said.system}}) {
    const auto member = view.find(name);
    if (!member) continue;
    TRY_ASSIGN(*text, member->as_string());
  }
  if (view.find("layer_digests")) said.oddities.emplace_back("the configuration says layer_digests, which was layerDigests since 2024");
  return {};
}

// Old tools packed modules as empty components, and some always say the same system; the bytes are right.
Result<void> compare_system(const Said& said, Package& package) {
  const bool says_component = said.system == "wasip2";
  if (!says_component && said.system != "wasip1") return {};
  TRY_ASSIGN(const auto source, package.wasm.origin->open());
  TRY_ASSIGN(const Bytes head, read_head(*source, 8));
  const bool is_component = head.size() == 8 && head[6] == std::byte{1};
  if (is_component != says_component)
    package.oddities.push_back("the configuration is for " + said.system + " and the file is a " + (is_component ? "component" : "module"));
  return {};
}

Result<void> read_runwasi_config(const ReadJob& job, PackageDescription& out) {
  if (role_of(job.manifest.config.media_type) != TypeRole::image_config) return {};
  TRY_ASSIGN(const Json json, fetch_image_config(job.repository, job.manifest.config));
  TRY_ASSIGN(ImageConfig config, parse_image_config(json));
  out = std::move(config.description);
  out.labels.erase("containerd.runwasi.layers");  // digest of the layers, made anew by who writes
  return {};
}

// Small documents beside the module: as configuration, or as a layer of their own.
Result<void> read_documents(const ReadJob& job, PackageDescription& out) {
  const auto add = [&](const Descriptor& blob, const std::string& name) -> Result<void> {
    if (name.empty() || out.companions.contains(name) || blob.size > k_max_companion_bytes) return {};
    TRY_ASSIGN(std::string text, fetch_text(job.repository, blob));
    if (is_utf8(text) && text != "{}") out.companions.emplace(name, std::move(text));
    return {};
  };
  const TypeRole config = role_of(job.manifest.config.media_type);
  if (config == TypeRole::module_config) TRY(add(job.manifest.config, "runtime-config.json"));
  if (config == TypeRole::gadget_config) TRY(add(job.manifest.config, "gadget.yaml"));
  for (const Descriptor& layer : job.manifest.layers) {
    const TypeRole role = role_of(layer.media_type);
    if (role == TypeRole::module_config) TRY(add(layer, "runtime-config.json"));
    if (role == TypeRole::higress_document) TRY(add(layer, title_of(layer)));
  }
  return {};
}

Result<Said> describe_artifact(const ReadJob& job) {
  Said said;
  PackageDescription& out = said.description;
  const std::string& format = job.detection.format;
  if (format == "wasm") TRY(read_wasm_config(job, said));
  if (format == "runwasi") TRY(read_runwasi_config(job, out));
  if (format == "envoy" || format == "gadget") TRY(read_documents(job, out));
  out.annotations = job.manifest.annotations;
  return said;
}

Error no_wasm(const ReadJob& job) {
  std::string types;
  for (const Descriptor& layer : job.manifest.layers) {
    if (types.size() < 200) types += (types.empty() ? "" : ", ") + printable(layer.media_type, 80);
  }
  return fail(ErrorCode::unsupported, "there is no wasm file in it; its layers are: " + (types.empty() ? "none" : types));
}

bool is_called(const Descriptor& layer, const std::string& name) {
  const auto title = layer.annotations.find(std::string(annotation::k_title));
  return layer.digest.text() == name || (title != layer.annotations.end() && (title->second == name || title_of(layer) == name));
}

Result<Descriptor> choose_layer(const ReadJob& job, const std::vector<Descriptor>& layers) {
  if (layers.empty()) return no_wasm(job);
  const std::string& path = job.options.path;
  if (path.empty() && layers.size() == 1) return layers.front();
  std::string list;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!path.empty() && is_called(layers[i], path)) return layers[i];
    const std::string title = title_of(layers[i]);
    if (i < k_max_listed) list += (i > 0 ? ", " : "") + (title.empty() ? layers[i].digest.text() : title);
  }
  if (!path.empty()) return fail(ErrorCode::not_found, "no layer is called \"" + printable(path) + "\"").hinting("it holds: " + list);
  return fail(ErrorCode::unsupported, "there are " + std::to_string(layers.size()) + " wasm files in it and one is expected: " + list)
      .hinting("choose one with --path");
}

// The tar layer with the data files of an artifact that can hold none, as its referrer stores it.
Result<std::optional<Descriptor>> find_files_layer(const ReadJob& job, const Digest& wanted) {
  TRY_ASSIGN(const auto referrers, job.repository.list_referrers(job.raw.descriptor.digest, std::string(media_type::k_davit_files)));
  for (const Descriptor& referrer : referrers) {
    TRY_ASSIGN(const RawManifest raw, job.repository.fetch_manifest(referrer.digest.text()));
    TRY_ASSIGN(const ImageManifest manifest, parse_image_manifest(raw.bytes));
    const auto layer = std::ranges::find(manifest.layers, wanted, &Descriptor::digest);
    if (layer != manifest.layers.end()) return std::optional<Descriptor>(*layer);
  }
  return std::optional<Descriptor>();
}

Result<void> read_files(const ReadJob& job, Package& package) {
  package.description.files.clear();
  const auto note = job.manifest.annotations.find(std::string(annotation::k_files));
  if (note == job.manifest.annotations.end() || job.options.files == KeepFiles::none) return {};
  TRY_ASSIGN(const Digest wanted, Digest::parse(note->second));
  TRY_ASSIGN(const auto layer, find_files_layer(job, wanted));
  if (!layer) {
    return fail(ErrorCode::not_found,
                "the artifact says that its data files are " + wanted.text() + ", and no referrer in this store holds them")
        .hinting("copy it with --recursive, or leave data files behind");
  }
  TRY_ASSIGN(Spool spool, Spool::create());
  const LayerStack stack{.count = 1, .walk = [&](std::size_t, const ArchiveLimits& limits, const EntryVisitor& visit) -> Result<void> {
                           TRY_ASSIGN(const auto source, job.repository.open_blob(*layer));
                           TRY(walk_archive(*source, limits, visit));
                           return drain(*source);
                         }};
  const auto keep = [](const std::string&, ByteKind, const ArchiveEntry&) { return true; };
  TRY_ASSIGN(const FileTree tree, FileTree::read(stack, ImageLimits{}, spool, keep, nullptr));
  for (const std::string& name : tree.spooled_names()) {
    if (!is_utf8(name)) return fail(ErrorCode::malformed, "the name of the data file \"" + printable(name) + "\" is not UTF-8");
    const TreeNode& node = *tree.find(name);
    const SpooledFile& file = tree.spooled(node);
    package.files.push_back(
        {.entry = {.path = name, .size = file.size, .mode = node.mode}, .digest = file.digest, .origin = spool.origin_of(file)});
    package.description.files.push_back(package.files.back().entry);
  }
  return {};
}

Result<Package> read_layer(const ReadJob& job, const Descriptor& layer, const Said& before) {
  PackageDescription said = before.description;
  TRY_ASSIGN(const auto source, job.repository.open_blob(layer));
  TRY_ASSIGN(HeldWasm held, take_wasm(*source, "layer " + layer.digest.text() + " of the type \"" + printable(layer.media_type) + "\""));
  Package package{
      .from = job.detection.format, .variant = job.detection.variant, .wasm = std::move(held.wasm), .spool = std::move(held.spool)};
  said.title = title_of(layer);
  if (said.title.empty() && job.detection.format == "runwasi" && said.entrypoint && !said.entrypoint->empty())
    said.title = file_name_of(said.entrypoint->front());
  TRY_ASSIGN(package.description, recall(std::move(said)));
  package.oddities = before.oddities;
  TRY(compare_system(before, package));
  TRY(read_files(job, package));
  return package;
}

}  // namespace

Result<std::vector<Descriptor>> find_bare_layers(Repository& repository, const ImageManifest& manifest, const Detection& detection) {
  if (detection.format != "oras" || detection.variant == "archive" || manifest.layers.size() > k_max_sniffed_layers)
    return detection.wasm_layers;
  std::vector<Descriptor> out;
  for (const Descriptor& layer : manifest.layers) {
    const bool known = std::ranges::find(detection.wasm_layers, layer) != detection.wasm_layers.end();
    if (!known) {
      TRY_ASSIGN(const auto source, repository.open_blob(layer));
      TRY_ASSIGN(const Bytes head, read_head(*source, k_sniff_bytes));
      if (sniff(head) != ByteKind::wasm) continue;
    }
    out.push_back(layer);
  }
  return out;
}

Result<std::vector<Package>> read_bare(const ReadJob& job) {
  TRY_ASSIGN(auto layers, find_bare_layers(job.repository, job.manifest, job.detection));
  if (!job.all || layers.empty()) {
    TRY_ASSIGN(const Descriptor layer, choose_layer(job, layers));
    layers = {layer};
  }
  TRY_ASSIGN(const Said said, describe_artifact(job));
  std::vector<Package> out;
  for (const Descriptor& layer : layers) {
    TRY_ASSIGN(Package package, read_layer(job, layer, said));
    out.push_back(std::move(package));
  }
  return out;
}

}  // namespace davit::oci
