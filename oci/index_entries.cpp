#include "oci/index_entries.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "oci/image_source.hpp"

namespace davit::oci {
namespace {

constexpr int k_max_depth = 4;
constexpr std::string_view k_reference_type = "vnd.docker.reference.type";
constexpr std::string_view k_reference_digest = "vnd.docker.reference.digest";

std::string reference_digest(const Descriptor& entry) {
  const auto found = entry.annotations.find(std::string(k_reference_digest));
  return found == entry.annotations.end() ? std::string() : found->second;
}

// Both the image configuration and that of a wasm artifact name their platform at the top; others name none.
Result<std::optional<Platform>> platform_in_config(Repository& repository, const Descriptor& config) {
  const bool is_json = config.media_type.ends_with("json");
  if (!is_json || config.size > k_max_image_config_bytes) return std::optional<Platform>();
  TRY_ASSIGN(const auto source, repository.open_blob(config));
  TRY_ASSIGN(const Bytes bytes, read_all(*source, k_max_image_config_bytes));
  auto json = parse_json(as_text(bytes), JsonLimits{});
  if (!json) return std::move(json).error().in("configuration " + config.digest.text());
  TRY_ASSIGN(Platform platform, parse_platform(JsonView(*json)));
  if (platform.os.empty() || platform.architecture.empty()) return std::optional<Platform>();
  return std::optional<Platform>(std::move(platform));
}

class Collector {
 public:
  explicit Collector(Repository& repository) : repository_(repository) {}

  Result<void> collect(const std::string& selector, int depth) {
    if (depth > k_max_depth) return fail(ErrorCode::limit, "indexes are nested deeper than " + std::to_string(k_max_depth) + " levels");
    TRY_ASSIGN(const RawManifest raw, repository_.fetch_manifest(selector));
    auto parsed = parse_manifest(raw.bytes);
    if (!parsed) return std::move(parsed).error().during("reading manifest " + raw.descriptor.digest.text());
    if (const auto* index = std::get_if<ImageIndex>(&*parsed)) return collect_index(*index, depth);
    return collect_image(raw, std::get<ImageManifest>(*parsed));
  }

  std::vector<Descriptor> entries{};

 private:
  Result<void> collect_index(const ImageIndex& index, int depth) {
    for (const Descriptor& entry : index.manifests) {
      if (is_index_type(entry.media_type)) {
        TRY(collect(entry.digest.text(), depth + 1));
      } else {
        TRY(add(entry));
      }
    }
    return {};
  }

  Result<void> collect_image(const RawManifest& raw, const ImageManifest& manifest) {
    Descriptor entry{.media_type = raw.descriptor.media_type,
                     .digest = raw.descriptor.digest,
                     .size = raw.bytes.size(),
                     .artifact_type = manifest.artifact_type};
    TRY_ASSIGN(entry.platform, platform_in_config(repository_, manifest.config));
    return add(std::move(entry));
  }

  Result<void> add(Descriptor entry) {
    if (entries.size() >= k_max_manifest_entries)
      return fail(ErrorCode::limit, "there are more than " + std::to_string(k_max_manifest_entries) + " entries");
    entries.push_back(std::move(entry));
    return {};
  }

  Repository& repository_;
};

bool is_wasm(const Platform& platform) { return platform.architecture.starts_with("wasm"); }

// Windows images of one architecture differ in `os.version`; a client picks by it.
std::string place_of(const Platform& platform) {
  std::string out = to_text(platform);
  if (!platform.os_version.empty()) out += " " + platform.os_version;
  for (const std::string& feature : platform.os_features) out += "+" + feature;
  return out;
}

int rank_of(const Descriptor& entry) {
  if (is_attestation_entry(entry)) return 3;
  if (!entry.platform) return 2;
  return is_wasm(*entry.platform) ? 1 : 0;
}

}  // namespace

bool is_attestation_entry(const Descriptor& entry) {
  if (entry.annotations.contains(std::string(k_reference_type))) return true;
  return entry.platform && entry.platform->os == "unknown" && entry.platform->architecture == "unknown";
}

Result<std::vector<Descriptor>> collect_entries(Repository& repository, const std::string& selector,
                                                const std::optional<Platform>& platform) {
  Collector collector(repository);
  TRY(collector.collect(selector, 0));
  auto& entries = collector.entries;
  if (entries.empty()) return fail(ErrorCode::not_found, "the index names no manifest");
  if (platform) {
    const auto images = std::ranges::count_if(entries, [](const Descriptor& entry) { return !is_attestation_entry(entry); });
    if (images != 1)
      return fail(ErrorCode::usage,
                  "the platform " + to_text(*platform) + " is for one image, and the source holds " + std::to_string(images) + " images");
    std::ranges::find_if_not(entries, is_attestation_entry)->platform = platform;
  }
  for (const Descriptor& entry : entries) {
    if (entry.platform || is_attestation_entry(entry) || entries.size() > 1) continue;
    return fail(ErrorCode::unsupported, "nothing in the source says for which platform it is")
        .hinting("name one, for example: --platform SRC=wasip1/wasm");
  }
  return std::move(entries);
}

Result<std::vector<Descriptor>> merge_entries(const std::vector<SourcedEntry>& entries) {
  std::map<std::string, const SourcedEntry*> by_platform;
  std::set<std::string> seen;
  std::vector<Descriptor> images;
  std::vector<Descriptor> notes;
  for (const SourcedEntry& each : entries) {
    const Descriptor& entry = each.entry;
    const bool is_note = is_attestation_entry(entry);
    const std::string place = is_note ? "note " + reference_digest(entry) : entry.platform ? place_of(*entry.platform) : "";
    if (!is_note && entry.platform) {
      const auto [there, is_new] = by_platform.emplace(place, &each);
      if (!is_new && there->second->entry.digest != entry.digest) {
        return fail(ErrorCode::conflict, "two images are for " + printable(place) + ": " + there->second->entry.digest.text() + " of \"" +
                                             printable(there->second->source) + "\" and " + entry.digest.text() + " of \"" +
                                             printable(each.source) + "\"")
            .hinting("leave one out, or say with --platform which platform one of them is for");
      }
    }
    if (!seen.insert(place + " " + entry.digest.text()).second) continue;
    (is_note ? notes : images).push_back(entry);
  }
  if (seen.size() > k_max_manifest_entries)
    return fail(ErrorCode::limit,
                "an index of " + std::to_string(seen.size()) + " entries is over the limit of " + std::to_string(k_max_manifest_entries));
  const auto key = [](const Descriptor& entry) {
    return std::tuple(rank_of(entry), entry.platform ? place_of(*entry.platform) : std::string(), entry.digest.text());
  };
  std::ranges::sort(images, {}, key);
  std::map<std::string, std::size_t> order;
  for (std::size_t i = 0; i < images.size(); ++i) order.emplace(images[i].digest.text(), i);
  std::ranges::sort(notes, {}, [&](const Descriptor& note) {
    const auto about = order.find(reference_digest(note));
    return std::pair(about == order.end() ? order.size() : about->second, note.digest.text());
  });
  images.insert(images.end(), notes.begin(), notes.end());
  return images;
}

RawManifest make_index(std::vector<Descriptor> entries, Annotations annotations) {
  const std::string text = write_image_index(
      {.media_type = std::string(media_type::k_oci_index), .manifests = std::move(entries), .annotations = std::move(annotations)});
  return {.bytes = to_bytes(text), .descriptor = describe(as_bytes(text), media_type::k_oci_index)};
}

}  // namespace davit::oci
