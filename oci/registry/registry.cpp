#include "oci/registry/registry.hpp"

#include <algorithm>
#include <set>

#include "manifests/encoding.hpp"
#include "manifests/image_manifest.hpp"
#include "manifests/media_type.hpp"
#include "oci/registry/client.hpp"
#include "oci/registry/referrers.hpp"
#include "oci/registry/registry_error.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_max_pages = 1000;
constexpr std::size_t k_max_tags = 1'000'000;
constexpr std::uint64_t k_max_page_bytes = std::uint64_t{4} << 20;

HttpHeaders manifest_accept() {
  HttpHeaders out;
  for (const std::string_view type : {media_type::k_oci_manifest, media_type::k_oci_index, media_type::k_docker_manifest,
                                      media_type::k_docker_index, media_type::k_oci_artifact_manifest}) {
    out.emplace_back("Accept", std::string(type));
  }
  return out;
}

std::string media_type_of(const HttpResponse& response) {
  const std::string value = response.header("content-type");
  std::string type = value.substr(0, value.find(';'));
  while (type.ends_with(' ')) type.pop_back();
  return type;
}

class Registry : public Repository {
 public:
  Registry(std::shared_ptr<Transport> transport, RegistryOptions options, const Url& base)
      : client_(std::move(transport), std::move(options), base) {}

  Result<Descriptor> resolve(const std::string& tag_or_digest) override {
    const HttpRequest request{.method = "HEAD", .url = client_.url("manifests/" + tag_or_digest), .headers = manifest_accept()};
    TRY_ASSIGN(auto response, client_.send(request));
    if (response.status != 200) return refusal(response, request, tag_or_digest);
    const auto digest = Digest::parse(response.header("docker-content-digest"));
    const std::string length = response.header("content-length");
    const std::string type = media_type_of(response);
    const bool complete = digest && !length.empty() && length.size() < 10 && length.find_first_not_of("0123456789") == std::string::npos;
    if (!complete || !is_manifest_type(type)) {
      TRY_ASSIGN(const auto manifest, fetch_manifest(tag_or_digest));
      return manifest.descriptor;
    }
    if (const auto asked = Digest::parse(tag_or_digest); asked && *asked != *digest) {
      return fail(ErrorCode::mismatch, "the registry answers with " + digest->text() + " when asked for " + asked->text())
          .in(client_.name());
    }
    return Descriptor{.media_type = type, .digest = *digest, .size = std::stoull(length)};
  }

  Result<RawManifest> fetch_manifest(const std::string& tag_or_digest) override {
    const HttpRequest request{.method = "GET", .url = client_.url("manifests/" + tag_or_digest), .headers = manifest_accept()};
    TRY_ASSIGN(auto response, client_.send(request));
    if (response.status != 200) return refusal(response, request, tag_or_digest);
    auto bytes = read_all(*response.body, k_max_manifest_bytes);
    if (!bytes) return std::move(bytes).error().during("reading the manifest \"" + tag_or_digest + "\" of " + client_.name());
    auto expected = Digest::parse(tag_or_digest);
    if (!expected) expected = Digest::parse(response.header("docker-content-digest"));
    Hasher hasher(expected ? expected->algorithm() : DigestAlgorithm::sha256);
    hasher.update(*bytes);
    Digest actual = hasher.finish();
    if (expected && actual != *expected) {
      return fail(ErrorCode::mismatch, "manifest has digest " + actual.text() + ", expected " + expected->text())
          .in("GET " + request.url.redacted());
    }
    std::string type = media_type_of(response);
    if (!is_manifest_type(type)) {
      auto own = manifest_media_type(*bytes);
      if (!own) return std::move(own).error().in("GET " + request.url.redacted());
      type = *std::move(own);
    }
    const std::uint64_t size = bytes->size();
    return RawManifest{.bytes = *std::move(bytes),
                       .descriptor = {.media_type = std::move(type), .digest = std::move(actual), .size = size}};
  }

  Result<std::unique_ptr<Source>> open_blob(const Descriptor& blob) override { return open_remote_blob(client_, blob); }

  Result<bool> has_blob(const Descriptor& blob) override { return has_remote_blob(client_, blob); }
  Result<bool> has_manifest(const Digest& digest) override { return exists("manifests/" + digest.text(), manifest_accept()); }

  Result<bool> put_blob(const Descriptor& blob, BlobOrigin& origin) override { return upload_blob(client_, blob, origin); }

  std::unique_ptr<EarlyUpload> begin_blob(const std::shared_ptr<BlobOrigin>& origin, std::uint64_t size) override {
    return begin_upload(client_, origin, size);
  }

  Result<void> put_manifest(const RawManifest& manifest, const std::optional<std::string>& tag) override {
    TRY_ASSIGN(const bool indexed, put_manifest_bytes(client_, manifest, tag));
    const auto parsed = parse_manifest(manifest.bytes);
    if (!parsed || indexed) return {};
    const auto subject = subject_of(*parsed);
    if (!subject) return {};
    Descriptor entry = manifest.descriptor;
    entry.artifact_type = artifact_type_of(*parsed);
    entry.annotations = annotations_of(*parsed);
    return add_to_fallback_index(client_, *this, subject->digest, entry);
  }

