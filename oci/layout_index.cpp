#include <algorithm>
#include <set>

#include "manifests/encoding.hpp"
#include "manifests/image_manifest.hpp"
#include "manifests/media_type.hpp"
#include "oci/layout.hpp"

namespace davit::oci {
namespace {

std::string tag_name(const Descriptor& entry) {
  const auto found = entry.annotations.find(std::string(annotation::k_ref_name));
  return found == entry.annotations.end() ? std::string() : found->second;
}

void untag(Descriptor& entry) { entry.annotations.erase(std::string(annotation::k_ref_name)); }

}  // namespace

Result<LayoutIndex> LayoutIndex::parse(ByteView bytes) {
  TRY_ASSIGN(const Json json, parse_json(as_text(bytes), {.size_bytes = k_max_layout_index_bytes, .depth = 32}));
  const JsonView view(json);
  TRY_ASSIGN(const auto list, view.field("manifests"));
  LayoutIndex out;
  if (!list.is_null()) {
    TRY_ASSIGN(const auto items, list.as_items());
    for (const JsonView& item : items) {
      TRY_ASSIGN(auto entry, parse_descriptor(item));
      out.entries_.push_back(std::move(entry));
    }
  }
  for (const auto& [name, value] : json.object()->members()) {
    if (name != "manifests") out.others_.set(name, value);
  }
  return out;
}

std::string LayoutIndex::write() const {
  JsonObject out{{"schemaVersion", 2}, {"mediaType", media_type::k_oci_index}};
  JsonArray list;
  for (const Descriptor& entry : entries_) list.push_back(to_json(entry));
  out.set("manifests", std::move(list));
  for (const auto& [name, value] : others_.members()) {
    if (name != "schemaVersion" && name != "mediaType") out.set(name, value);
  }
  return write_json(out);
}

std::optional<Descriptor> LayoutIndex::find(const std::string& tag_or_digest) const {
  for (const Descriptor& entry : entries_) {
    if (tag_name(entry) == tag_or_digest) return entry;
  }
  for (const Descriptor& entry : entries_) {
    if (entry.digest.text() == tag_or_digest) return entry;
  }
  return std::nullopt;
}

std::vector<std::string> LayoutIndex::tags() const {
  std::set<std::string> names;
  for (const Descriptor& entry : entries_) {
    if (auto name = tag_name(entry); !name.empty()) names.insert(std::move(name));
  }
  return {names.begin(), names.end()};
}

void LayoutIndex::add(const Descriptor& manifest, const std::optional<std::string>& tag, const std::vector<Descriptor>& children) {
  if (tag) {
    for (Descriptor& entry : entries_) {
      if (tag_name(entry) == *tag) untag(entry);
    }
  }
  const auto is_child = [&](const Descriptor& entry) {
    return tag_name(entry).empty() && std::ranges::any_of(children, [&](const Descriptor& child) { return child.digest == entry.digest; });
  };
  std::erase_if(entries_, is_child);
  const auto same = [&](const Descriptor& entry) { return entry.digest == manifest.digest && (!tag || tag_name(entry).empty()); };
  auto entry = std::ranges::find_if(entries_, same);
  if (entry == entries_.end()) entry = entries_.insert(entries_.end(), manifest);
  if (tag) entry->annotations[std::string(annotation::k_ref_name)] = *tag;
  // An entry that lost its tag stays only while no other entry lists the same digest.
  std::set<std::string> listed;
  for (const Descriptor& one : entries_) {
    if (!tag_name(one).empty()) listed.insert(one.digest.text());
  }
  std::erase_if(entries_, [&](const Descriptor& one) { return tag_name(one).empty() && !listed.insert(one.digest.text()).second; });
}

bool LayoutIndex::remove(const std::string& tag_or_digest) {
  bool found = false;
  for (Descriptor& entry : entries_) {
    if (tag_name(entry) == tag_or_digest) {
      untag(entry);
      found = true;
    }
  }
  if (found) return true;
  return std::erase_if(entries_, [&](const Descriptor& entry) { return entry.digest.text() == tag_or_digest; }) > 0;
}

Result<void> check_layout_marker(ByteView bytes) {
  TRY_ASSIGN(const Json json, parse_json(as_text(bytes), {.size_bytes = 4096, .depth = 4}));
  TRY_ASSIGN(const auto version, JsonView(json).field("imageLayoutVersion"));
  TRY_ASSIGN(const auto text, version.as_string());
  if (text.starts_with("1.")) return {};
  return fail(ErrorCode::unsupported, "image layout has version \"" + printable(text) + "\", only 1.x is supported");
}

namespace {

// Only subject, type and annotations are looked at, which the withdrawn artifact manifest has too.
Result<Manifest> parse_listed(ByteView bytes) {
  if (!is_artifact_manifest(bytes)) return parse_manifest(bytes);
  TRY_ASSIGN(auto manifest, parse_artifact_manifest(bytes));
  return Manifest(std::move(manifest));
}

}  // namespace

Descriptor listed_descriptor(const RawManifest& manifest) {
  Descriptor out{.media_type = manifest.descriptor.media_type, .digest = manifest.descriptor.digest, .size = manifest.bytes.size()};
  if (const auto parsed = parse_listed(manifest.bytes)) {
    if (const auto* image = std::get_if<ImageManifest>(&*parsed)) out.artifact_type = image->artifact_type;
    if (const auto* index = std::get_if<ImageIndex>(&*parsed)) out.artifact_type = index->artifact_type;
  }
  return out;
}

Result<std::string> only_manifest(const LayoutIndex& index) {
  const auto tags = index.tags();
  if (tags.size() == 1) return tags.front();
  // `podman save` of an image without a name.
  if (tags.empty() && index.entries().size() == 1) return index.entries().front().digest.text();
  if (index.entries().empty()) return fail(ErrorCode::not_found, "there is no manifest here");
  if (tags.empty()) return fail(ErrorCode::not_found, "there is no tagged manifest here").hinting("add @DIGEST to name one");
  std::string names;
  for (const std::string& tag : tags) {
    if (names.size() > 200) break;
    names += (names.empty() ? "" : ", ") + printable(tag, 60);
  }
  return fail(ErrorCode::not_found, "there are " + std::to_string(tags.size()) + " tagged manifests here and none was named")
      .hinting("add :TAG with one of: " + names);
}

Result<std::vector<Descriptor>> scan_referrers(Repository& repository, const std::vector<Descriptor>& entries, const Digest& subject,
                                               const std::string& artifact_type) {
  if (entries.size() > k_max_layout_manifests) {
    return fail(ErrorCode::limit, "there are " + std::to_string(entries.size()) + " manifests to look at, the limit is " +
                                      std::to_string(k_max_layout_manifests));
  }
  std::vector<Descriptor> out;
  std::set<Digest> seen;
  const auto consider = [&](const Descriptor& entry) -> Result<void> {
    if (!is_manifest_type(entry.media_type) || !seen.insert(entry.digest).second) return {};
    auto raw = repository.fetch_manifest(entry.digest.text());
    if (!raw && raw.error().code == ErrorCode::not_found) return {};  // listed but pruned by another tool
    if (!raw) return std::move(raw).error();
    TRY_ASSIGN(const auto manifest, parse_listed(raw->bytes));
    const auto named = subject_of(manifest);
    if (!named || named->digest != subject) return {};
    Descriptor found = raw->descriptor;
    found.artifact_type = artifact_type_of(manifest);
    found.annotations = annotations_of(manifest);
    if (artifact_type.empty() || found.artifact_type == artifact_type) out.push_back(std::move(found));
    return {};
  };
  for (const Descriptor& entry : entries) TRY(consider(entry));
  auto fallback = repository.fetch_manifest(std::string(subject.algorithm_name()) + "-" + subject.hex());
  if (fallback) {
    TRY_ASSIGN(const auto manifest, parse_manifest(fallback->bytes));
    if (const auto* index = std::get_if<ImageIndex>(&manifest)) {
      for (const Descriptor& entry : index->manifests) TRY(consider(entry));
    }
  } else if (fallback.error().code != ErrorCode::not_found) {
    return std::move(fallback).error();
  }
  return out;
}

}  // namespace davit::oci
