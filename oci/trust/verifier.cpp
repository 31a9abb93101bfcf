#include "oci/trust/verifier.hpp"

#include <algorithm>
#include <set>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "oci/trust/bundle.hpp"
#include "oci/trust/judge.hpp"

namespace davit::oci {
namespace {

// One look at one repository for one digest.
class Search {
 public:
  Search(Repository& repository, const Digest& subject, std::span<const PublicKey> keys, const VerifierOptions& options)
      : repository_(repository), subject_(subject), trust_{.keys = {keys.begin(), keys.end()}}, options_(options) {}

  Result<void> look_at_referrers();
  Result<void> look_at_classic_tag();
  std::vector<Finding>& findings() { return findings_; }
  // Set when a candidate could not be fetched: then "no signature was accepted" is not known to be true.
  std::optional<Error>& failure() { return failure_; }

 private:
  Result<void> count_one();
  Result<void> look_at_referrer(const Descriptor& referrer);
  Result<void> look_at_layer(const JsonView& layer, std::set<std::string>& seen);
  Result<std::optional<Descriptor>> find_bundle(const Descriptor& referrer);
  void note(SignatureFormat format, const Descriptor& candidate, const Error& error);
  void keep(Finding finding, const Descriptor& candidate) {
    finding.candidate = candidate.digest.text();
    findings_.push_back(std::move(finding));
  }

