#include "oci/trust/signer.hpp"

#include <set>

#include "manifests/image_manifest.hpp"
#include "oci/trust/sign_bundle.hpp"
#include "oci/trust/sign_classic.hpp"

namespace davit::oci {
namespace {

Result<void> require_sha256(const Descriptor& subject) {
  if (subject.digest.algorithm() == DigestAlgorithm::sha256) return {};
  return fail(ErrorCode::unsupported, "only sha256 digests can be signed, and this is " + subject.digest.text());
}

Error other_form(SignatureFormat format) {
  return fail(ErrorCode::unsupported, "a signature of the form \"" + std::string(to_text(format)) + "\" is not written here");
}

}  // namespace

Statement make_statement(const Digest& subject, const std::string& name, std::string predicate_type, Json predicate) {
  return {.subjects = {{.name = name, .digests = {{std::string(subject.algorithm_name()), subject.hex()}}}},
          .predicate_type = std::move(predicate_type),
          .predicate = std::move(predicate)};
}

Result<std::vector<PreparedEntry>> prepare_signatures(Repository& repository, const Descriptor& subject, const SigstoreSigner& signer,
                                                      const SigningRequest& request) {
  TRY(require_sha256(subject));
  std::vector<PreparedEntry> prepared;
  for (const SignatureFormat format : request.formats) {
    if (format == SignatureFormat::bundle) {
      Statement statement = make_statement(subject.digest, "", std::string(k_signature_predicate), JsonObject{});
      statement.subjects.front().annotations = request.annotations;
      TRY_ASSIGN(PreparedEntry entry, prepare_bundle(repository, subject, statement, signer, request.created));
      prepared.push_back(std::move(entry));
    } else if (format == SignatureFormat::classic) {
      TRY_ASSIGN(PreparedEntry entry, prepare_classic_signature(repository, subject, request.identity, request.annotations, signer));
      prepared.push_back(std::move(entry));
    } else {
      return other_form(format);
    }
  }
  return prepared;
}

Result<std::vector<PreparedEntry>> prepare_attestations(Repository& repository, const Descriptor& subject, const Statement& statement,
                                                        const SigstoreSigner& signer, const SigningRequest& request) {
  TRY(require_sha256(subject));
  std::vector<PreparedEntry> prepared;
  for (const SignatureFormat format : request.formats) {
    if (format != SignatureFormat::bundle && format != SignatureFormat::classic) return other_form(format);
    TRY_ASSIGN(PreparedEntry entry, format == SignatureFormat::bundle
                                        ? prepare_bundle(repository, subject, statement, signer, request.created)
                                        : prepare_classic_attestation(repository, subject, statement, signer));
    prepared.push_back(std::move(entry));
  }
  return prepared;
}

Result<std::vector<SignatureEntry>> store_entries(Repository& repository, const std::vector<PreparedEntry>& prepared) {
  std::vector<SignatureEntry> entries;
  for (const PreparedEntry& store : prepared) {
    TRY_ASSIGN(SignatureEntry entry, store(repository));
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<std::vector<SignatureEntry>> sign_manifest(Repository& repository, const Descriptor& subject, const SigstoreSigner& signer,
                                                  const SigningRequest& request) {
  TRY_ASSIGN(const auto prepared, prepare_signatures(repository, subject, signer, request));
  return store_entries(repository, prepared);
}

Result<std::vector<SignatureEntry>> sign_manifest(Repository& repository, const Descriptor& subject, const SigningKey& key,
                                                  const SigningRequest& request) {
  return sign_manifest(repository, subject, KeySigner(key), request);
}

Result<std::vector<SignatureEntry>> attest_manifest(Repository& repository, const Descriptor& subject, const Statement& statement,
                                                    const SigstoreSigner& signer, const SigningRequest& request) {
  TRY_ASSIGN(const auto prepared, prepare_attestations(repository, subject, statement, signer, request));
  return store_entries(repository, prepared);
}

Result<std::string> sign_file(const SignedMessageView& file, const SigningKey& key) {
  TRY_ASSIGN(const Bundle bundle, KeySigner(key).sign_file(file));
  return write_bundle(bundle);
}

Result<std::vector<Descriptor>> with_all_manifests(Repository& repository, const Descriptor& subject) {
  std::vector<Descriptor> all{subject};
  std::set<std::string> seen{subject.digest.text()};
  // Breadth first over a list that grows: each manifest once, so that an index that holds itself ends too.
  for (std::size_t at = 0; at < all.size(); ++at) {
    TRY_ASSIGN(const RawManifest raw, repository.fetch_manifest(all[at].digest.text()));
    all[at] = raw.descriptor;
    TRY_ASSIGN(const Manifest manifest, parse_manifest(raw.bytes));
    const auto* index = std::get_if<ImageIndex>(&manifest);
    if (index == nullptr) continue;
    for (const Descriptor& child : index->manifests) {
      if (!seen.insert(child.digest.text()).second) continue;
      if (all.size() == k_max_signed_manifests) {
        return fail(ErrorCode::limit, subject.digest.text() + " holds more than " + std::to_string(k_max_signed_manifests) + " manifests");
      }
      all.push_back(child);
    }
  }
  return all;
}

}  // namespace davit::oci
