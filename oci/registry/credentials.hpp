// Credentials of registries as Docker and podman keep them.
//
//   {"auths": {"HOST[/PATH]": {"auth": base64(user:password), "identitytoken": "…"}},
//    "credHelpers": {"HOST": "NAME"}, "credsStore": "NAME"}
//
// A helper is the program `docker-credential-NAME`: `get` with the host on its input answers
// {"ServerURL","Username","Secret"}; `store` takes the same; `erase` takes the host. The user name "<token>" means
// that the secret is an identity token. Docker Hub is stored under "https://index.docker.io/v1/".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "manifests/result.hpp"

namespace davit::oci {

struct Credentials {
  std::string username{};
  std::string password{};
  std::string identity_token{};  ///< OAuth2 refresh token; used instead of a password when not empty
};

/// The files to look into, in order; the first that knows the host wins.
struct CredentialFiles {
  std::vector<std::string> paths{};
  std::string write_path{};  ///< where login stores
};

/// Finds credentials for a repository: the longest matching key of the first file that has one.
/// A file that is absent is skipped. Errors: malformed, io, denied (a helper failed)
Result<std::optional<Credentials>> find_credentials(const CredentialFiles& files, const std::string& host, const std::string& repository);

/// What storing did, for the message of login.
struct StoredAt {
  std::string place;  ///< a file or a helper
  bool is_helper = false;
};

/// Stores into the configured helper, else into the file (mode 0600, other members kept).
Result<StoredAt> store_credentials(const CredentialFiles& files, const std::string& host, const Credentials& credentials);

/// Forgets a host in every file and helper that knows it. False when none did.
Result<bool> erase_credentials(const CredentialFiles& files, const std::string& host);

/// `https://Index.Docker.io/v1/` → `docker.io`: the key as hosts are compared.
std::string normalized_registry_key(std::string_view key);

}  // namespace davit::oci
