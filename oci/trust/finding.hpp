// What was found out about one candidate signature, whatever its form: who, when, logged where, and the one reason.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/bytes.hpp"

namespace davit::oci {

/// Where a signature lives and how it is written. Names in JSON: never change.
enum class SignatureFormat {
  bundle,         ///< a Sigstore bundle, in a referrer or a file
  classic,        ///< a layer of the tag `sha256-….sig` or `.att`, or of cosign's referrer in OCI 1.1 mode
  notation_jws,   ///< Notary Project envelope `application/jose+json`
  notation_cose,  ///< Notary Project envelope `application/cose`
  wasm,           ///< section `signature` of the module itself
  wasm_detached   ///< the same in a file of its own
};

/// Why a candidate was refused, for programs; `Finding::reason` says it for people. Names in JSON: never change.
enum class Refusal {
  none,             ///< it was accepted
  malformed,        ///< cannot be read, or says something it must not
  unsupported,      ///< a version, algorithm or form that davit does not judge
  bad_signature,    ///< the key it names is trusted and the signature does not fit the bytes
  wrong_key,        ///< signed with a key that was not given
  wrong_identity,   ///< the certificate is good and names somebody else
  wrong_subject,    ///< a good signature about something else
  wrong_type,       ///< a good statement of another predicate type
  untrusted_chain,  ///< the certificate leads to no trusted root
  revoked,          ///< its authority took the certificate back
  expired,          ///< a certificate, key or signature was not valid at the trusted time
  not_logged,       ///< no transparency log that counts holds it
  not_timestamped,  ///< nothing trusted says when it was made
  over_limit        ///< too large or too many
};

constexpr std::string_view to_text(SignatureFormat format) {
  switch (format) {
    case SignatureFormat::bundle: return "bundle";
    case SignatureFormat::classic: return "classic";
    case SignatureFormat::notation_jws: return "notation-jws";
    case SignatureFormat::notation_cose: return "notation-cose";
    case SignatureFormat::wasm: return "wasm";
    case SignatureFormat::wasm_detached: return "wasm-detached";
  }
  return "";
}

constexpr std::string_view to_text(Refusal refusal) {
  switch (refusal) {
    case Refusal::none: return "none";
    case Refusal::malformed: return "malformed";
    case Refusal::unsupported: return "unsupported";
    case Refusal::bad_signature: return "bad-signature";
    case Refusal::wrong_key: return "wrong-key";
    case Refusal::wrong_identity: return "wrong-identity";
    case Refusal::wrong_subject: return "wrong-subject";
    case Refusal::wrong_type: return "wrong-type";
    case Refusal::untrusted_chain: return "untrusted-chain";
    case Refusal::revoked: return "revoked";
    case Refusal::expired: return "expired";
    case Refusal::not_logged: return "not-logged";
    case Refusal::not_timestamped: return "not-timestamped";
    case Refusal::over_limit: return "over-limit";
  }
  return "";
}

/// Who a certificate says it is.
struct CertificateIdentity {
  std::string name{};                               ///< the one subject alternative name; notation: the subject's distinguished name
  std::string issuer{};                             ///< OIDC issuer (Fulcio); notation: the issuer's distinguished name
  std::map<std::string, std::string> extensions{};  ///< Fulcio extensions by their documented names, such as "sourceRepositoryURI"
  std::string fingerprint{};                        ///< sha256 of the DER certificate, `sha256:…`
  std::int64_t not_before = 0;                      ///< seconds since 1970, UTC
  std::int64_t not_after = 0;
};

/// A time that something trusted vouches for.
struct TrustedTime {
  std::int64_t seconds = 0;  ///< since 1970, UTC
  std::string source{};      ///< "timestamp authority NAME", "log NAME"
};

/// A verified entry of a transparency log.
struct LogRecord {
  std::string log{};        ///< base URL or origin, as the trust root names it
  std::uint64_t index = 0;  ///< as the log counts
  bool included = false;    ///< inclusion proof and checkpoint were checked
  bool promised = false;    ///< a signed entry timestamp was checked
};

struct Finding {
  SignatureFormat format = SignatureFormat::bundle;
  std::string candidate{};  ///< digest of the manifest, layer or file that holds it
  bool verified = false;
  Refusal refusal = Refusal::none;
  std::string signer{};              ///< who accepted: the key's name (`sha256:…`), or the certificate's identity; empty when none did
  std::string identity{};            ///< classic: the repository the signer named; a claim that is reported and not judged unless asked
  std::string reason{};              ///< why it was or was not accepted
  std::string predicate_type{};      ///< of a statement whose signature was accepted; empty: a plain signature
  std::optional<Bytes> statement{};  ///< the exact signed in-toto statement; only when verified
  std::optional<CertificateIdentity> certificate{};  ///< also of refused ones, where it could be read
  std::vector<TrustedTime> times{};
  std::vector<LogRecord> logs{};
  std::vector<std::string> accepted_by{};  ///< names of the plan's signers, where the judge itself went by them (notation)
  std::vector<std::string> warnings{};     ///< what was let pass because the caller asked for it
};

}  // namespace davit::oci
