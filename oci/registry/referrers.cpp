#include "oci/registry/referrers.hpp"

#include <algorithm>
#include <set>

#include "manifests/encoding.hpp"
#include "manifests/image_manifest.hpp"
#include "manifests/media_type.hpp"
#include "oci/ask.hpp"
#include "oci/registry/registry_error.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_max_pages = 100;
constexpr std::size_t k_max_referrers = 10'000;
constexpr int k_fallback_attempts = 3;

std::string fallback_tag(const Digest& subject) { return std::string(subject.algorithm_name()) + "-" + subject.hex(); }

Result<ImageIndex> load_fallback(Repository& repository, const Digest& subject) {
  auto raw = repository.fetch_manifest(fallback_tag(subject));
  if (!raw && raw.error().code == ErrorCode::not_found) return ImageIndex{.media_type = std::string(media_type::k_oci_index)};
  if (!raw) return std::move(raw).error();
  return parse_image_index(raw->bytes);
}

RawManifest raw_index(const ImageIndex& index) {
  const std::string text = write_image_index(index);
  return {.bytes = to_bytes(text), .descriptor = describe(as_bytes(text), media_type::k_oci_index)};
}

// One page of the API; nothing when the registry does not have it.
Result<std::optional<ImageIndex>> fetch_page(RegistryClient& client, std::optional<Url>& page) {
  const HttpRequest request{.method = "GET", .url = *page, .headers = {{"Accept", std::string(media_type::k_oci_index)}}};
  TRY_ASSIGN(auto response, client.send(request));
  if (response.status == 404 || response.status == 405) {
    drain(response);
    return std::optional<ImageIndex>();
  }
  if (response.status != 200) return registry_error(response, request, "list referrers in " + client.name());
  TRY_ASSIGN(const auto body, read_all(*response.body, k_max_manifest_bytes));
  auto index = parse_image_index(body);
  if (!index) return fail(ErrorCode::registry, "the list of referrers is odd: " + index.error().message).in(client.name());
  TRY_ASSIGN(page, next_page(response, *page));
  return std::optional<ImageIndex>(*std::move(index));
}

Result<std::optional<std::vector<Descriptor>>> ask_api(RegistryClient& client, const Digest& subject, const std::string& artifact_type) {
  std::optional<Url> page = client.url("referrers/" + subject.text());
  if (!artifact_type.empty()) page->path = with_query(page->path, "artifactType", artifact_type);
  std::vector<Descriptor> out;
  std::set<std::string> seen;
  while (page) {
    if (!seen.insert(page->text()).second || seen.size() > k_max_pages || out.size() > k_max_referrers) {
      return fail(ErrorCode::registry, "the list of referrers never ends").in(client.name());
    }
    const bool is_first = seen.size() == 1;
    TRY_ASSIGN(auto index, fetch_page(client, page));
    if (!index && is_first) return std::optional<std::vector<Descriptor>>();
    if (!index) return fail(ErrorCode::registry, "a page of the list of referrers is missing").in(client.name());
    out.insert(out.end(), index->manifests.begin(), index->manifests.end());
  }
  return std::optional<std::vector<Descriptor>>(std::move(out));
}

}  // namespace

Result<bool> put_manifest_bytes(RegistryClient& client, const RawManifest& manifest, const std::optional<std::string>& tag) {
  const std::string name = tag ? *tag : manifest.descriptor.digest.text();
  auto origin = make_memory_origin(manifest.bytes);
  const HttpRequest request{.method = "PUT",
                            .url = client.url("manifests/" + name),
                            .headers = {{"Content-Type", manifest.descriptor.media_type}},
                            .body = origin.get(),
                            .body_bytes = manifest.bytes.size()};
  TRY_ASSIGN(auto response, client.send(request));
  if (response.status != 201 && response.status != 200)
    return registry_error(response, request, "push the manifest to " + client.name() + ":" + name);
  const std::string stored = response.header("docker-content-digest");
  const bool indexed = !response.header("oci-subject").empty();
  drain(response);
  if (!stored.empty() && stored != manifest.descriptor.digest.text()) {
    return fail(ErrorCode::mismatch, "the registry stored \"" + printable(stored) + "\" instead of " + manifest.descriptor.digest.text());
  }
  return indexed;
}

Result<std::vector<Descriptor>> fetch_referrers(RegistryClient& client, Repository& repository, const Digest& subject,
                                                const std::string& artifact_type) {
  TRY_ASSIGN(auto answered, ask_api(client, subject, artifact_type));
  if (!answered) {
    TRY_ASSIGN(auto index, load_fallback(repository, subject));
    answered = std::move(index.manifests);
  }
  std::erase_if(*answered, [&](const Descriptor& entry) { return !artifact_type.empty() && entry.artifact_type != artifact_type; });
  return *std::move(answered);
}

Result<AllReferrers> fetch_all_referrers(RegistryClient& client, Repository& repository, const Digest& subject, bool at_once) {
  Asked<ImageIndex> tag(at_once, [&repository, &subject] { return load_fallback(repository, subject); });
  TRY_ASSIGN(auto answered, ask_api(client, subject, ""));
  const Result<ImageIndex>& tagged = tag.answer();
  if (!tagged && !answered) return Error(tagged.error());
  AllReferrers out;
  if (answered) out.manifests = *std::move(answered);
  if (!tagged) {
    out.missed = tagged.error();
    return out;
  }
  for (const Descriptor& entry : tagged->manifests) {
    if (std::ranges::find(out.manifests, entry.digest, &Descriptor::digest) == out.manifests.end()) out.manifests.push_back(entry);
  }
  return out;
}

Result<void> add_to_fallback_index(RegistryClient& client, Repository& repository, const Digest& subject, const Descriptor& entry) {
  // There is no compare-and-swap: another client may replace the index at the same time, so look again afterwards.
  for (int attempt = 0; attempt < k_fallback_attempts; ++attempt) {
    TRY_ASSIGN(auto index, load_fallback(repository, subject));
    if (std::ranges::find(index.manifests, entry.digest, &Descriptor::digest) != index.manifests.end()) return {};
    index.manifests.push_back(entry);
    TRY_ASSIGN(const bool indexed, put_manifest_bytes(client, raw_index(index), fallback_tag(subject)));
    static_cast<void>(indexed);
  }
  TRY_ASSIGN(const auto index, load_fallback(repository, subject));
  if (std::ranges::find(index.manifests, entry.digest, &Descriptor::digest) != index.manifests.end()) return {};
  return fail(ErrorCode::conflict, "the list of referrers of " + subject.text() + " is being changed by somebody else")
      .hinting("try again");
}

Result<void> remove_from_fallback_index(RegistryClient& client, Repository& repository, const Digest& subject, const Digest& gone) {
  TRY_ASSIGN(auto index, load_fallback(repository, subject));
  if (std::erase_if(index.manifests, [&](const Descriptor& entry) { return entry.digest == gone; }) == 0) return {};
  TRY_ASSIGN(const bool indexed, put_manifest_bytes(client, raw_index(index), fallback_tag(subject)));
  static_cast<void>(indexed);
  return {};
}

}  // namespace davit::oci
