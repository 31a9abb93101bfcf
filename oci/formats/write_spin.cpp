// A Spin application as `spin registry push` lays it out: an image configuration for wasm, the component, its files, and
// last the locked application that ties them together. Small files live in the lock alone; where the files would make
// too many layers, they travel as one archive.
#include "manifests/encoding.hpp"
#include "oci/formats/image_document.hpp"
#include "oci/formats/spin_lock.hpp"
#include "oci/formats/writing.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_lock_label = "com.fermyon.spin.lockedAppDigest";
constexpr std::uint64_t k_inline_bytes = 128;  // Spin's own thresholds
constexpr std::size_t k_max_layers = 499;

Result<std::string> inline_text(const PackagedFile& file) {
  TRY_ASSIGN(const auto source, file.origin->open());
  TRY_ASSIGN(const Bytes bytes, read_all(*source, k_inline_bytes));
  return encode_base64(bytes);
}

NewBlob file_blob(const PackagedFile& file) {
  return {{.media_type = std::string(media_type::k_spin_data), .digest = file.digest, .size = file.entry.size}, file.origin};
}

struct Contents {
  std::vector<LockedFile> locked{};
  std::vector<NewBlob> layers{};
};

Result<Contents> place_files(const Package& package) {
  Contents out;
  std::set<std::string> seen;
  for (const PackagedFile& file : package.files) {
    LockedFile locked{.path = file.entry.path, .digest = file.digest};
    if (file.entry.size <= k_inline_bytes) {
      TRY_ASSIGN(locked.inline_data, inline_text(file));
    }
    // An empty file has no inline text, so it is a layer like a large one.
    if (locked.inline_data.empty() && seen.insert(file.digest.text()).second) out.layers.push_back(file_blob(file));
    out.locked.push_back(std::move(locked));
  }
  // The module and the lock are layers too.
  if (out.layers.size() + 2 > k_max_layers) {
    TRY_ASSIGN(PackedTar archive, pack_tar(data_files(package, ""), Compression::gzip, media_type::k_spin_archive));
    out.layers = {std::move(archive.blob)};
  }
  return out;
}

}  // namespace

Result<Written> write_spin(const Package& plain, const WasmFacts& facts, const WriteOptions& options) {
  const Package package = with_annotations(plain, facts);
  TRY_ASSIGN(Contents contents, place_files(package));
  TRY_ASSIGN(const std::string text, make_spin_lock(package, facts, contents.locked));
  const NewBlob lock = memory_blob(text, media_type::k_spin_lock);
  PackageDescription config;
  config.platform = Platform{.architecture = "wasm", .os = "wasip1"};
  config.labels = package.description.labels;
  config.labels[std::string(k_lock_label)] = lock.descriptor.digest.text();
  Draft draft{.format = "spin", .config = memory_blob(write_json(image_document(config, {})), media_type::k_oci_config)};
  draft.said = said_by_lock(text);
  draft.said.title = package.description.title;
  draft.said.platform = config.platform;
  draft.said.labels = config.labels;
  draft.layers = {wasm_blob(package, media_type::k_wasm_content, package.description.title)};
  for (NewBlob& layer : contents.layers) draft.layers.push_back(std::move(layer));
  draft.layers.push_back(lock);
  draft.holds_files = true;
  draft.says_files = true;
  draft.said.files = without_modes(wanted_of(package, facts).files);
  draft.entry = config.platform;
  return finish(package, facts, std::move(draft), options);
}

}  // namespace davit::oci
