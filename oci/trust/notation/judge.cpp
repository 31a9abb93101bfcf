#include "oci/trust/notation/judge.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "manifests/time_text.hpp"
#include "oci/trust/clock_tolerance.hpp"
#include "oci/trust/notation/certificate_rules.hpp"
#include "oci/trust/notation/countersignature.hpp"
#include "oci/trust/notation/envelope.hpp"
#include "oci/trust/notation/payload.hpp"
#include "oci/trust/objection.hpp"

namespace davit::oci {
namespace {

// Places inside an envelope say nothing to people.
Refused complaint_of(const Error& error) {
  return {.refusal = refusal_of(error, Refusal::untrusted_chain).value_or(Refusal::malformed), .reason = error.message};
}

struct Read {
  NotationContent envelope;
  std::vector<Certificate> chain;
};

Result<Read> read_envelope(ByteView bytes, std::string_view media_type) {
  TRY_ASSIGN(NotationContent envelope, parse_notation_envelope(bytes, media_type));
  std::vector<Certificate> chain;
  for (const Bytes& der : envelope.certificates) {
    TRY_ASSIGN(Certificate certificate, Certificate::parse(der));
    chain.push_back(std::move(certificate));
  }
  return Read{.envelope = std::move(envelope), .chain = std::move(chain)};
}

CertificateIdentity identity_of(const Certificate& certificate) {
  return {.name = certificate.subject_name(),
          .issuer = certificate.issuer_name(),
          .fingerprint = certificate.fingerprint().text(),
          .not_before = certificate.not_before(),
          .not_after = certificate.not_after()};
}

Objection check_integrity(const Read& read) {
  if (const auto rules = check_signing_chain(read.chain); !rules) return complaint_of(rules.error());
  const auto key = read.chain.front().public_key();
  if (!key) return complaint_of(key.error());
  const auto algorithm = algorithm_for(*key);
  if (!algorithm) return complaint_of(algorithm.error());
  if (*algorithm != read.envelope.algorithm)
    return Refused{Refusal::malformed, "the algorithm it names is not the one of the certificate's key"};
  const auto signature = signature_from_raw(*algorithm, read.envelope.signature);
  if (!signature) return complaint_of(signature.error());
  if (!key->verifies(scheme_of(*algorithm), message_of(read.envelope.signed_bytes), *signature))
    return Refused{Refusal::bad_signature, "the signature does not fit the key of its certificate"};
  if (read.envelope.content_type == k_notation_payload_type) return {};
  return Refused{Refusal::wrong_type,
                 "its content type is \"" + printable(read.envelope.content_type) + "\", not that of the Notary Project"};
}

// Whether the text names this artifact: a file may be named by each of the digests that are known of it.
bool is_digest_of(std::string_view text, const ArtifactView& artifact) {
  if (text == artifact.digest.text()) return true;
  if (!artifact.is_file) return false;
  const SignedMessageView& message = artifact.message;
  if (text.starts_with("sha384:")) {
    const auto sha384 = sha384_of(message);
    return sha384 && text == "sha384:" + encode_hex(*sha384);
  }
  const auto sha512 = sha512_of(message);
  return sha512 && text == "sha512:" + encode_hex(*sha512);
}

Objection check_target(const Read& read, const ArtifactView& artifact, const Annotations& required) {
  const auto target = parse_notation_payload(davit::as_text(read.envelope.payload));
  if (!target) return complaint_of(target.error());
  if (!is_digest_of(target->digest, artifact)) return Refused{Refusal::wrong_subject, "it is about " + printable(target->digest)};
  if (target->size != artifact.size)
    return Refused{Refusal::wrong_subject,
                   "it says that the content has " + std::to_string(target->size) + " bytes, not " + std::to_string(artifact.size)};
  // The media type of a file is the signer's choice; that of a manifest is part of what it is.
  if (!artifact.is_file && target->media_type != artifact.media_type)
    return Refused{Refusal::wrong_subject,
                   "it is about the media type \"" + printable(target->media_type) + "\", not " + artifact.media_type};
  for (const auto& [key, value] : required) {
    const auto found = target->annotations.find(key);
    if (found == target->annotations.end() || found->second != value)
      return Refused{Refusal::wrong_subject, "the signer did not say " + printable(key) + "=" + printable(value)};
  }
  return {};
}

bool is_trusted_name(const Certificate& leaf, const NotationTrust& trust) {
  if (trust.statement.any_identity) return true;
  const NameAttributes subject = subject_of_rule(leaf);
  if (std::ranges::any_of(trust.statement.identities, [&](const NameAttributes& rule) { return is_contained(rule, subject); })) return true;
  return std::ranges::any_of(trust.names, [&](const IdentityRule& rule) {
    return rule.extensions.empty() && rule.name.matches(leaf.subject_name()) && rule.issuer.matches(leaf.issuer_name());
  });
}

Objection check_authenticity(const Read& read, const NotationTrust& trust) {
  const bool authority = read.envelope.scheme == SigningScheme::signing_authority;
  const auto& trusted = authority ? trust.signing_authorities : trust.authorities;
  const bool known = std::ranges::any_of(read.chain, [&](const Certificate& c) { return std::ranges::find(trusted, c) != trusted.end(); });
  if (!known)
    return Refused{Refusal::untrusted_chain, std::string("no certificate of its chain stands in a trust store for ") +
                                                 (authority ? "signing authorities" : "certificate authorities")};
  if (is_trusted_name(read.chain.front(), trust)) return {};
  return Refused{Refusal::wrong_identity, "it is signed as \"" + printable(read.chain.front().subject_name()) + "\", who is not trusted"};
}

Objection check_expiry(const Read& read, std::int64_t now) {
  if (!read.envelope.expiry || now < *read.envelope.expiry) return {};
  return Refused{Refusal::expired, "the signature expired at " + write_time(*read.envelope.expiry)};
}

// Every certificate must have been valid from `earliest` to `latest`.
Objection check_validity(const Read& read, std::int64_t earliest, std::int64_t latest) {
  for (const Certificate& certificate : read.chain) {
    if (certificate.is_valid_at(earliest) && certificate.is_valid_at(latest)) continue;
    return Refused{Refusal::expired, "the certificate \"" + printable(certificate.subject_name()) + "\" was not valid at " +
                                         write_time(certificate.is_valid_at(earliest) ? latest : earliest) + ", only from " +
                                         write_time(certificate.not_before()) + " to " + write_time(certificate.not_after())};
  }
  return {};
}

bool asks_for_timestamp(const Read& read, const NotationTrust& trust, std::int64_t now) {
  if (!trust.names_timestamp_store) return false;
  if (!trust.statement.timestamps_only_after_expiry) return true;
  return std::ranges::any_of(read.chain, [&](const Certificate& c) { return now > c.not_after(); });
}

Objection check_timestamp(const Read& read, const NotationTrust& trust, std::int64_t now, Finding& finding) {
  if (read.envelope.timestamp_token.empty())
    return Refused{Refusal::not_timestamped, "it has no timestamp, and the trust policy asks for one"};
  const auto stamp = check_countersignature(read.envelope.timestamp_token, read.envelope.signature, trust.timestamp_authorities);
  if (!stamp) return Refused{Refusal::not_timestamped, "its timestamp is not accepted: " + stamp.error().message};
  // The time may be off by what the authority says: what may have been is not "not yet".
  if (stamp->earliest > now + k_clock_tolerance_seconds)
    return Refused{Refusal::not_timestamped, "its timestamp is of a time that is not yet"};
  if (auto invalid = check_validity(read, stamp->earliest, stamp->latest)) return invalid;
  const RevocationAnswer answer = check_revocation(stamp->chain, trust.revocation.get(), now);
  if (answer.state != RevocationState::good) return Refused{Refusal::not_timestamped, "its timestamp is not accepted: " + answer.reason};
  finding.times.push_back({.seconds = stamp->time, .source = "timestamp authority " + stamp->chain.front().subject_name()});
  return {};
}

Objection check_time(const Read& read, const NotationTrust& trust, std::int64_t now, Finding& finding) {
  if (read.envelope.scheme == SigningScheme::signing_authority) {
    if (read.envelope.signing_time > now + k_clock_tolerance_seconds)
      return Refused{Refusal::expired, "it says that it was made at " + write_time(read.envelope.signing_time) + ", which is not yet"};
    if (auto invalid = check_validity(read, read.envelope.signing_time, read.envelope.signing_time)) return invalid;
    finding.times.push_back({.seconds = read.envelope.signing_time, .source = "signing authority " + read.chain.front().subject_name()});
    return {};
  }
  if (asks_for_timestamp(read, trust, now)) return check_timestamp(read, trust, now, finding);
  return check_validity(read, now, now);
}

Objection check_revoked(const Read& read, const NotationTrust& trust, std::int64_t now) {
  RevocationAnswer answer = check_revocation(read.chain, trust.revocation.get(), now);
  if (answer.state == RevocationState::good) return {};
  // What cannot be asked is not known to be taken back; it is a chain that cannot be trusted.
  const bool revoked = answer.state == RevocationState::revoked;
  return Refused{revoked ? Refusal::revoked : Refusal::untrusted_chain, std::move(answer.reason)};
}

// True when the judging must stop: the complaint is enforced.
bool refuses(const Objection& complaint, CheckAction action, Finding& finding) {
  if (!complaint) return false;
  if (action == CheckAction::log) {
    finding.warnings.push_back(complaint->reason + "; the trust policy lets it pass");
    return false;
  }
  finding.refusal = complaint->refusal;
  finding.reason = complaint->reason;
  return true;
}

bool must_be_refused(const Read& read, const ArtifactView& artifact, const NotationTrust& trust, std::int64_t now, Finding& finding) {
  const CheckActions& actions = trust.statement.actions;
  if (refuses(check_integrity(read), CheckAction::enforce, finding)) return true;
  if (refuses(check_target(read, artifact, trust.required_metadata), CheckAction::enforce, finding)) return true;
  const Objection authenticity = check_authenticity(read, trust);
  if (refuses(authenticity, actions.authenticity, finding)) return true;
  // Who signed is only said where it was established.
  if (!authenticity) finding.signer = read.chain.front().subject_name();
  if (refuses(check_expiry(read, now), actions.expiry, finding)) return true;
  if (refuses(check_time(read, trust, now, finding), actions.timestamp, finding)) return true;
  if (actions.revocation == CheckAction::skip) return false;
  return refuses(check_revoked(read, trust, now), actions.revocation, finding);
}

}  // namespace

NotationTrust trust_in_chain(std::vector<Certificate> authorities, std::vector<IdentityRule> names) {
  NotationTrust trust{.authorities = std::move(authorities), .names = std::move(names)};
  trust.statement.name = "certificate chain";
  trust.statement.any_identity = trust.names.empty();
  return trust;
}

Finding judge_notation(ByteView envelope, std::string_view media_type, const ArtifactView& artifact, const NotationTrust& trust,
                       std::int64_t now) {
  Finding finding{.format = notation_format_of(media_type).value_or(SignatureFormat::notation_jws)};
  const auto read = read_envelope(envelope, media_type);
  if (!read) {
    Refused complaint = complaint_of(read.error());
    finding.refusal = complaint.refusal;
    finding.reason = std::move(complaint.reason);
    return finding;
  }
  finding.certificate = identity_of(read->chain.front());
  if (trust.statement.skips) {
    finding.refusal = Refusal::unsupported;
    finding.reason =
        "the statement \"" + printable(trust.statement.name) + "\" of the trust policy skips verification, which proves nothing";
    return finding;
  }
  if (must_be_refused(*read, artifact, trust, now, finding)) {
    finding.signer.clear();
    finding.times.clear();
    return finding;
  }
  finding.verified = true;
  finding.reason = finding.signer.empty() ? "the signature is whole; the trust policy only logs who made it" : "signed by";
  return finding;
}

}  // namespace davit::oci
