// Identity tokens (OpenID Connect, JWT): where a signer without a key gets one. A token is a secret: it lives in memory
// that is wiped, goes to the certificate authority and nowhere else, and stands in no message.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "oci/http/transport.hpp"
#include "oci/trust/secret.hpp"

namespace davit::oci {

inline constexpr std::size_t k_max_token_bytes = 64 * 1024;

class IdToken {
 public:
  /// Errors: malformed (no JWT, no subject), untrusted (the token says that its email address is not verified)
  static Result<IdToken> parse(SecretBytes text);
  [[nodiscard]] const SecretBytes& secret() const noexcept { return text_; }
  /// What the authority checks the proof of possession against: the email address, or the subject.
  [[nodiscard]] const std::string& subject() const noexcept { return subject_; }
  [[nodiscard]] const std::string& issuer() const noexcept { return issuer_; }

 private:
  IdToken(SecretBytes text, std::string subject, std::string issuer)
      : text_(std::move(text)), subject_(std::move(subject)), issuer_(std::move(issuer)) {}
  SecretBytes text_;
  std::string subject_;
  std::string issuer_;
};

/// What the surroundings of a CI job offer; the caller reads the environment.
struct AmbientTokens {
  std::string github_url{}, github_token{};                 ///< ACTIONS_ID_TOKEN_REQUEST_URL, …_TOKEN
  std::string plain{};                                      ///< SIGSTORE_ID_TOKEN
  std::string file{"/var/run/sigstore/cosign/oidc-token"};  ///< read when it exists
  std::string google_host{};                                ///< metadata server of a machine at Google; only asked where there is one
  std::string buildkite_token{}, buildkite_job{}, buildkite_endpoint{};  ///< BUILDKITE_AGENT_ACCESS_TOKEN, …_JOB_ID, …_AGENT_ENDPOINT
};

/// Asks every place in order: GitHub Actions, the variable, the file, Buildkite, Google. Nothing when none offers one.
/// Errors: those of the place that offers one and fails
Result<std::optional<IdToken>> find_ambient_token(Transport& transport, const AmbientTokens& ambient);

struct DeviceFlow {
  std::string issuer{};  ///< base URL of the OpenID Connect provider
  std::string client_id = "sigstore";
  std::function<void(const std::string&)> say{};     ///< told which page to open and which code to type
  std::function<void(std::chrono::seconds)> wait{};  ///< really waits
  std::chrono::seconds longest{300};
};

/// RFC 8628, with a proof that who asks for the token is who asked for the code (RFC 7636): the user allows it in a browser anywhere; no
/// browser is needed here. Errors: denied (refused, too late), network, registry
Result<IdToken> ask_by_device_flow(Transport& transport, const DeviceFlow& flow);

}  // namespace davit::oci
