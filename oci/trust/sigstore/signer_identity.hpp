// Who a certificate of Sigstore's authority (Fulcio, docs/oid-info.md) says signed: one name, the issuer of the token
// that proved it, and what that issuer said of the workflow.
#pragma once

#include <span>

#include "oci/trust/crypto/certificate.hpp"
#include "oci/trust/finding.hpp"
#include "oci/trust/trust_inputs.hpp"

namespace davit::oci {

/// The documented name of an extension below 1.3.6.1.4.1.57264.1, such as "sourceRepositoryURI"; every one that may
/// stand in a rule.
std::span<const std::string_view> signer_extension_names();

/// Errors: malformed (no name or several, an extension that is not the text it must be)
Result<CertificateIdentity> read_identity(const Certificate& certificate);

/// Whether the name, the issuer and every extension that is asked for fit.
bool fits(const IdentityRule& rule, const CertificateIdentity& identity);

}  // namespace davit::oci
