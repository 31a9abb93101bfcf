// Blob uploads (distribution-spec 1.1, "Pushing blobs"): POST opens a session, PUT sends everything in one stream.
#include "manifests/encoding.hpp"
#include "oci/registry/client.hpp"
#include "oci/registry/registry_error.hpp"

namespace davit::oci {
namespace {

// Up to this size one request that finds or opens is better than asking first; above it, sending again a blob that
// a registry did not want to mount from itself would cost more than the question.
constexpr std::uint64_t k_max_blind_upload_bytes = std::uint64_t{1} << 20;

struct Session {
  std::optional<Url> location{};  ///< absent: the blob is there, nothing to send
};

class Upload {
 public:
  Upload(RegistryClient& client, const Descriptor& blob, BlobOrigin& origin) : client_(client), blob_(blob), origin_(origin) {}

  Result<bool> run() {
    if (blob_.size > k_max_blind_upload_bytes) {
      TRY_ASSIGN(const bool present, is_present());
      if (present) return false;
    }
    for (std::uint64_t attempt = 0;; ++attempt) {
      TRY_ASSIGN(const Session session, open_session());
      if (!session.location) return false;
      auto sent = send_to(*session.location);
      if (sent) return true;
      const RetryPolicy& retry = client_.options().retry;
      if (sent.error().code != ErrorCode::network || attempt >= retry.retries) return std::move(sent).error();
      // A session that broke is not continued: how much of it arrived is not known.
      if (retry.on_retry) retry.on_retry("uploading " + blob_.digest.text() + " again: " + sent.error().message);
      pause_for(retry, backoff(retry, attempt));
    }
  }

 private:
  [[nodiscard]] std::string doing() const { return "push blob " + blob_.digest.text() + " to " + client_.name(); }

  Result<bool> is_present() { return has_remote_blob(client_, blob_); }

  // The repository that is named as source: another one of this registry, or this one itself.
  [[nodiscard]] std::string mount_source() const {
    const std::string known = origin_.known_at();
    const std::string prefix = client_.options().host + "/";
    return known.starts_with(prefix) ? known.substr(prefix.size()) : client_.options().repository;
  }

  Result<Session> open_session() {
    const std::string from = mount_source();
    const bool is_other = from != client_.options().repository;
    const bool mounts = is_other || blob_.size <= k_max_blind_upload_bytes;
    HttpRequest request{.method = "POST", .url = client_.url("blobs/uploads/")};
    if (mounts && !mount_refused_) {
      request.url.path = with_query(with_query(request.url.path, "mount", blob_.digest.text()), "from", from);
    }
    TRY_ASSIGN(auto response, client_.send(request, is_other ? repository_scope(from, false) : ""));
    if (response.status == 201) {
      drain(response);
      return Session{};
    }
    const bool odd = response.status == 400 || response.status == 404 || response.status == 405 || (is_other && response.status == 403);
    if (odd && mounts && !mount_refused_) {
      drain(response);
      mount_refused_ = true;
      TRY_ASSIGN(const bool present, is_present());
      if (present) return Session{};
      return open_session();
    }
    if (response.status != 202) return registry_error(response, request, doing());
    TRY_ASSIGN(auto location, upload_location(response, request));
    drain(response);
    return Session{.location = std::move(location)};
  }

  Result<void> send_to(const Url& location) {
    HttpRequest request{.method = "PUT",
                        .url = location,
                        .headers = {{"Content-Type", "application/octet-stream"}},
                        .body = &origin_,
                        .body_bytes = blob_.size,
                        .is_repeatable = false};
    request.url.path = with_query(location.path, "digest", blob_.digest.text());
    TRY_ASSIGN(auto response, client_.send(request));
    if (response.status != 201 && response.status != 204) return registry_error(response, request, doing());
    const std::string named = response.header("docker-content-digest");
    drain(response);
    if (!named.empty() && named != blob_.digest.text()) {
      return fail(ErrorCode::mismatch, "the registry stored \"" + printable(named) + "\" instead of " + blob_.digest.text());
    }
    return {};
  }

  RegistryClient& client_;
  const Descriptor& blob_;
  BlobOrigin& origin_;
  bool mount_refused_ = false;
};

}  // namespace

Result<bool> has_remote_blob(RegistryClient& client, const Descriptor& blob) {
  const HttpRequest request{.method = "HEAD", .url = client.url("blobs/" + blob.digest.text())};
  TRY_ASSIGN(auto response, client.send(request));
  if (response.status == 200) return true;
  if (response.status == 404) return false;
  return registry_error(response, request, "look for blob " + blob.digest.text() + " in " + client.name());
}

Result<Url> upload_location(const HttpResponse& response, const HttpRequest& request) {
  auto location = request.url.resolve(response.header("location"));
  if (!location) {
    return fail(ErrorCode::registry, "the registry takes an upload without a usable Location")
        .in(request.method + " " + request.url.redacted());
  }
  if (request.url.scheme == "https" && location->scheme != "https") {
    return fail(ErrorCode::registry, "the registry wants the upload without TLS at \"" + location->redacted() + "\"");
  }
  return *std::move(location);
}

Result<bool> upload_blob(RegistryClient& client, const Descriptor& blob, BlobOrigin& origin) { return Upload(client, blob, origin).run(); }

}  // namespace davit::oci
