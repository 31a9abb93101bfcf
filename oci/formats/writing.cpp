#include "oci/formats/writing.hpp"

#include <algorithm>

#include "manifests/capability_manifest.hpp"
#include "manifests/encoding.hpp"
#include "oci/io/gzip.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_shown_bytes = 160;

// Hashes and counts what it passes on; without a next sink that is all it does.
class HashingSink : public Sink {
 public:
  explicit HashingSink(Sink* next) : next_(next) {}
  Result<void> write(ByteView data) override {
    hasher_.update(data);
    size_ += data.size();
    return next_ == nullptr ? Result<void>{} : next_->write(data);
  }
  Result<void> finish() override { return {}; }
  Digest digest() { return hasher_.finish(); }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  Sink* next_;
  Hasher hasher_;
  std::uint64_t size_ = 0;
};

// A temporary file that is gone with the last artifact that sends it.
class SpoolOrigin : public BlobOrigin {
 public:
  SpoolOrigin(OwnedFd fd, const FileStamp& stamp)
      : fd_(std::move(fd)), file_(make_file_origin("/proc/self/fd/" + std::to_string(fd_.get()), stamp)) {}
  Result<std::unique_ptr<Source>> open() override { return file_->open(); }

 private:
  OwnedFd fd_;
  std::unique_ptr<BlobOrigin> file_;
};

// Read-only, and no more folders than the files lie in; a folder inside another needs no word of its own.
CapabilityManifest files_request(const Package& package) {
  std::set<std::string> folders;
  for (const PackagedFile& file : package.files) {
    const std::size_t slash = file.entry.path.find_last_of('/');
    folders.insert(slash == std::string::npos ? "/" : "/" + file.entry.path.substr(0, slash) + "/");
  }
  CapabilityManifest out;
  std::string last;
  for (const std::string& folder : folders) {
    if (!last.empty() && folder.starts_with(last)) continue;
    last = folder;
    const std::string guest = folder == "/" ? folder : folder.substr(0, folder.size() - 1);
    out.requests.filesystem.push_back({.guest = guest, .access = FileAccess::read, .reason = "data files of the package"});
  }
  return out;
}

struct FilesReferrer {
  NewBlob config;
  PackedTar layer;
};

Result<FilesReferrer> make_files(const Package& package) {
  TRY_ASSIGN(PackedTar layer, pack_tar(data_files(package, ""), Compression::none, media_type::k_oci_layer_tar));
  return FilesReferrer{memory_blob(write_json(to_json(files_request(package))), media_type::k_capabilities), std::move(layer)};
}

RawManifest raw_manifest(const ImageManifest& manifest) {
  const std::string text = write_image_manifest(manifest);
  return {.bytes = to_bytes(text), .descriptor = describe(as_bytes(text), manifest.media_type)};
}

NewArtifact files_artifact(FilesReferrer files, const Descriptor& subject) {
  ImageManifest manifest{.media_type = std::string(media_type::k_oci_manifest),
                         .artifact_type = std::string(media_type::k_davit_files),
                         .config = files.config.descriptor,
                         .layers = {files.layer.blob.descriptor}};
  manifest.subject = Descriptor{.media_type = subject.media_type, .digest = subject.digest, .size = subject.size};
  return {.manifest = raw_manifest(manifest), .blobs = {std::move(files.config), std::move(files.layer.blob)}};
}

std::string shown(const PackageDescription& lost, Facet facet) {
  const Json json = to_json(keep_facets(lost, {facet}));
  CHECK(json.object() != nullptr && !json.object()->empty());
  const Json& value = json.object()->members().front().second;
  return printable(value.string() != nullptr ? "\"" + *value.string() + "\"" : write_json(value), k_shown_bytes);
}

}  // namespace

NewBlob memory_blob(const std::string& text, std::string_view media_type) {
  return {describe(as_bytes(text), media_type), make_memory_origin(to_bytes(text))};
}

NewBlob empty_blob(std::string_view media_type) { return memory_blob("{}", media_type); }

NewBlob wasm_blob(const Package& package, std::string_view media_type, const std::string& title) {
  Descriptor descriptor{.media_type = std::string(media_type), .digest = package.wasm.blob.digest, .size = package.wasm.blob.size};
  if (!title.empty()) descriptor.annotations[std::string(annotation::k_title)] = title;
  return {std::move(descriptor), package.wasm.origin};
}

