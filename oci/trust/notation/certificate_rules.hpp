// What the Notary Project asks of certificates (specifications/signature-specification.md, "Certificate
// Requirements"): the whole chain in order, leaf to self-signed root, and each certificate made for its one purpose.
// Whether the chain leads to somebody who is trusted, and when it was valid, are other questions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "oci/trust/crypto/certificate.hpp"
#include "oci/trust/notation/envelope.hpp"

namespace davit::oci {

/// An extension as it stands in the certificate.
struct ExtensionView {
  bool critical = false;
  Bytes content{};
};
/// Nothing when the certificate has none of this OID. Errors: malformed (twice)
Result<std::optional<ExtensionView>> find_extension(const Certificate& certificate, std::string_view oid);

/// Errors: untrusted (a rule is broken; the message names the certificate and the rule)
Result<void> check_signing_chain(std::span<const Certificate> chain);

/// The one algorithm that a key signs with here. Errors: unsupported (another kind or size of key)
Result<NotationAlgorithm> algorithm_for(const PublicKey& key);
SignatureScheme scheme_of(NotationAlgorithm algorithm);

/// ECDSA: R and S side by side, each as long as the curve, to DER and back; RSA stays as it is.
/// Errors: malformed (other length; not DER)
Result<Bytes> signature_from_raw(NotationAlgorithm algorithm, ByteView raw);
Result<Bytes> signature_to_raw(NotationAlgorithm algorithm, ByteView der);

/// The subject as the trust policy compares it. Attributes that stand twice are left out: no rule can name them.
std::map<std::string, std::string> subject_of_rule(const Certificate& certificate);

}  // namespace davit::oci
