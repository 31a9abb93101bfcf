#include "cli/commands/commands.hpp"
#include "cli/stores.hpp"
#include "cli/trust.hpp"
#include "manifests/image_manifest.hpp"
#include "manifests/media_type.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/bundle.hpp"

namespace davit::cli {
namespace {

constexpr std::uint64_t k_max_verified_file_bytes = std::uint64_t{16} << 30;

struct VerifyOptions {
  std::string target{};
  std::vector<std::string> keys{};
  std::string bundle{};
  std::uint64_t max_signatures = 100;
};

// The classes that the signed manifest announces; the signature covers them.
Result<JsonObject> announced_capabilities(oci::Repository& repository, const oci::Verified& verified) {
  TRY_ASSIGN(const oci::RawManifest raw, repository.fetch_manifest(verified.subject().digest.text()));
  TRY_ASSIGN(const Manifest manifest, parse_manifest(raw.bytes));
  const Annotations& annotations = annotations_of(manifest);
  const auto found = annotations.find(std::string(annotation::k_capabilities));
  JsonObject out;
  if (found == annotations.end()) return out;
  std::vector<std::string> classes;
  std::string_view rest = found->second;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(", "), rest.size());
    if (end > 0) classes.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  out.set("classes", Json::strings(classes));
  return out;
}

// Shows a verification; its refusal becomes the error, after the findings were shown.
Result<int> show(const Context& context, const oci::Verification& verification, const std::string& name, JsonObject capabilities) {
  say_findings(context, verification);
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"digest", verification.subject.digest.text()},
                                      {"verified", verification.proof.has_value()},
                                      {"signatures", findings_json(verification)},
                                      {"capabilities", std::move(capabilities)}}));
  }
  if (!verification.proof) return oci::refusal(verification);
  if (!context.common.json) TRY(context.print(name + "\n"));
  return 0;
}

Result<int> verify_file_target(const Context& context, const VerifyOptions& options, const oci::Verifier& verifier,
                               const FileReference& file) {
  if (options.bundle.empty())
    return fail(ErrorCode::usage, "\"" + file.path + "\" is a file, and its signature is in another file").hinting("add --bundle FILE");
  TRY_ASSIGN(const Bytes bundle, oci::read_file(options.bundle, oci::k_max_bundle_bytes));
  TRY_ASSIGN(const oci::HashedFile hashed, oci::hash_file(file.path, k_max_verified_file_bytes));
  const Descriptor described{.media_type = std::string(media_type::k_octet_stream), .digest = hashed.digest, .size = hashed.stamp.size};
  return show(context, verifier.verify_file(described, as_text(bundle)), hashed.digest.text(), {});
}

Result<int> run_verify(Context& context, const VerifyOptions& options) {
  TRY_ASSIGN(const Reference reference, parse_reference(options.target));
  TRY_ASSIGN(auto keys, load_public_keys(options.keys));
  TRY_ASSIGN(const oci::Verifier verifier, oci::Verifier::make(std::move(keys), {.max_signatures = options.max_signatures}));
  if (const auto* file = std::get_if<FileReference>(&reference)) return verify_file_target(context, options, verifier, *file);
  if (!options.bundle.empty()) return fail(ErrorCode::usage, "--bundle is for files; the signatures of a reference are in its store");
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::read));
  TRY_ASSIGN(const oci::Verification verification, verifier.verify(*repository, selector_of(reference)));
  JsonObject capabilities;
  if (verification.proof && context.common.json) {
    TRY_ASSIGN(capabilities, announced_capabilities(*repository, *verification.proof));
  }
  return show(context, verification, to_text(with_digest(reference, verification.subject.digest)), std::move(capabilities));
}

}  // namespace

Command make_verify_command() {
  const auto options = std::make_shared<VerifyOptions>();  // shared by the option targets and the run function
  return {
      .name = "verify",
      .summary = "check who signed an artifact",
      .description =
          "Resolves REF once, looks at every signature of that digest (bundles in referrers and the classic tag), says for each why it was "
          "or was not "
          "accepted, and prints the digest when one of them is from a given key. A signature counts only when it is about this digest and "
          "says "
          "that it is a signature: an attestation is none.\n\n"
          "Exit status 11 means that there are signatures and none was accepted; 15 that there is none; 5, 6, 7 and 12 that the store "
          "could not be asked. "
          "Transparency logs are not looked at when a key is given.\n\n"
          "A FILE is checked against the bundle beside it (--bundle).",
      .arguments = {{"REF", "what to verify: a store reference, or a file with --bundle", &options->target, true, ValueKind::reference}},
      .options = {{"--key", "FILE", "public key to accept; may be given several times", &options->keys, ValueKind::file},
                  {"--bundle", "FILE", "for a file: its signature", &options->bundle, ValueKind::file},
                  {"--max-signatures", "N", "refuse when there are more candidates than this (default: 100)", &options->max_signatures}},
      .examples = {{"davit verify registry.example.com/team/app:v1 --key davit.pub", "prints the verified digest"},
                   {"davit verify oci:build/app:v1 --key davit.pub --json", "every signature and its finding"},
                   {"davit verify app.wasm --bundle app.wasm.sigstore.json --key davit.pub", "a file"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 11, 12, 15},
      .uses_registry = true,
      .run = [options](Context& context) { return run_verify(context, *options); },
  };
}

}  // namespace davit::cli
