#include "oci/trust/verifier.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "oci/trust/demands.hpp"
#include "oci/trust/notation/judge.hpp"

namespace davit::oci {
namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;  // clang 14 deduces none for aggregates

Finding detached_finding(const DetachedSignature& detached, const ArtifactView& file, const SigstoreTrust& trust) {
  Finding finding{.format = SignatureFormat::classic, .candidate = davit::digest_of(detached.signature).text()};
  const auto signer =
      std::ranges::find_if(trust.keys, [&](const PublicKey& key) { return key.verifies(file.message, detached.signature); });
  finding.verified = signer != trust.keys.end();
  finding.refusal = finding.verified ? Refusal::none : Refusal::wrong_key;
  finding.reason = finding.verified ? "signed with the given key" : "it is no signature of this file with a given key";
  if (finding.verified) finding.signer = signer->name();
  return finding;
}

Finding unreadable_finding(const Unreadable& unreadable) { return {.refusal = unreadable.refusal, .reason = unreadable.reason}; }

Error unusable(std::string message) { return fail(ErrorCode::usage, std::move(message)); }

bool names_somebody(const TrustPlan& plan, const std::vector<std::string>& names) {
  return std::ranges::any_of(names,
                             [&](const std::string& name) { return std::ranges::count(plan.signers, name, &TrustedSigner::name) != 0; });
}

}  // namespace

Error refusal(const Verification& verification) {
  const std::string name = verification.digest.text();
  if (verification.findings.empty()) {
    return fail(ErrorCode::unsigned_content, name + " is not signed").hinting("sign it with \"davit sign REF --key KEY\"");
  }
  const auto other = std::ranges::find_if(verification.decision.parts,
                                          [](const Decision& part) { return !part.passed && part.code != ErrorCode::untrusted; });
  if (other != verification.decision.parts.end()) return fail(other->code, name + " is not accepted: " + other->text);
  const auto refused = std::ranges::find(verification.findings, false, &Finding::verified);
  if (refused == verification.findings.end()) {
    const auto unmet = std::ranges::find(verification.decision.parts, false, &Decision::passed);
    return fail(ErrorCode::untrusted,
                name + " is not accepted: " + (unmet == verification.decision.parts.end() ? verification.decision.text : unmet->text));
  }
  const std::size_t count = verification.findings.size();
  const bool some = std::ranges::any_of(verification.findings, &Finding::verified);
  const std::string head = count == 1 ? "the signature of " + name + " is not accepted: "
                           : some     ? "the signatures of " + name + " do not suffice; one that is not accepted: "
                                      : "none of the " + std::to_string(count) + " signatures of " + name + " is accepted; the first: ";
  return fail(ErrorCode::untrusted, head + refused->reason);
}

TrustPlan plan_for_keys(std::vector<PublicKey> keys) {
  TrustPlan plan;
  SignatureDemand demand;
  for (PublicKey& key : keys) {
    std::string name = key.name();
    if (std::ranges::count(demand.signers, name) != 0) continue;
    plan.signers.push_back({.name = name, .keys = {std::move(key)}});
    demand.signers.push_back(std::move(name));
  }
  if (!demand.signers.empty()) plan.signatures.push_back(std::move(demand));
  return plan;
}

Result<Verifier> Verifier::make(TrustPlan plan, VerifierOptions options) {
  if (plan.signers.empty()) {
    return unusable("no key, identity or policy was given to verify with")
        .hinting(
            "name the signer's public key with --key FILE, or an identity with --certificate-identity and "
            "--certificate-oidc-issuer, or a policy with --policy FILE");
  }
  if (plan.signatures.empty() && plan.attestations.empty()) return unusable("nothing was asked for that an artifact would have to have");
  const auto is_empty = [&](const auto& demand) { return demand.threshold == 0 || !names_somebody(plan, demand.signers); };
  if (std::ranges::any_of(plan.signatures, is_empty) || std::ranges::any_of(plan.attestations, is_empty)) {
    return unusable("a demand names no signer or asks for none");
  }
  for (const TrustedSigner& signer : plan.signers) {
    plan.sigstore.keys.insert(plan.sigstore.keys.end(), signer.keys.begin(), signer.keys.end());
    plan.sigstore.identities.insert(plan.sigstore.identities.end(), signer.identities.begin(), signer.identities.end());
  }
  return Verifier(std::move(plan), std::move(options));
}

Result<Verifier> Verifier::make(std::vector<PublicKey> keys, VerifierOptions options) {
  return make(plan_for_keys(std::move(keys)), std::move(options));
}

Finding Verifier::judge(const Candidate& candidate, const Question& question) const {
  Finding finding =
      std::visit(Overloaded{[&](const BundleText& bundle) { return judge_bundle(as_text(bundle.text), question, plan_.sigstore); },
                            [&](const ClassicLayer& layer) {
                              ClassicEntry entry = layer.entry;
                              entry.payload = layer.payload;
                              return judge_classic(entry, question, plan_.sigstore);
                            },
                            [&](const NotationEnvelope& envelope) { return judge_by_signers(envelope, question.artifact); },
                            [](const Unreadable& unreadable) { return unreadable_finding(unreadable); }},
                 candidate.content);
  finding.format = candidate.format;
  finding.candidate = candidate.digest;
  return finding;
}

