// Spin applications: the locked app says which component is which layer, and where its static files are: in layers of
// their own, in archives of which each file is named by its digest, or written into the lock itself. Until Spin 1.5 the
// lock was the configuration of the manifest.
#include <algorithm>
#include <map>
#include <utility>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "oci/formats/media_types.hpp"
#include "oci/formats/readers.hpp"

namespace davit::oci {
namespace {

constexpr JsonLimits k_lock_limits{.size_bytes = std::size_t{16} << 20, .depth = 64};
constexpr std::size_t k_max_components = 1000;
constexpr std::size_t k_max_files = 100'000;
constexpr std::string_view k_lock_name = "spin.lock";
constexpr std::string_view k_lock_label = "com.fermyon.spin.lockedAppDigest";

struct StaticFile {
  std::string path;
  std::optional<Digest> digest{};
  std::optional<Bytes> content{};
};

struct Component {
  std::string id;
  std::optional<Digest> digest{};
  std::vector<std::string> environment{};
  std::vector<StaticFile> files{};
};

Result<std::optional<Digest>> digest_in(const JsonView& json) {
  const auto member = json.find("digest");
  if (!member) return std::optional<Digest>();
  TRY_ASSIGN(const std::string text, member->as_string());
  TRY_ASSIGN(Digest digest, Digest::parse(text));
  return std::optional<Digest>(std::move(digest));
}

Result<StaticFile> parse_file(const JsonView& json) {
  StaticFile out;
  TRY_ASSIGN(const JsonView path, json.field("path"));
  TRY_ASSIGN(out.path, path.as_string());
  while (out.path.starts_with('/')) out.path.erase(0, 1);
  const auto clean = clean_entry_name(out.path);
  if (!clean || clean->empty()) return path.complaint("\"" + printable(out.path) + "\" does not stay inside");
  out.path = *clean;
  TRY_ASSIGN(out.digest, digest_in(json));
  if (const auto member = json.find("inline")) {
    TRY_ASSIGN(const std::string text, member->as_string());
    TRY_ASSIGN(out.content, decode_base64(text));
  }
  if (out.digest && out.content && digest_of(*out.content) != *out.digest)
    return fail(ErrorCode::mismatch, "the content of \"" + printable(out.path) + "\" in the locked app does not have its digest");
  if (!out.digest && !out.content) return json.complaint("a file needs a digest or its content");
  return out;
}

Result<Component> parse_component(const JsonView& json) {
  Component out;
  TRY_ASSIGN(const JsonView id, json.field("id"));
  TRY_ASSIGN(out.id, id.as_string());
  TRY_ASSIGN(const JsonView source, json.field("source"));
  TRY_ASSIGN(out.digest, digest_in(source));
  if (const auto environment = json.find("env")) {
    TRY_ASSIGN(const auto members, environment->as_members());
    for (const auto& [name, value] : members) {
      TRY_ASSIGN(const std::string text, value.as_string());
      out.environment.push_back(name + "=" + text);
    }
  }
  const auto files = json.find("files");
  if (!files) return out;
  TRY_ASSIGN(const auto items, files->as_items());
  if (items.size() > k_max_files) return files->complaint("more than " + std::to_string(k_max_files) + " files");
  for (const JsonView& item : items) {
    TRY_ASSIGN(StaticFile file, parse_file(item));
    out.files.push_back(std::move(file));
  }
  std::ranges::sort(out.files, {}, &StaticFile::path);
  const auto twice = std::ranges::adjacent_find(out.files, {}, &StaticFile::path);
  if (twice != out.files.end()) return files->complaint("\"" + printable(twice->path) + "\" is there twice");
  return out;
}

Result<std::vector<Component>> parse_lock(std::string_view text) {
  TRY_ASSIGN(const Json json, parse_json(text, k_lock_limits));
  const JsonView view(json);
  TRY_ASSIGN(const JsonView components, view.field("components"));
  TRY_ASSIGN(const auto items, components.as_items());
  if (items.size() > k_max_components) return components.complaint("more than " + std::to_string(k_max_components) + " components");
  std::vector<Component> out;
  for (const JsonView& item : items) {
    TRY_ASSIGN(Component component, parse_component(item));
    out.push_back(std::move(component));
  }
  return out;
}

Result<std::string> fetch_lock(const ReadJob& job) {
  const auto layer =
      std::ranges::find_if(job.manifest.layers, [](const Descriptor& each) { return role_of(each.media_type) == TypeRole::spin_lock; });
  const Descriptor& lock = layer == job.manifest.layers.end() ? job.manifest.config : *layer;
  if (lock.size > k_lock_limits.size_bytes)
    return fail(ErrorCode::limit,
                "a locked app of " + std::to_string(lock.size) + " bytes is over the limit of " + std::to_string(k_lock_limits.size_bytes));
  TRY_ASSIGN(const auto source, job.repository.open_blob(lock));
  TRY_ASSIGN(const Bytes bytes, read_all(*source, k_lock_limits.size_bytes));
  return std::string(as_text(bytes));
}

// Files by the digests that the lock uses, gathered from data layers and archives.
class FileFinder {
 public:
  FileFinder(const ReadJob& job, Spool& spool) : job_(job), spool_(spool) {}

  Result<SpooledFile> find(const StaticFile& file) {
    if (file.content) {
      const auto source = make_memory_source(*file.content);
      return spool_.append(*source);
    }
    if (const auto known = known_.find(*file.digest); known != known_.end()) return known->second;
    const auto layer = std::ranges::find(job_.manifest.layers, *file.digest, &Descriptor::digest);
    if (layer != job_.manifest.layers.end()) {
      TRY_ASSIGN(const auto source, job_.repository.open_blob(*layer));
      TRY_ASSIGN(SpooledFile stored, spool_.append(*source));
      return known_.emplace(*file.digest, std::move(stored)).first->second;
    }
    TRY(read_archives());
    if (const auto known = known_.find(*file.digest); known != known_.end()) return known->second;
    return fail(ErrorCode::not_found, "no layer holds the file \"" + printable(file.path) + "\" with the digest " + file.digest->text());
  }