  Repository& repository_;
  const Digest& subject_;
  SigstoreTrust trust_;
  const VerifierOptions& options_;
  std::vector<Finding> findings_;
  std::optional<Error> failure_;
  std::size_t count_ = 0;
};

// Whether an error speaks of the candidate itself and not of the way to it.
bool is_about_content(const Error& error) {
  switch (error.code) {
    case ErrorCode::not_found:
    case ErrorCode::malformed:
    case ErrorCode::limit:
    case ErrorCode::mismatch:
    case ErrorCode::unsupported:
    case ErrorCode::untrusted: return true;
    case ErrorCode::internal:
    case ErrorCode::usage:
    case ErrorCode::io:
    case ErrorCode::denied:
    case ErrorCode::network:
    case ErrorCode::registry:
    case ErrorCode::conflict:
    case ErrorCode::capability_refused:
    case ErrorCode::unsigned_content: return false;
  }
  return false;
}

Result<Bytes> fetch_small_blob(Repository& repository, const Descriptor& blob, std::uint64_t limit) {
  // The size is a claim of whoever wrote the manifest: refused before anything is fetched or allocated.
  if (blob.size > limit) {
    return fail(ErrorCode::limit,
                "it is said to be " + std::to_string(blob.size) + " bytes long, over the limit of " + std::to_string(limit));
  }
  TRY_ASSIGN(const auto source, repository.open_blob(blob));
  TRY_ASSIGN(Bytes bytes, read_all(*source, limit));
  if (davit::digest_of(bytes) != blob.digest)
    return fail(ErrorCode::mismatch, "its content does not have the digest " + blob.digest.text());
  return bytes;
}

// A manifest by digest, as JSON; the bytes are compared with the digest once more because so much rests on them.
Result<Json> fetch_json(Repository& repository, const Digest& digest) {
  TRY_ASSIGN(const RawManifest manifest, repository.fetch_manifest(digest.text()));
  if (davit::digest_of(manifest.bytes) != digest)
    return fail(ErrorCode::mismatch, "its manifest does not have the digest " + digest.text());
  return parse_json(as_text(manifest.bytes), JsonLimits{});
}

Result<void> Search::count_one() {
  if (++count_ <= options_.max_signatures) return {};
  return fail(ErrorCode::limit,
              "there are more than " + std::to_string(options_.max_signatures) + " candidates for signatures of " + subject_.text())
      .hinting("raise the limit with --max-signatures, or remove what does not belong there");
}

void Search::note(SignatureFormat format, const Descriptor& candidate, const Error& error) {
  if (!is_about_content(error)) {
    if (!failure_) failure_ = error;
  }
  keep(Finding{.format = format, .reason = error.message}, candidate);
}

// Nothing when the manifest is no bundle; unknown referrers are none of our business.
Result<std::optional<Descriptor>> Search::find_bundle(const Descriptor& referrer) {
  TRY_ASSIGN(const Json json, fetch_json(repository_, referrer.digest));
  const JsonView view(json);
  const bool claims_bundle = is_bundle_media_type(referrer.artifact_type);
  const auto layers = view.find("layers");
  if (!layers) return claims_bundle ? Result<std::optional<Descriptor>>(view.complaint("has no layers")) : std::optional<Descriptor>{};
  TRY_ASSIGN(const auto items, layers->as_items());
  if (items.size() != 1) {
    if (!claims_bundle) return std::optional<Descriptor>{};
    return layers->complaint("has " + std::to_string(items.size()) + " layers, a bundle has exactly one");
  }
  TRY_ASSIGN(Descriptor layer, parse_descriptor(items.front()));
  if (is_bundle_media_type(layer.media_type)) return std::optional(std::move(layer));
  if (!claims_bundle) return std::optional<Descriptor>{};
  return layers->complaint("its layer is \"" + printable(layer.media_type) + "\", not a bundle");
}

Result<void> Search::look_at_referrer(const Descriptor& referrer) {
  TRY(count_one());
  if (referrer.size > k_max_manifest_bytes) {
    note(SignatureFormat::bundle, referrer,
         fail(ErrorCode::limit, "its manifest is said to be " + std::to_string(referrer.size) + " bytes long"));
    return {};
  }
  const auto layer = find_bundle(referrer);
  if (!layer) {
    note(SignatureFormat::bundle, referrer, layer.error());
    return {};
  }
  if (!*layer) return {};
  const auto bundle = fetch_small_blob(repository_, **layer, k_max_bundle_bytes);
  if (!bundle) {
    note(SignatureFormat::bundle, referrer, bundle.error());
    return {};
  }
  keep(judge_bundle(as_text(*bundle), signature_question(subject_, false), trust_), referrer);
  return {};
}

// The type in a listing is the registry's word, and some report that of the config. Only a type that says for sure
// that this is something else keeps a referrer from being looked at.
bool may_be_bundle(const Descriptor& referrer) {
  const std::string& type = referrer.artifact_type;
  if (type.empty() || type == media_type::k_oci_empty || is_bundle_media_type(type)) return true;
  return std::ranges::any_of(referrer.annotations, [](const auto& entry) { return entry.first.starts_with("dev.sigstore.bundle."); });
}

Result<void> Search::look_at_referrers() {
  // Not filtered by type at the store: registries that answer from the fallback tag may not know the types.
  TRY_ASSIGN(const auto referrers, repository_.list_referrers(subject_, ""));
  std::set<Digest> seen;
  for (const Descriptor& referrer : referrers) {
    if (!may_be_bundle(referrer)) continue;
    if (!seen.insert(referrer.digest).second) continue;
    TRY(look_at_referrer(referrer));
  }
  return {};
}

Result<void> Search::look_at_layer(const JsonView& layer, std::set<std::string>& seen) {
  TRY_ASSIGN(const Descriptor descriptor, parse_descriptor(layer));
  if (descriptor.media_type != k_simple_signing_media_type) return {};
  const auto signature = descriptor.annotations.find(std::string(k_classic_signature_annotation));
  const std::string text = signature == descriptor.annotations.end() ? "" : signature->second;
  if (!seen.insert(descriptor.digest.text() + " " + text).second) return {};
  TRY(count_one());
  if (signature == descriptor.annotations.end()) {
    note(SignatureFormat::classic, descriptor,
         fail(ErrorCode::malformed, "it has no annotation " + std::string(k_classic_signature_annotation)));
    return {};
  }
  const auto payload = fetch_small_blob(repository_, descriptor, k_max_payload_bytes);
  if (!payload) {
    note(SignatureFormat::classic, descriptor, payload.error());
    return {};
  }
  keep(judge_classic({.payload = *payload, .signature = text}, signature_question(subject_, false), trust_), descriptor);
  return {};
}

Result<void> Search::look_at_classic_tag() {
  const auto manifest = repository_.fetch_manifest(classic_signature_tag(subject_));
  if (!manifest && manifest.error().code == ErrorCode::not_found) return {};
  if (!manifest) return Error(manifest.error());
  const auto json = parse_json(as_text(manifest->bytes), JsonLimits{});
  const auto layers = json ? JsonView(*json).field("layers") : Result<JsonView>(Error(json.error()));
  const auto items = layers ? layers->as_items() : Result<std::vector<JsonView>>(Error(layers.error()));
  if (!items) {
    note(SignatureFormat::classic, manifest->descriptor, items.error());
    return {};
  }
  std::set<std::string> seen;
  for (const JsonView& item : *items) {
    auto looked = look_at_layer(item, seen);
    if (looked) continue;
    if (looked.error().code == ErrorCode::limit) return looked;
    note(SignatureFormat::classic, manifest->descriptor, looked.error());
  }
  return {};
}

}  // namespace

std::string classic_signature_tag(const Digest& digest) { return std::string(digest.algorithm_name()) + "-" + digest.hex() + ".sig"; }

Error refusal(const Verification& verification) {
  const std::string name = verification.subject.digest.text();
  if (verification.findings.empty()) {
    return fail(ErrorCode::unsigned_content, name + " is not signed").hinting("sign it with \"davit sign REF --key KEY\"");
  }
  const std::size_t count = verification.findings.size();
  const std::string head = count == 1 ? "the signature of " + name + " is not accepted: "
                                      : "none of the " + std::to_string(count) + " signatures of " + name + " is accepted; the first: ";
  return fail(ErrorCode::untrusted, head + verification.findings.front().reason);
}

Result<Verifier> Verifier::make(std::vector<PublicKey> keys, VerifierOptions options) {
  if (keys.empty())
    return fail(ErrorCode::usage, "no key was given to verify with").hinting("name the signer's public key with --key FILE");
  return Verifier(std::move(keys), options);
}

Result<Verification> Verifier::verify(Repository& repository, const std::string& tag_or_digest) const {
  TRY_ASSIGN(const Descriptor subject, repository.resolve(tag_or_digest));
  if (subject.digest.algorithm() != DigestAlgorithm::sha256) {
    return fail(ErrorCode::unsupported, "signatures are about sha256 digests, and this is " + subject.digest.text());
  }
  Verification verification{.subject = subject};
  Search search(repository, verification.subject.digest, keys_, options_);
  // Both places are asked even when one fails: an accepted signature is one wherever it lies.
  const Result<void> referrers = options_.bundles ? search.look_at_referrers() : Result<void>{};
  const Result<void> classic = options_.classic ? search.look_at_classic_tag() : Result<void>{};
  verification.findings = std::move(search.findings());
  if (std::ranges::any_of(verification.findings, &Finding::verified)) {
    verification.proof = Verified(subject);
    return verification;
  }
  if (!referrers) return Error(referrers.error()).during("looking for signatures of " + subject.digest.text());
  if (!classic) return Error(classic.error()).during("looking for signatures of " + subject.digest.text());
  if (search.failure()) return Error(*search.failure()).during("fetching a signature of " + subject.digest.text());
  return verification;
}

Verification Verifier::verify_file(const Descriptor& file, std::string_view bundle) const {
  Verification verification{.subject = file};
  verification.findings.push_back(judge_bundle(bundle, signature_question(file.digest, true), {.keys = keys_}));
  verification.findings.front().candidate = davit::digest_of(bundle).text();
  if (verification.findings.front().verified) verification.proof = Verified(file);
  return verification;
}

}  // namespace davit::oci
