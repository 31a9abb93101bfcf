// A repository in memory whose answers a test can bend.
#pragma once

#include <atomic>
#include <functional>

#include "manifests/media_type.hpp"
#include "oci/repository.hpp"

namespace davit::oci {

class WrappedRepository : public Repository {
 public:
  std::function<Result<std::vector<Descriptor>>(std::vector<Descriptor>)> bend_referrers{};
  std::function<Result<AllReferrers>(AllReferrers)> bend_all_referrers{};
  std::function<Result<RawManifest>(const std::string&, Result<RawManifest>)> bend_manifest{};
  std::function<Result<std::unique_ptr<Source>>(const Descriptor&)> bend_blob{};
  std::function<void()> before_put{};
  std::atomic<int> manifests_fetched = 0;

  Result<Descriptor> resolve(const std::string& name) override { return inner_->resolve(name); }
  Result<RawManifest> fetch_manifest(const std::string& name) override {
    ++manifests_fetched;
    auto found = inner_->fetch_manifest(name);
    return bend_manifest ? bend_manifest(name, std::move(found)) : std::move(found);
  }
  Result<std::unique_ptr<Source>> open_blob(const Descriptor& blob) override {
    return bend_blob ? bend_blob(blob) : inner_->open_blob(blob);
  }
  Result<bool> has_blob(const Descriptor& blob) override { return inner_->has_blob(blob); }
  Result<bool> has_manifest(const Digest& digest) override { return inner_->has_manifest(digest); }
  Result<bool> put_blob(const Descriptor& blob, BlobOrigin& origin) override { return inner_->put_blob(blob, origin); }
  Result<void> put_manifest(const RawManifest& manifest, const std::optional<std::string>& tag) override {
    if (before_put) std::exchange(before_put, nullptr)();
    return inner_->put_manifest(manifest, tag);
  }
  Result<std::vector<std::string>> list_tags() override { return inner_->list_tags(); }
  Result<void> remove(const std::string& name) override { return inner_->remove(name); }
  Result<std::vector<Descriptor>> list_referrers(const Digest& subject, const std::string& type) override {
    auto found = inner_->list_referrers(subject, type);
    return bend_referrers && found ? bend_referrers(*std::move(found)) : std::move(found);
  }
  Result<AllReferrers> list_all_referrers(const Digest& subject, bool at_once) override {
    auto found = Repository::list_all_referrers(subject, at_once);
    return bend_all_referrers && found ? bend_all_referrers(*std::move(found)) : std::move(found);
  }

  /// Stores a manifest of any text.
  Descriptor put_text(const std::string& text, const std::optional<std::string>& tag = std::nullopt) {
    RawManifest manifest{to_bytes(text), describe(as_bytes(text), media_type::k_oci_manifest)};
    CHECK(inner_->put_manifest(manifest, tag).has_value());
    return manifest.descriptor;
  }
  Descriptor put_content(const std::string& text, std::string_view media_type) {
    const auto origin = make_memory_origin(to_bytes(text));
    Descriptor descriptor = describe(as_bytes(text), media_type);
    CHECK(inner_->put_blob(descriptor, *origin).has_value());
    return descriptor;
  }
  /// Stores a bundle as a referrer, as davit and cosign do.
  Descriptor put_bundle(const std::string& bundle, const Descriptor& subject) {
    const Descriptor layer = put_content(bundle, media_type::k_sigstore_bundle);
    return put_text(write_json(JsonObject{{"schemaVersion", 2},
                                          {"mediaType", media_type::k_oci_manifest},
                                          {"artifactType", media_type::k_sigstore_bundle},
                                          {"config", to_json(put_content("{}", media_type::k_oci_empty))},
                                          {"layers", JsonArray{to_json(layer)}},
                                          {"subject", to_json(subject)}}));
  }

 private:
  std::unique_ptr<Repository> inner_ = make_memory_repository();
};

}  // namespace davit::oci