TarFile wasm_file(const Package& package, const std::string& name) {
  return {.name = name, .size = package.wasm.blob.size, .mode = 0755, .origin = package.wasm.origin};
}

TarFile text_file(const std::string& name, const std::string& text) {
  return {.name = name, .size = text.size(), .mode = 0644, .origin = make_memory_origin(to_bytes(text))};
}

std::vector<TarFile> data_files(const Package& package, const std::string& folder) {
  std::vector<TarFile> out;
  for (const PackagedFile& file : package.files) {
    out.push_back({.name = (folder.empty() ? "" : folder + "/") + file.entry.path,
                   .size = file.entry.size,
                   .mode = file.entry.mode,
                   .origin = file.origin});
  }
  return out;
}

Result<void> write_tar(Sink& sink, std::vector<TarFile> files, Compression compression) {
  std::ranges::sort(files, {}, &TarFile::name);
  TRY_ASSIGN(const auto writer, make_archive_writer(sink, compression));
  std::set<std::string> folders;
  for (const TarFile& file : files) {
    for (std::size_t slash = file.name.find('/'); slash != std::string::npos; slash = file.name.find('/', slash + 1)) {
      if (folders.insert(file.name.substr(0, slash)).second) TRY(writer->add_folder(file.name.substr(0, slash)));
    }
    TRY_ASSIGN(const auto source, file.origin->open());
    TRY(writer->add_file(file.name, file.size, *source, file.mode));
  }
  return writer->close();
}

Result<PackedTar> pack_tar(const std::vector<TarFile>& files, Compression compression, std::string_view media_type) {
  OwnedFd spool;
  TRY_ASSIGN(spool, make_spool_file(""));
  const auto file = make_fd_sink(spool.get(), "a temporary file");
  HashingSink stored(file.get());
  const auto gzip = compression == Compression::gzip ? make_gzip_sink(stored) : nullptr;
  HashingSink plain(gzip ? gzip.get() : nullptr);
  // Zstd is inside the archive writer, so the plain tar is written once more, to be hashed only.
  if (compression != Compression::none) TRY(write_tar(plain, files, Compression::none));
  if (gzip) {
    TRY(gzip->finish());
  } else {
    TRY(write_tar(stored, files, compression));
  }
  const Digest digest = stored.digest();
  TRY_ASSIGN(const FileStamp stamp, stamp_file("/proc/self/fd/" + std::to_string(spool.get())));
  const Descriptor descriptor{.media_type = std::string(media_type), .digest = digest, .size = stored.size()};
  return PackedTar{.blob = {descriptor, std::make_shared<SpoolOrigin>(std::move(spool), stamp)},
                   .diff_id = compression == Compression::none ? digest : plain.digest()};
}

PackageDescription wanted_of(const Package& package, const WasmFacts& facts) {
  PackageDescription out = package.description;
  out.annotations.insert(facts.metadata.begin(), facts.metadata.end());
  for (const std::string_view key : {annotation::k_package, annotation::k_files, annotation::k_capabilities})
    out.annotations.erase(std::string(key));
  out.files.clear();
  for (const PackagedFile& file : package.files) out.files.push_back(file.entry);
  return out;
}

Package with_annotations(Package package, const WasmFacts& facts) {
  package.description.annotations = wanted_of(package, facts).annotations;
  return package;
}

Result<Memory> remember(std::string_view format, const PackageDescription& wanted, const PackageDescription& said,
                        const WriteOptions& options) {
  const Remembered difference = davit::difference(wanted, said);
  Memory out{.text = to_text(difference), .lost = facets_of(difference.lost)};
  if (out.text.size() > k_max_remembered_bytes) {
    return fail(ErrorCode::limit, "what " + std::string(format) + " cannot hold is " + std::to_string(out.text.size()) +
                                      " bytes long and can be remembered up to " + std::to_string(k_max_remembered_bytes));
  }
  for (const Facet facet : out.lost) {
    out.warnings.push_back("the format " + std::string(format) + " does not hold the " + std::string(davit::name_of(facet)) + " " +
                           shown(difference.lost, facet));
  }
  if (!options.strict || out.warnings.empty()) return out;
  return fail(ErrorCode::unsupported,
              out.warnings.front() + (out.warnings.size() == 1 ? "" : ", and " + std::to_string(out.warnings.size() - 1) + " more"))
      .hinting("without --strict it is remembered and comes back with the way back");
}

