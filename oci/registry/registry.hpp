// One repository of a remote registry (distribution-spec 1.1) as a Repository.
//
// Requests are saved where the protocol allows: no ping; an upload of a small blob starts with a mount from the
// repository itself, which finds an existing blob and opens the upload in one request; the token is asked for once.
// Redirects are followed here: credentials and the client certificate stay on the registry's own origin, and TLS is
// never left for plain HTTP.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "oci/http/retry.hpp"
#include "oci/http/transport.hpp"
#include "oci/registry/auth.hpp"
#include "oci/repository.hpp"

namespace davit::oci {

struct RegistryOptions {
  std::string host;  ///< as in references; `docker.io` is mapped
  std::string repository;
  bool plain_http = false;
  bool tls_on_loopback = false;  ///< loopback hosts are asked without TLS unless this is set
  bool for_writing = false;      ///< asks for a token that may push as well
  CredentialSource credentials{};
  RetryPolicy retry{};
};

/// @param transport  shared by every registry of the run; kept alive by them
std::unique_ptr<Repository> open_registry(std::shared_ptr<Transport> transport, RegistryOptions options);

/// Asks the registry's base whether the credentials are accepted. Errors: denied, network, registry
Result<void> check_login(const std::shared_ptr<Transport>& transport, const RegistryOptions& options);

/// `https://registry-1.docker.io` for `docker.io`
Result<Url> registry_url(const RegistryOptions& options);

}  // namespace davit::oci
