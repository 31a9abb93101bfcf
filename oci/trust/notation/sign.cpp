#include "oci/trust/notation/sign.hpp"

#include "manifests/encoding.hpp"
#include "manifests/time_text.hpp"
#include "oci/trust/notation/certificate_rules.hpp"
#include "oci/trust/notation/countersignature.hpp"
#include "oci/trust/notation/envelope.hpp"

namespace davit::oci {
namespace {

Result<void> check_before_signing(const SigningKey& key, const NotationSigning& signing) {
  auto rules = check_signing_chain(signing.chain);
  if (!rules)
    return std::move(rules).error().hinting(
        "name the whole chain, from the signer's certificate to its root, with --certificate-chain FILE");
  if (signing.chain.front().public_key_der() != key.public_key().der())
    return fail(ErrorCode::mismatch,
                "the first certificate of the chain, \"" + printable(signing.chain.front().subject_name()) + "\", is for another key");
  for (const Certificate& certificate : signing.chain) {
    if (certificate.is_valid_at(signing.time)) continue;
    return fail(ErrorCode::untrusted, "the certificate \"" + printable(certificate.subject_name()) + "\" is valid from " +
                                          write_time(certificate.not_before()) + " to " + write_time(certificate.not_after()) +
                                          ", not at " + write_time(signing.time));
  }
  if (signing.expiry && *signing.expiry <= signing.time) return fail(ErrorCode::usage, "a signature cannot expire before it is made");
  return {};
}

}  // namespace

std::string_view media_type_of(SignatureFormat notation_format) {
  return notation_format == SignatureFormat::notation_cose ? k_cose_media_type : k_jws_media_type;
}

Result<Bytes> sign_notation(const NotationTarget& target, const SigningKey& key, const NotationSigning& signing) {
  TRY(check_before_signing(key, signing));
  TRY_ASSIGN(const NotationAlgorithm algorithm, algorithm_for(key.public_key()));
  NotationContent content{.algorithm = algorithm,
                          .content_type = std::string(k_notation_payload_type),
                          .signing_time = signing.time,
                          .expiry = signing.expiry,
                          .signing_agent = signing.agent,
                          .payload = to_bytes(write_notation_payload(target))};
  for (const Certificate& certificate : signing.chain) content.certificates.push_back(certificate.der());
  const bool cose = signing.format == SignatureFormat::notation_cose;
  const NotationDraft draft = cose ? draft_cose(content) : draft_jws(content);
  TRY_ASSIGN(const Bytes signature, key.sign(scheme_of(algorithm), message_of(draft.signed_bytes)));
  TRY_ASSIGN(content.signature, signature_to_raw(algorithm, signature));
  if (signing.timestamp) {
    TRY_ASSIGN(const Bytes answer, signing.timestamp(content.signature));
    TRY_ASSIGN(content.timestamp_token, token_of_answer(answer, content.signature));
  }
  return cose ? finish_cose(draft, content) : finish_jws(draft, content);
}

Result<std::string> digest_for_key(const PublicKey& key, const SignedMessageView& message) {
  TRY_ASSIGN(const NotationAlgorithm algorithm, algorithm_for(key));
  switch (algorithm) {
    case NotationAlgorithm::ps256:
    case NotationAlgorithm::es256: return message.sha256.text();
    case NotationAlgorithm::ps384:
    case NotationAlgorithm::es384: CHECK(message.sha384); return "sha384:" + encode_hex(*message.sha384);
    case NotationAlgorithm::ps512:
    case NotationAlgorithm::es512: CHECK(message.sha512); return "sha512:" + encode_hex(*message.sha512);
  }
  return message.sha256.text();
}

}  // namespace davit::oci
