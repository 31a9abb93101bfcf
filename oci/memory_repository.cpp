#include <algorithm>
#include <map>

#include "manifests/json.hpp"
#include "oci/repository.hpp"

namespace davit::oci {
namespace {

class MemoryRepository : public Repository {
 public:
  Result<Descriptor> resolve(const std::string& tag_or_digest) override {
    TRY_ASSIGN(const RawManifest manifest, fetch_manifest(tag_or_digest));
    return manifest.descriptor;
  }

  Result<RawManifest> fetch_manifest(const std::string& tag_or_digest) override {
    const auto tag = tags_.find(tag_or_digest);
    const auto found = manifests_.find(tag == tags_.end() ? tag_or_digest : tag->second);
    if (found == manifests_.end()) return missing(tag_or_digest);
    return found->second;
  }

  Result<std::unique_ptr<Source>> open_blob(const Descriptor& blob) override {
    const auto found = blobs_.find(blob.digest.text());
    if (found == blobs_.end()) return missing(blob.digest.text());
    return make_verifying_source(make_memory_source(found->second), blob);
  }

  Result<bool> has_blob(const Descriptor& blob) override { return blobs_.contains(blob.digest.text()); }
  Result<bool> has_manifest(const Digest& digest) override { return manifests_.contains(digest.text()); }

  Result<bool> put_blob(const Descriptor& blob, BlobOrigin& origin) override {
    if (blobs_.contains(blob.digest.text())) return false;
    TRY_ASSIGN(auto opened, origin.open());
    auto checked = make_verifying_source(std::move(opened), blob);
    TRY_ASSIGN(auto bytes, read_all(*checked, blob.size));
    blobs_.emplace(blob.digest.text(), std::move(bytes));
    return true;
  }

  Result<void> put_manifest(const RawManifest& manifest, const std::optional<std::string>& tag) override {
    const std::string digest = manifest.descriptor.digest.text();
    manifests_.insert_or_assign(digest, manifest);
    if (tag) tags_.insert_or_assign(*tag, digest);
    return {};
  }

  Result<std::vector<std::string>> list_tags() override {
    std::vector<std::string> names;
    for (const auto& [name, digest] : tags_) names.push_back(name);
    return names;
  }

  Result<void> remove(const std::string& tag_or_digest) override {
    if (tags_.erase(tag_or_digest) > 0) return {};
    if (manifests_.erase(tag_or_digest) == 0) return missing(tag_or_digest);
    std::erase_if(tags_, [&](const auto& tag) { return tag.second == tag_or_digest; });
    return {};
  }

  Result<std::vector<Descriptor>> list_referrers(const Digest& subject, const std::string& artifact_type) override {
    std::vector<Descriptor> out;
    for (const auto& [digest, manifest] : manifests_) {
      TRY_ASSIGN(const Json json, parse_json(as_text(manifest.bytes), JsonLimits{}));
      const JsonView view(json);
      const auto subject_view = view.find("subject");
      if (!subject_view) continue;
      TRY_ASSIGN(const Descriptor named, parse_descriptor(*subject_view));
      if (named.digest != subject) continue;
      Descriptor found = manifest.descriptor;
      if (const auto type = view.find("artifactType")) {
        TRY_ASSIGN(found.artifact_type, type->as_string());
      }
      TRY_ASSIGN(found.annotations, parse_annotations(view.find("annotations")));
      if (artifact_type.empty() || found.artifact_type == artifact_type) out.push_back(std::move(found));
    }
    return out;
  }

 private:
  static Error missing(const std::string& name) { return fail(ErrorCode::not_found, "\"" + name + "\" is not in this repository"); }

  std::map<std::string, RawManifest> manifests_;
  std::map<std::string, Bytes> blobs_;
  std::map<std::string, std::string> tags_;
};

}  // namespace

std::unique_ptr<Repository> make_memory_repository() { return std::make_unique<MemoryRepository>(); }

}  // namespace davit::oci
