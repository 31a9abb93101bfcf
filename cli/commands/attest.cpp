#include "cli/attest/attest.hpp"
#include "cli/attest/attest_file.hpp"
#include "cli/commands/commands.hpp"
#include "cli/input.hpp"
#include "cli/stores.hpp"
#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

constexpr std::uint64_t k_max_attested_file_bytes = std::uint64_t{16} << 30;

struct AttestOptions {
  std::string target{};
  std::string type{};
  std::string predicate{};
  std::string statement{};
  std::string bundle{};
  std::string format = "bundle";
  bool recursive = false;
  std::vector<std::string> keys{};
  KeyAccess access{};
  WitnessWords witness{};

  [[nodiscard]] std::string type_name() const { return type.empty() ? "custom" : type; }
};

Result<void> check_words(const AttestOptions& options) {
  if (options.predicate.empty() == options.statement.empty()) {
    return fail(ErrorCode::usage,
                options.predicate.empty() ? "nothing says what is to be attested" : "--statement already holds a predicate")
        .hinting("give either --predicate FILE with its --type, or --statement FILE");
  }
  if (!options.statement.empty() && !options.type.empty()) {
    return fail(ErrorCode::usage, "--statement already says of which type its predicate is").hinting("leave --type out");
  }
  if (!options.statement.empty() && options.bundle.empty()) {
    return fail(ErrorCode::usage, "a whole statement is signed into a file").hinting("add --bundle FILE");
  }
  if (options.target.empty() && options.statement.empty()) {
    return fail(ErrorCode::usage, "there is nothing to attest to").hinting("name a REF, or a FILE with --bundle FILE");
  }
  if (!options.bundle.empty() && (options.recursive || options.format != "bundle")) {
    return fail(ErrorCode::usage, "--recursive and --attestation-format are for what a store holds, and --bundle is a file");
  }
  return {};
}

// The file that the statement must be about; nothing when none is named.
Result<std::optional<Digest>> digest_of_target(const AttestOptions& options) {
  if (options.target.empty()) return std::optional<Digest>{};
  TRY_ASSIGN(const Reference reference, reference_or_file(options.target));
  const auto* file = std::get_if<FileReference>(&reference);
  if (file == nullptr) {
    return fail(ErrorCode::usage, "--bundle is for files; what is said about \"" + printable(options.target) + "\" goes into its store")
        .hinting("leave --bundle out");
  }
  TRY_ASSIGN(const oci::MappedFile content, oci::MappedFile::open(file->path, k_max_attested_file_bytes));
  return std::optional(digest_of(content.bytes()));
}

Result<int> attest_file(Context& context, const AttestOptions& options) {
  TRY_ASSIGN(const std::optional<Digest> about, digest_of_target(options));
  StatementText statement;
  if (options.statement.empty()) {
    TRY_ASSIGN(const Predicate predicate, load_predicate(context, options.type_name(), options.predicate));
    statement = state_of_file(options.target, *about, predicate);
  } else {
    TRY_ASSIGN(statement, load_statement(options.statement, about));
  }
  TRY_ASSIGN(const Signers signers, load_signers(context, options.keys, options.access, options.witness));
  TRY(attest_into_file(statement, signers, options.bundle));
  const std::string signer = signers.all().front()->name();
  context.say("attested (bundle) as " + signer);
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"digest", about ? Json(about->text()) : Json(nullptr)},
                                      {"predicateType", statement.predicate_type},
                                      {"bundle", options.bundle},
                                      {"signer", signer}}));
    return 0;
  }
  TRY(context.print(options.bundle + "\n"));
  return 0;
}