Result<Written> finish(const Package& package, const WasmFacts& facts, Draft draft, const WriteOptions& options) {
  ImageManifest manifest{
      .media_type = std::string(media_type::k_oci_manifest), .artifact_type = draft.artifact_type, .config = draft.config.descriptor};
  Memory memory;
  std::optional<FilesReferrer> files;
  if (!draft.is_docker) {
    const PackageDescription wanted = wanted_of(package, facts);
    manifest.annotations = wanted.annotations;
    for (const std::string& key : draft.refused) manifest.annotations.erase(key);
    for (const auto& [key, value] : draft.annotations) manifest.annotations[key] = value;
    draft.said.annotations = manifest.annotations;
    if (!draft.says_files) draft.said.files = wanted.files;
    TRY_ASSIGN(memory, remember(draft.format, wanted, draft.said, options));
    if (!memory.text.empty()) manifest.annotations[std::string(annotation::k_package)] = memory.text;
    if (!facts.capability_classes.empty()) manifest.annotations[std::string(annotation::k_capabilities)] = facts.capability_classes;
    if (!package.files.empty() && !draft.holds_files) {
      TRY_ASSIGN(files, make_files(package));
      manifest.annotations[std::string(annotation::k_files)] = files->layer.blob.descriptor.digest.text();
    }
  }
  std::string artifact_type = draft.artifact_type.empty() ? draft.config.descriptor.media_type : draft.artifact_type;
  std::vector<NewBlob> blobs;
  std::set<std::string> stored;
  const auto store = [&](NewBlob blob) {
    if (stored.insert(blob.descriptor.digest.text()).second) blobs.push_back(std::move(blob));
  };
  store(std::move(draft.config));
  for (NewBlob& layer : draft.layers) {
    manifest.layers.push_back(layer.descriptor);
    store(std::move(layer));
  }
  Written out{.artifact = {.manifest = raw_manifest(manifest), .blobs = std::move(blobs)},
              .artifact_type = std::move(artifact_type),
              .platform = draft.entry,
              .lost = std::move(memory.lost),
              .warnings = std::move(memory.warnings)};
  if (files) out.referrers.push_back(files_artifact(*std::move(files), out.artifact.manifest.descriptor));
  return out;
}

std::vector<PackageFile> without_modes(std::vector<PackageFile> files) {
  for (PackageFile& file : files) file.mode = PackageFile{}.mode;
  return files;
}

std::string title_or_default(const Package& package) { return package.description.title.empty() ? "app.wasm" : package.description.title; }

std::string base_of(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

std::string name_of(const Package& package) {
  std::string title = title_or_default(package);
  if (title.ends_with(".wasm")) title.resize(title.size() - 5);
  std::string out;
  for (const char letter : title) {
    const char low = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    const bool good = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9');
    if (good) out += low;
    if (!good && !out.empty() && out.back() != '-') out += '-';
  }
  while (out.ends_with('-')) out.pop_back();
  out = out.substr(0, 50);
  return out.empty() || out.front() < 'a' ? "app" + (out.empty() ? "" : "-" + out) : out;
}

Result<Platform> parse_platform(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == text.size() || text.find('/', slash + 1) != std::string::npos)
    return fail(ErrorCode::usage, "platform \"" + printable(text) + "\" is not OS/ARCH");
  return Platform{.architecture = text.substr(slash + 1), .os = text.substr(0, slash)};
}

Result<void> refuse_component(const WasmFacts& facts, std::string_view format, std::string_view consumer) {
  if (!facts.is_component) return {};
  return fail(ErrorCode::unsupported, "this is a component, and the format " + std::string(format) +
                                          " is for core modules: " + std::string(consumer) + " run no others")
      .hinting("build for wasip1 (\"davit build --target p1\")");
}

Result<Written> store_package(const std::string& path, const PackedTar& packed, Memory memory) {
  TRY_ASSIGN(const auto file, AtomicFile::create(path));
  TRY_ASSIGN(const auto source, packed.blob.origin->open());
  TRY(copy_stream(*source, *file));
  TRY(file->finish());
  return Written{.artifact = {.manifest = {.bytes = {}, .descriptor = packed.blob.descriptor}},
                 .artifact_type = packed.blob.descriptor.media_type,
                 .lost = std::move(memory.lost),
                 .warnings = std::move(memory.warnings)};
}

}  // namespace davit::oci