  Result<std::vector<std::string>> list_tags() override {
    std::vector<std::string> out;
    std::set<std::string> seen_pages;
    std::optional<Url> page = client_.url("tags/list");
    while (page) {
      if (!seen_pages.insert(page->text()).second || seen_pages.size() > k_max_pages) {
        return fail(ErrorCode::registry, "the list of tags never ends (" + std::to_string(seen_pages.size()) + " pages)")
            .in(client_.name());
      }
      const HttpRequest request{.method = "GET", .url = *page};
      TRY_ASSIGN(auto response, client_.send(request));
      if (response.status != 200) return registry_error(response, request, "list the tags of " + client_.name());
      TRY(read_tags(response, out));
      TRY_ASSIGN(page, next_page(response, *page));
    }
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  Result<void> remove(const std::string& tag_or_digest) override {
    std::optional<Descriptor> subject;
    const auto digest = Digest::parse(tag_or_digest);
    if (digest) {
      TRY_ASSIGN(const auto manifest, fetch_manifest(tag_or_digest));
      if (const auto parsed = parse_manifest(manifest.bytes)) subject = subject_of(*parsed);
    }
    const HttpRequest request{.method = "DELETE", .url = client_.url("manifests/" + tag_or_digest)};
    TRY_ASSIGN(auto response, client_.send(request));
    const bool unsupported = response.status == 405 || (!digest && response.status == 400);
    if (unsupported) {
      drain(response);
      return fail(ErrorCode::unsupported, "the registry does not delete " + std::string(digest ? "manifests" : "tags"))
          .in("DELETE " + request.url.redacted() + " answered " + std::to_string(response.status))
          .hinting(digest ? "ask the registry's operator to allow deletion" : "delete the manifest by its digest; all its tags go with it");
    }
    if (response.status != 202 && response.status != 200 && response.status != 204) {
      return registry_error(response, request, "delete \"" + tag_or_digest + "\" from " + client_.name());
    }
    drain(response);
    if (subject) TRY(remove_from_fallback_index(client_, *this, subject->digest, *digest));
    return {};
  }

  Result<AllReferrers> list_all_referrers(const Digest& subject, bool at_once) override {
    return fetch_all_referrers(client_, *this, subject, at_once);
  }

  [[nodiscard]] bool is_near() const override { return client_.is_on_this_machine(); }

  Result<std::vector<Descriptor>> list_referrers(const Digest& subject, const std::string& artifact_type) override {
    return fetch_referrers(client_, *this, subject, artifact_type);
  }

 private:
  Error refusal(HttpResponse& response, const HttpRequest& request, const std::string& name) const {
    if (response.status == 404 && request.method == "HEAD") {
      return fail(ErrorCode::not_found, "\"" + name + "\" is not in " + client_.name())
          .in("HEAD " + request.url.redacted() + " answered 404")
          .hinting("run \"davit tags " + client_.name() + "\" for what is there");
    }
    return registry_error(response, request, "read \"" + name + "\" of " + client_.name());
  }

  Result<bool> exists(const std::string& path, HttpHeaders headers) {
    const HttpRequest request{.method = "HEAD", .url = client_.url(path), .headers = std::move(headers)};
    TRY_ASSIGN(auto response, client_.send(request));
    if (response.status == 200) return true;
    if (response.status == 404) return false;
    return registry_error(response, request, "look for " + path + " in " + client_.name());
  }

  Result<void> read_tags(HttpResponse& response, std::vector<std::string>& out) const {
    TRY_ASSIGN(const auto body, read_all(*response.body, k_max_page_bytes));
    const auto json = parse_json(as_text(body), {.size_bytes = k_max_page_bytes, .depth = 8});
    if (!json) return fail(ErrorCode::registry, "the list of tags is no JSON").in(client_.name());
    const auto tags = JsonView(*json).find("tags");
    if (!tags) return {};  // null: the repository exists and has none
    const auto names = tags->as_strings();
    if (!names) return fail(ErrorCode::registry, "the list of tags is odd: " + names.error().message).in(client_.name());
    out.insert(out.end(), names->begin(), names->end());
    if (out.size() > k_max_tags) return fail(ErrorCode::limit, "there are more than 1000000 tags").in(client_.name());
    return {};
  }

  RegistryClient client_;
};

}  // namespace

std::unique_ptr<Repository> open_registry(std::shared_ptr<Transport> transport, RegistryOptions options) {
  const auto base = registry_url(options);
  CHECK(base);  // a RegistryReference holds a checked host
  return std::make_unique<Registry>(std::move(transport), std::move(options), *base);
}

Result<void> check_login(const std::shared_ptr<Transport>& transport, const RegistryOptions& options) {
  TRY_ASSIGN(const Url base, registry_url(options));
  RegistryOptions without_repository = options;
  without_repository.repository.clear();
  RegistryClient client(transport, without_repository, base);
  const HttpRequest request{.method = "GET", .url = client.url("")};
  TRY_ASSIGN(auto response, client.send(request));
  if (response.status == 200) {
    drain(response);
    return {};
  }
  return registry_error(response, request, "log in to " + options.host);
}

}  // namespace davit::oci
