// The services that a signer asks: Fulcio for a certificate, Rekor (both generations) for log entries, a timestamp
// authority for times. Each answer is looked at here as far as it can be; the whole is judged before it is published.
#pragma once

#include <string>
#include <vector>

#include "oci/http/transport.hpp"
#include "oci/trust/bundle.hpp"
#include "oci/trust/keys.hpp"
#include "oci/trust/sigstore/id_token.hpp"
#include "oci/trust/sigstore/signed_thing.hpp"
#include "oci/trust/sigstore/signing_config.hpp"

namespace davit::oci {

/// Addresses of what is asked; each list may be empty.
struct SigningServices {
  std::string authority{};  ///< Fulcio's base URL; only for signers without a key
  std::vector<Service> logs{};
  std::vector<std::string> timestamp_authorities{};  ///< full URLs
};

/// Asks Fulcio for a certificate for the key, proving possession of it by a signature over the token's subject.
/// @return the chain, the signer's certificate first
/// Errors: denied (the token is not accepted), registry (another answer, a certificate for another key), network
Result<std::vector<Certificate>> request_certificate(Transport& transport, const std::string& authority, const IdToken& token,
                                                     const SigningKey& key);

/// Puts the signature into a log and returns what the log says of it.
/// Errors: unsupported (a version, or a key that this log does not take), registry, network
Result<LogEntry> submit_to_log(Transport& transport, const Service& log, const SignedThing& thing);

/// A TimeStampResp over these bytes.
/// Errors: registry (no token, or one about something else), network
Result<Bytes> request_timestamp(Transport& transport, const std::string& url, ByteView stamped);

}  // namespace davit::oci
