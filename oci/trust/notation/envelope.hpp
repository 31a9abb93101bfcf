// Signature envelopes of the Notary Project (specifications/signature-specification.md): the same content in two
// forms, JWS (RFC 7515, flattened JSON serialisation) and COSE_Sign1 (RFC 9052, tag 18).
//
// Reading checks the form and every rule about headers; it proves nothing: the signature over `signed_bytes` is the
// judge's to check, with the key of the first certificate. What is in the unsigned part (certificates, timestamp,
// agent) becomes believable only by what is checked about it.
//
//   protected: alg, cty, crit, io.cncf.notary.signingScheme, io.cncf.notary.signingTime or .authenticSigningTime,
//              io.cncf.notary.expiry
//   unprotected: x5c / x5chain (leaf first), io.cncf.notary.timestampSignature, io.cncf.notary.signingAgent
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "oci/trust/finding.hpp"

namespace davit::oci {

// On the wire: never change.
inline constexpr std::string_view k_jws_media_type = "application/jose+json";
inline constexpr std::string_view k_cose_media_type = "application/cose";
inline constexpr std::string_view k_notation_payload_type = "application/vnd.cncf.notary.payload.v1+json";

/// Real envelopes have some 10 KiB; a timestamp with its certificates is the largest part.
inline constexpr std::uint64_t k_max_notary_bytes = std::uint64_t{1} << 20;
inline constexpr std::size_t k_max_notation_chain = 10;

/// The six algorithms; which one is decided by the key of the leaf certificate, and the header must agree.
enum class NotationAlgorithm { ps256, ps384, ps512, es256, es384, es512 };

/// `notary.x509`: the time of signing is the signer's word. `notary.x509.signingAuthority`: an authority vouches for it.
enum class SigningScheme { x509, signing_authority };

struct NotationContent {
  NotationAlgorithm algorithm = NotationAlgorithm::ps256;
  std::string content_type{};
  SigningScheme scheme = SigningScheme::x509;
  std::int64_t signing_time = 0;  ///< seconds since 1970, UTC
  std::optional<std::int64_t> expiry{};
  std::vector<Bytes> certificates{};  ///< DER, leaf first; at least one
  Bytes timestamp_token{};            ///< RFC 3161 TimeStampToken over `signature`; empty: none
  std::string signing_agent{};
  Bytes signed_bytes{};  ///< what the signature is over
  Bytes payload{};
  Bytes signature{};  ///< as the form has it: ECDSA as R and S side by side
};

/// Errors: malformed, limit, unsupported (algorithm, scheme, critical header, a header that asks for a plugin)
Result<NotationContent> parse_jws(std::string_view text);
Result<NotationContent> parse_cose(ByteView bytes);
/// Errors: those of the two, and unsupported for another media type
Result<NotationContent> parse_notation_envelope(ByteView bytes, std::string_view media_type);

/// Nothing when it is no media type of an envelope.
std::optional<SignatureFormat> notation_format_of(std::string_view media_type);

/// What there is to sign: the protected header, as it will be written, and the bytes that the signature is over.
struct NotationDraft {
  Bytes header{};
  Bytes signed_bytes{};
};

/// @param content  algorithm, content type, scheme, times and payload are read from it
NotationDraft draft_jws(const NotationContent& content);
NotationDraft draft_cose(const NotationContent& content);
/// @param content  payload, signature, certificates, timestamp and agent are read from it
Bytes finish_jws(const NotationDraft& draft, const NotationContent& content);
Bytes finish_cose(const NotationDraft& draft, const NotationContent& content);

}  // namespace davit::oci