 private:
  Result<void> read_archives() {
    if (archives_read_) return {};
    archives_read_ = true;
    for (const Descriptor& layer : job_.manifest.layers) {
      if (role_of(layer.media_type) != TypeRole::spin_archive) continue;
      TRY_ASSIGN(const auto source, job_.repository.open_blob(layer));
      TRY(walk_archive(*source, ArchiveLimits{}, [&](const ArchiveEntry& entry, Source& data) -> Result<bool> {
        if (entry.type != EntryType::file) return true;
        kept_bytes_ += entry.size;
        if (kept_bytes_ > ImageLimits{}.kept_bytes) return fail(ErrorCode::limit, "files in the archives are over the limit");
        TRY_ASSIGN(SpooledFile file, spool_.append(data));
        const Digest digest = file.digest;
        known_.emplace(digest, std::move(file));
        return true;
      }));
      TRY(drain(*source));
    }
    return {};
  }

  const ReadJob& job_;
  Spool& spool_;
  std::map<Digest, SpooledFile> known_{};
  std::uint64_t kept_bytes_ = 0;
  bool archives_read_ = false;
};

std::string title_for(const Descriptor& layer, const Component& component) {
  const auto title = layer.annotations.find(std::string(annotation::k_title));
  if (title != layer.annotations.end() && !file_name_of(title->second).empty()) return file_name_of(title->second);
  const std::string name = file_name_of(component.id);
  if (name.empty()) return "";
  return name.ends_with(".wasm") ? name : name + ".wasm";
}

Result<const Component*> choose_component(const std::vector<Component>& components, const std::string& name) {
  if (components.empty()) return fail(ErrorCode::unsupported, "the Spin application has no components");
  if (name.empty() && components.size() == 1) return &components.front();
  std::string list;
  for (const Component& each : components) {
    if (each.id == name) return &each;
    if (list.size() < 500) list += (list.empty() ? "" : ", ") + printable(each.id);
  }
  if (!name.empty())
    return fail(ErrorCode::not_found, "the Spin application has no component \"" + printable(name) + "\"").hinting("it has: " + list);
  return fail(ErrorCode::unsupported, "the Spin application has " + std::to_string(components.size()) + " components: " + list)
      .hinting("choose one with --path COMPONENT");
}

// Old locks name files and not digests; with one component there is one wasm layer to take.
Result<Descriptor> layer_of(const ReadJob& job, const Component& component) {
  const auto& layers = job.detection.wasm_layers;
  if (component.digest) {
    const auto layer = std::ranges::find(layers, *component.digest, &Descriptor::digest);
    if (layer != layers.end()) return *layer;
    return fail(ErrorCode::malformed,
                "component \"" + printable(component.id) + "\" is " + component.digest->text() + ", which is no wasm layer of it");
  }
  if (layers.size() == 1) return layers.front();
  return fail(ErrorCode::unsupported, "the locked app does not say which layer is component \"" + printable(component.id) + "\"");
}

Result<Package> read_component(const ReadJob& job, const Component& component, PackageDescription said) {
  TRY_ASSIGN(const Descriptor layer, layer_of(job, component));
  TRY_ASSIGN(const auto source, job.repository.open_blob(layer));
  TRY_ASSIGN(HeldWasm held, take_wasm(*source, "component \"" + printable(component.id) + "\""));
  Package package{.from = "spin", .variant = job.detection.variant, .wasm = std::move(held.wasm), .spool = std::move(held.spool)};
  said.title = title_for(layer, component);
  said.environment = component.environment;
  TRY_ASSIGN(package.description, recall(std::move(said)));
  const std::vector<PackageFile> remembered = std::exchange(package.description.files, {});
  if (job.options.files == KeepFiles::none) return package;
  TRY_ASSIGN(Spool spool, Spool::create());
  FileFinder files(job, spool);
  for (const StaticFile& file : component.files) {
    TRY_ASSIGN(const SpooledFile stored, files.find(file));
    package.files.push_back(
        {.entry = {.path = file.path, .size = stored.size}, .digest = stored.digest, .origin = spool.origin_of(stored)});
  }
  settle_files(package, remembered);
  return package;
}

}  // namespace

Result<std::vector<Package>> read_spin(const ReadJob& job) {
  TRY_ASSIGN(const std::string lock, fetch_lock(job));
  auto components = parse_lock(lock);
  if (!components) return std::move(components).error().during("reading the locked app");
  PackageDescription said;
  if (role_of(job.manifest.config.media_type) == TypeRole::image_config) {
    TRY_ASSIGN(const Json json, fetch_image_config(job.repository, job.manifest.config));
    TRY_ASSIGN(ImageConfig config, parse_image_config(json));
    said = std::move(config.description);
    said.labels.erase(std::string(k_lock_label));
  }
  said.annotations = job.manifest.annotations;
  said.companions.emplace(k_lock_name, lock);
  std::vector<Package> out;
  if (!job.all) {
    TRY_ASSIGN(const Component* chosen, choose_component(*components, job.options.path));
    TRY_ASSIGN(Package package, read_component(job, *chosen, std::move(said)));
    out.push_back(std::move(package));
    return out;
  }
  for (const Component& each : *components) {
    TRY_ASSIGN(Package package, read_component(job, each, said));
    out.push_back(std::move(package));
  }
  return out;
}

}  // namespace davit::oci