// The first signer whose trust accepts it; else why the last one does not.
Finding Verifier::judge_by_signers(const NotationEnvelope& envelope, const ArtifactView& artifact) const {
  Finding finding{.refusal = Refusal::wrong_identity,
                  .reason = "no certificate authority or trust policy was given for signatures of this form"};
  for (const TrustedSigner& signer : plan_.signers) {
    if (!signer.notation) continue;
    finding = judge_notation(envelope.envelope, envelope.media_type, artifact, *signer.notation, plan_.sigstore.now);
    if (!finding.verified) continue;
    finding.accepted_by = {signer.name};
    return finding;
  }
  return finding;
}

void Verifier::keep(Verification& verification, Finding finding) const {
  hold_against(plan_, finding);
  verification.findings.push_back(std::move(finding));
}

void Verifier::decide(Verification& verification) const { verification.decision = answer_demands(plan_, verification.findings); }

SearchOptions Verifier::search_options() const {
  return {.max_candidates = options_.max_signatures,
          .referrers = options_.bundles,
          .signature_tag = options_.classic && !plan_.signatures.empty(),
          .attestation_tag = options_.classic && !plan_.attestations.empty(),
          .at_once = options_.at_once};
}

Result<Verification> Verifier::verify(Repository& repository, const std::string& tag_or_digest) const {
  const Asked<Descriptor> subject(false, [&] { return repository.resolve(tag_or_digest); });
  const auto named = Digest::parse(tag_or_digest);
  if (!named && !subject.answer()) return Error(subject.answer().error());
  const Digest digest = named ? *named : subject.answer()->digest;
  if (digest.algorithm() != DigestAlgorithm::sha256) {
    return fail(ErrorCode::unsupported, "signatures are about sha256 digests, and this is " + digest.text());
  }
  const CandidateSearch search(repository, digest, search_options());
  Verification verification{.digest = digest};
  std::optional<Error> unknown;
  auto places = search.run([&](const Candidate& candidate) {
    Question question = signature_question(digest, false);
    question.any_predicate = true;  // what it is, and whether that was asked for, is decided in demands.cpp
    if (std::holds_alternative<NotationEnvelope>(candidate.content)) {
      const Result<Descriptor>& described = subject.answer();
      if (!described) {
        unknown = described.error();
        return;
      }
      question.artifact.size = described->size;
      question.artifact.media_type = described->media_type;
    }
    keep(verification, judge(candidate, question));
  });
  if (!places) return std::move(places).error();
  if (unknown) return *std::move(unknown);
  verification.places = *std::move(places);
  decide(verification);
  if (verification.decision.passed && options_.content_check) {
    TRY_ASSIGN(Decision content, options_.content_check(digest));
    verification.decision.passed = content.passed;
    verification.decision.parts.push_back(std::move(content));
  }
  if (verification.decision.passed) {
    verification.proof = Verified(digest);
    return verification;
  }
  // Not accepted, but then every place must have been asked: what could not be read might have been the signature.
  const auto failed = std::ranges::find_if(verification.places, [](const PlaceAsked& place) { return place.failure.has_value(); });
  if (failed != verification.places.end()) {
    return Error(*failed->failure).during("looking for signatures of " + digest.text() + " in the " + failed->name);
  }
  if (verification.findings.empty() && !subject.answer()) return Error(subject.answer().error());
  return verification;
}

Verification Verifier::verify_file(const ArtifactView& file, const std::vector<FileSignature>& signatures) const {
  Verification verification{.digest = file.digest};
  Question question{.artifact = file};
  question.any_predicate = true;
  for (const FileSignature& signature : signatures) {
    if (const auto* bundle = std::get_if<BundleText>(&signature)) {
      keep(verification, judge({.digest = davit::digest_of(bundle->text).text(), .content = *bundle}, question));
    } else if (const auto* detached = std::get_if<DetachedSignature>(&signature)) {
      keep(verification, detached_finding(*detached, file, plan_.sigstore));
    } else if (const auto* wasm = std::get_if<WasmSignature>(&signature)) {
      Finding finding = judge_wasm_signature(*wasm, plan_.sigstore.keys);
      finding.candidate = davit::digest_of(wasm->signature).text();
      keep(verification, std::move(finding));
    } else {
      const auto& envelope = std::get<NotationEnvelope>(signature);
      keep(verification, judge({.digest = davit::digest_of(envelope.envelope).text(), .content = envelope}, question));
    }
  }
  decide(verification);
  if (verification.decision.passed) verification.proof = Verified(verification.digest);
  return verification;
}

}  // namespace davit::oci
