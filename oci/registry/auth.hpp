// Proves to a registry who we are: answers its challenges and remembers what worked.
//
// Basic (RFC 7617) sends user and password with every request. Bearer (distribution "token" specification) fetches
// a token from the realm that the challenge names, with GET and basic credentials, or with POST and an identity
// token (OAuth2 refresh_token). Tokens are kept per scope. Credentials go to the registry's own origin and to the
// realm it names over TLS, and nowhere else.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "oci/http/challenge.hpp"
#include "oci/http/transport.hpp"
#include "oci/registry/credentials.hpp"

namespace davit::oci {

/// Looks credentials up when they are first needed.
using CredentialSource = std::function<Result<std::optional<Credentials>>()>;

class Authenticator {
 public:
  Authenticator(Transport& transport, Url registry, CredentialSource credentials)
      : transport_(transport), registry_(std::move(registry)), credentials_(std::move(credentials)) {}

  /// Value of the Authorization header for a scope, if one is known by now; empty otherwise.
  std::string authorization(const std::string& scope);

  /// Learns from a 401 answer. Returns false when the same credentials were already refused.
  /// @param scope  asked for when the challenge names none
  /// Errors: denied (no credentials, or refused), registry (odd challenge), network
  Result<bool> answer(const HttpResponse& response, const std::string& scope, const std::string& used);

 private:
  Result<std::string> fetch_token(const Challenge& challenge, const std::string& scope, const std::optional<Credentials>& credentials);
  Result<HttpResponse> ask_realm(const Url& realm, const std::string& service, const std::vector<std::string>& scopes,
                                 const std::optional<Credentials>& credentials);
  Result<std::optional<Credentials>> credentials();

  Transport& transport_;
  Url registry_;
  CredentialSource credentials_;
  std::mutex mutex_{};
  bool looked_up_ = false;
  std::optional<Credentials> found_{};
  std::string basic_{};
  std::map<std::string, std::string> tokens_{};  ///< scope → token
};

/// `repository:NAME:pull` or `repository:NAME:pull,push`
std::string repository_scope(const std::string& repository, bool push);

}  // namespace davit::oci