Result<int> attest_stored(Context& context, const AttestOptions& options) {
  TRY_ASSIGN(const Reference reference, parse_reference(options.target));
  if (std::holds_alternative<FileReference>(reference)) {
    return fail(ErrorCode::usage, "\"" + printable(options.target) + "\" is a file, and what is said about it needs a file to go to")
        .hinting("add --bundle FILE");
  }
  TRY_ASSIGN(const Predicate predicate, load_predicate(context, options.type_name(), options.predicate));
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::write));
  // Resolved once, and by its bytes: everything after this is about the digest.
  TRY_ASSIGN(const oci::RawManifest manifest, repository->fetch_manifest(selector_of(reference)));
  TRY_ASSIGN(Signers signers, load_signers(context, options.keys, options.access, options.witness));
  std::vector<Descriptor> subjects{manifest.descriptor};
  if (options.recursive) {
    TRY_ASSIGN(subjects, oci::with_all_manifests(*repository, manifest.descriptor));
  }
  TRY_ASSIGN(const auto done, attest_in_store(context, *repository, reference, subjects, predicate, std::move(signers), options.format));
  TRY(repository->flush());
  const std::string name = to_text(with_digest(reference, manifest.descriptor.digest));
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"reference", name},
                                      {"digest", manifest.descriptor.digest.text()},
                                      {"predicateType", predicate.type},
                                      {"attestations", to_json(done)}}));
    return 0;
  }
  TRY(context.print(name + "\n"));
  return 0;
}

Result<int> run_attest(Context& context, const AttestOptions& options) {
  TRY(check_words(options));
  return options.bundle.empty() ? attest_stored(context, options) : attest_file(context, options);
}

std::vector<Option> attest_options(AttestOptions& options) {
  return with_witness_options(
      with_key_access(
          {{"--type", "TYPE", "what the predicate says (default: custom)", &options.type},
           {"--predicate", "FILE", "the predicate", &options.predicate, ValueKind::file},
           {"--statement", "FILE", "with --bundle: a whole in-toto statement, signed byte for byte", &options.statement, ValueKind::file},
           {"--bundle", "FILE", "for a file: where the attestation is written", &options.bundle, ValueKind::file},
           {"--key", "KEY", "private key: a file, env://VARIABLE or a pkcs11: URI; may be repeated", &options.keys, ValueKind::file},
           {"-r,--recursive", "", "of an index, attest to each of its manifests as well", &options.recursive},
           {"--attestation-format", "FORM", "where the attestation goes", &options.format, ValueKind::word, {"bundle", "classic", "both"}}},
          options.access),
      options.witness);
}

}  // namespace

Command make_attest_command() {
  const auto options = std::make_shared<AttestOptions>();  // shared by the option targets and the run function
  return {
      .name = "attest",
      .summary = "sign a statement about an artifact",
      .description =
          "Signs the in-toto statement \"this predicate is true of this digest\" and stores it beside the artifact: as a Sigstore bundle "
          "in a referrer, in the classic form of older cosign at the tag sha256-….att, or both. A statement that the key has signed "
          "already "
          "is not signed again. With --keyless it is signed as sign does it.\n\n"
          "What is said about a FILE goes into a bundle file (--bundle). A whole statement (--statement) names its subjects itself; when a "
          "FILE is named besides, it must be one of them.\n\n"
          "TYPE is a URI or one of the short names of cosign: slsaprovenance, slsaprovenance02, slsaprovenance1, spdx, spdxjson, "
          "cyclonedx, openvex, vuln, link, custom (any text); and capabilities. Documents of known types are checked to have what the type "
          "asks for.",
      .arguments = {{"REF", "what the statement is about: a store reference, or a file with --bundle", &options->target, false,
                     ValueKind::reference}},
      .options = attest_options(*options),
      .examples = {{"davit attest registry.example.com/team/app:v1 --type spdxjson --predicate sbom.spdx.json --key davit.key", "an SBOM"},
                   {"davit attest oci:build/app:v1 --type slsaprovenance1 --predicate provenance.json --key davit.key "
                    "--attestation-format both",
                    "for cosign of any age"},
                   {"davit attest app.wasm --type vuln --predicate scan.json --bundle app.scan.sigstore.json --key davit.key", "a file"},
                   {"davit attest --statement statement.json --bundle statement.sigstore.json --key davit.key", "as it was written"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 10, 11, 12, 13},
      .uses_registry = true,
      .run = [options](Context& context) { return run_attest(context, *options); },
  };
}

}  // namespace davit::cli
