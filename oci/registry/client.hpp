// Requests to one registry with authentication and redirects; what the parts of Registry are written in.
#pragma once

#include <memory>
#include <string>

#include "oci/registry/registry.hpp"

namespace davit::oci {

class RegistryClient {
 public:
  RegistryClient(std::shared_ptr<Transport> transport, RegistryOptions options, Url base);

  /// URL below `/v2/REPOSITORY/`.
  [[nodiscard]] Url url(const std::string& rest) const;
  [[nodiscard]] const Url& base() const { return base_; }
  [[nodiscard]] const RegistryOptions& options() const { return options_; }
  [[nodiscard]] bool is_on_this_machine() const { return is_loopback_host(base_.host); }
  /// `registry.example.com/team/app`
  [[nodiscard]] std::string name() const { return options_.host + "/" + options_.repository; }

  /// Sends a request, answers challenges, follows redirects. Any final status is a result, not an error.
  /// @param more_scope  asked for beside this repository's own, for mounting from another
  Result<HttpResponse> send(HttpRequest request, const std::string& more_scope = "");

 private:
  Result<HttpResponse> send_authenticated(HttpRequest& request, const std::string& scope);

  std::shared_ptr<Transport> transport_;  ///< owned by the run and every repository opened in it
  RegistryOptions options_;
  Url base_;
  Authenticator authenticator_;
};

/// A blob as a stream that asks for the rest when the connection breaks.
Result<std::unique_ptr<Source>> open_remote_blob(RegistryClient& client, const Descriptor& blob);

/// Uploads a blob unless it is there; returns true when bytes were sent.
Result<bool> upload_blob(RegistryClient& client, const Descriptor& blob, BlobOrigin& origin);

/// Where a registry's answer wants the next part of an upload.
/// Errors: registry (no usable Location, or one without TLS)
Result<Url> upload_location(const HttpResponse& response, const HttpRequest& request);

/// True when the registry has the blob.
Result<bool> has_remote_blob(RegistryClient& client, const Descriptor& blob);

/// Sends in a thread of its own while the caller hashes. The client must outlive it.
std::unique_ptr<EarlyUpload> begin_upload(RegistryClient& client, std::shared_ptr<BlobOrigin> origin, std::uint64_t size);

/// Target of a `Link: <…>; rel="next"` header on the same origin; nothing when absent.
/// Errors: registry (the link leads to another host)
Result<std::optional<Url>> next_page(const HttpResponse& response, const Url& current);

}  // namespace davit::oci
