// `sign REF`: the digest that the reference names now, and with --recursive all that an index holds.
#include "cli/artifact.hpp"
#include "cli/sign/sign_words.hpp"
#include "cli/stores.hpp"

namespace davit::cli {
namespace {

struct Signed {
  Descriptor subject;
  std::string signer;
  oci::SignatureEntry entry;
};

Json entry_json(const Signed& each) {
  return JsonObject{{"format", to_text(each.entry.format)},
                    {"manifest", each.entry.manifest.text()},
                    {"added", each.entry.added},
                    {"signer", each.signer},
                    {"subject", each.subject.digest.text()}};
}

Result<void> refuse_file_words(const SignWords& words) {
  if (!words.bundle.empty()) return fail(ErrorCode::usage, "--bundle is for files; the signature of a reference goes into its store");
  if (!words.output_signature.empty()) {
    return fail(ErrorCode::usage, "--output-signature is for files; the signature of a reference goes into its store");
  }
  if (words.format == "wasm" || !words.output.empty() || !words.detached.empty()) {
    return fail(ErrorCode::usage, "a signature inside the module is made in a file, not in a store")
        .hinting("sign the file with --signature-format wasm and push the signed copy");
  }
  return {};
}

struct Prepared {
  Descriptor subject;
  std::string signer;
  bool with_key = true;
  std::vector<oci::PreparedEntry> entries;
};

Result<Prepared> prepare_one(oci::Repository& repository, const Descriptor& subject, const oci::SigstoreSigner& signer,
                             const oci::SigningRequest& request) {
  auto entries = oci::prepare_signatures(repository, subject, signer, request);
  if (!entries) return std::move(entries).error().during("signing " + subject.digest.text());
  return Prepared{subject, signer.name(), signer.public_key() != nullptr, *std::move(entries)};
}

Result<std::vector<oci::SignatureEntry>> store_one(const Context& context, oci::Repository& repository, const Prepared& prepared) {
  auto entries = oci::store_entries(repository, prepared.entries);
  if (!entries) return std::move(entries).error().during("signing " + prepared.subject.digest.text());
  for (const oci::SignatureEntry& entry : *entries) {
    context.say(std::string(entry.added ? "signed " : "already signed ") + prepared.subject.digest.text() + " (" +
                std::string(to_text(entry.format)) + ") " + (prepared.with_key ? "with key " : "as ") + prepared.signer);
  }
  return entries;
}

Result<std::vector<Prepared>> prepare_all(oci::Repository& repository, const std::vector<Descriptor>& subjects, const Signers& signers,
                                          const oci::SigningRequest& request) {
  std::vector<Prepared> prepared;
  for (const Descriptor& subject : subjects) {
    for (const auto& signer : signers.all()) {
      TRY_ASSIGN(Prepared one, prepare_one(repository, subject, *signer, request));
      prepared.push_back(std::move(one));
    }
  }
  return prepared;
}

// Takes the signers over: their keys are gone from memory before anything is stored.
Result<std::vector<Signed>> sign_all(const Context& context, oci::Repository& repository, const std::vector<Descriptor>& subjects,
                                     Signers signers, const oci::SigningRequest& request) {
  std::vector<Prepared> prepared;
  {
    const Signers used = std::move(signers);
    TRY_ASSIGN(prepared, prepare_all(repository, subjects, used, request));
  }
  std::vector<Signed> done;
  for (const Prepared& one : prepared) {
    TRY_ASSIGN(const auto entries, store_one(context, repository, one));
    for (const oci::SignatureEntry& entry : entries) done.push_back({one.subject, one.signer, entry});
  }
  return done;
}

}  // namespace

std::string signing_identity(const Reference& reference) {
  const auto* remote = std::get_if<RegistryReference>(&reference);
  // A local layout has no name that means anything elsewhere, and paths do not belong into artifacts.
  return remote == nullptr ? "" : remote->host + "/" + remote->repository;
}

Result<std::vector<oci::SignatureEntry>> sign_in_store(const Context& context, oci::Repository& repository, const Reference& reference,
                                                       const Descriptor& subject, std::unique_ptr<oci::SigningKey> key,
                                                       const std::string& format) {
  oci::SigningRequest request{.identity = signing_identity(reference), .formats = formats_of(format)};
  TRY_ASSIGN(request.created, created_time(context));
  TRY_ASSIGN(const Prepared prepared, prepare_one(repository, subject, oci::KeySigner(*key), request));
  key.reset();
  return store_one(context, repository, prepared);
}

Result<int> sign_store_target(Context& context, const SignWords& words, const Reference& reference) {
  TRY(refuse_file_words(words));
  oci::SigningRequest request{.identity = signing_identity(reference), .formats = formats_of(words.format)};
  TRY_ASSIGN(request.annotations, parse_annotation_words(words.annotations));
  TRY_ASSIGN(request.created, created_time(context));
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::write));
  // Resolved once, and by its bytes: everything after this is about the digest, wherever the tag moves meanwhile.
  TRY_ASSIGN(const oci::RawManifest manifest, repository->fetch_manifest(selector_of(reference)));
  TRY_ASSIGN(Signers signers, load_signers(context, words.keys, words.access, words.witness));
  std::vector<Descriptor> subjects{manifest.descriptor};
  if (words.recursive) {
    TRY_ASSIGN(subjects, oci::with_all_manifests(*repository, manifest.descriptor));
  }
  TRY_ASSIGN(const auto done, sign_all(context, *repository, subjects, std::move(signers), request));
  TRY(repository->flush());
  const std::string name = to_text(with_digest(reference, manifest.descriptor.digest));
  if (!context.common.json) {
    TRY(context.print(name + "\n"));
    return 0;
  }
  JsonArray signatures;
  for (const Signed& each : done) signatures.push_back(entry_json(each));
  TRY(context.print_json(JsonObject{{"reference", name},
                                    {"digest", manifest.descriptor.digest.text()},
                                    {"signer", done.front().signer},
                                    {"signatures", std::move(signatures)}}));
  return 0;
}

}  // namespace davit::cli
