#include "cli/commands/commands.hpp"
#include "cli/key_source.hpp"
#include "cli/stores.hpp"
#include "cli/trust.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

constexpr std::uint64_t k_max_signed_file_bytes = std::uint64_t{16} << 30;

struct SignOptions {
  std::string target{};
  std::string key{};
  std::string format = "bundle";
  std::string bundle{};
  KeyAccess access{};
};

Result<int> sign_file_target(const Context& context, const SignOptions& options, const FileReference& file) {
  if (options.bundle.empty()) {
    return fail(ErrorCode::usage, "\"" + file.path + "\" is a file, and its signature needs a file to go to").hinting("add --bundle FILE");
  }
  TRY_ASSIGN(const oci::HashedFile hashed, oci::hash_file(file.path, k_max_signed_file_bytes));
  TRY_ASSIGN(const auto key, load_signing_key(context, options.key, options.access));
  TRY_ASSIGN(const std::string bundle, oci::sign_file({.sha256 = hashed.digest}, *key));
  TRY(oci::write_file(options.bundle, as_bytes(bundle + "\n")));
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"digest", hashed.digest.text()}, {"bundle", options.bundle}, {"signer", key->public_key().name()}}));
    return 0;
  }
  TRY(context.print(options.bundle + "\n"));
  return 0;
}

Json entries_json(const std::vector<oci::SignatureEntry>& entries) {
  JsonArray out;
  for (const oci::SignatureEntry& entry : entries) {
    out.emplace_back(JsonObject{{"format", to_text(entry.format)}, {"manifest", entry.manifest.text()}, {"added", entry.added}});
  }
  return out;
}

Result<int> sign_store_target(Context& context, const SignOptions& options, const Reference& reference) {
  if (!options.bundle.empty()) return fail(ErrorCode::usage, "--bundle is for files; the signature of a reference goes into its store");
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::write));
  // Resolved once, and by its bytes: everything after this is about the digest, wherever the tag moves meanwhile.
  TRY_ASSIGN(const oci::RawManifest manifest, repository->fetch_manifest(selector_of(reference)));
  TRY_ASSIGN(const auto key, load_signing_key(context, options.key, options.access));
  TRY_ASSIGN(const auto entries, sign_in_store(context, *repository, reference, manifest.descriptor, *key, options.format));
  TRY(repository->flush());
  const std::string name = to_text(with_digest(reference, manifest.descriptor.digest));
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"reference", name},
                                      {"digest", manifest.descriptor.digest.text()},
                                      {"signer", key->public_key().name()},
                                      {"signatures", entries_json(entries)}}));
    return 0;
  }
  TRY(context.print(name + "\n"));
  return 0;
}

Result<int> run_sign(Context& context, const SignOptions& options) {
  TRY_ASSIGN(const Reference reference, parse_reference(options.target));
  if (const auto* file = std::get_if<FileReference>(&reference)) return sign_file_target(context, options, *file);
  return sign_store_target(context, options, reference);
}

}  // namespace

Command make_sign_command() {
  const auto options = std::make_shared<SignOptions>();  // shared by the option targets and the run function
  return {
      .name = "sign",
      .summary = "sign an artifact where it is stored",
      .description =
          "Signs the digest that REF names now and prints it. The signature goes into the same repository: as a Sigstore bundle in a "
          "referrer "
          "(the default, read by cosign 3), in the classic form of older cosign at the tag sha256-….sig, or both. "
          "Other signers' entries are kept; a key that has signed already does not sign again.\n\n"
          "A FILE is signed into a bundle file beside it (--bundle).\n\n"
          "The password of the key comes from --password-fd, from DAVIT_PASSWORD or COSIGN_PASSWORD, or from the terminal.",
      .arguments = {{"REF", "what to sign: a store reference, or a file with --bundle", &options->target, true, ValueKind::reference}},
      .options = with_key_access(
          {{"--key", "FILE", "private key, as davit or cosign writes it", &options->key, ValueKind::file, {}, true},
           {"--signature-format", "FORM", "where the signature goes", &options->format, ValueKind::word, {"bundle", "classic", "both"}},
           {"--bundle", "FILE", "for a file: where its signature is written", &options->bundle, ValueKind::file}},
          options->access),
      .examples = {{"davit sign registry.example.com/team/app:v1 --key davit.key", "a bundle beside the artifact"},
                   {"davit sign oci:build/app:v1 --key davit.key --signature-format both", "in an image layout, for cosign of any age"},
                   {"davit sign app.wasm --bundle app.wasm.sigstore.json --key davit.key", "a file"}},
      .exit_statuses = {4, 5, 6, 7, 8, 12, 13},
      .uses_registry = true,
      .run = [options](Context& context) { return run_sign(context, *options); },
  };
}

}  // namespace davit::cli
