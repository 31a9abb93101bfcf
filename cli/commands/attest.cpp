#include "cli/attest/attest.hpp"
#include "cli/commands/commands.hpp"
#include "cli/stores.hpp"

namespace davit::cli {
namespace {

struct AttestOptions {
  std::string target{};
  std::string type = "custom";
  std::string predicate{};
  std::string format = "bundle";
  std::vector<std::string> keys{};
  KeyAccess access{};
  WitnessWords witness{};
};

Result<int> run_attest(Context& context, const AttestOptions& options) {
  TRY_ASSIGN(const Reference reference, parse_store_reference(options.target));
  TRY_ASSIGN(const Predicate predicate, load_predicate(context, options.type, options.predicate));
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::write));
  // Resolved once, and by its bytes: everything after this is about the digest.
  TRY_ASSIGN(const oci::RawManifest manifest, repository->fetch_manifest(selector_of(reference)));
  TRY_ASSIGN(Signers signers, load_signers(context, options.keys, options.access, options.witness));
  TRY_ASSIGN(const auto done,
             attest_in_store(context, *repository, reference, manifest.descriptor, predicate, std::move(signers), options.format));
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

}  // namespace

Command make_attest_command() {
  const auto options = std::make_shared<AttestOptions>();  // shared by the option targets and the run function
  return {
      .name = "attest",
      .summary = "sign a statement about an artifact",
      .description =
          "Signs the in-toto statement \"this predicate is true of this digest\" and stores it beside the artifact: as a Sigstore bundle "
          "in "
          "a referrer, in the classic form of older cosign at the tag sha256-….att, or both. A statement that the key has signed already "
          "is not signed again.\n\n"
          "TYPE is a URI or one of the short names of cosign: slsaprovenance, slsaprovenance02, slsaprovenance1, spdx, spdxjson, "
          "cyclonedx, "
          "openvex, vuln, link, custom (any text); and capabilities. Documents of known types are checked to have what the type asks for.",
      .arguments = {{"REF", "what the statement is about", &options->target, true, ValueKind::reference}},
      .options = with_witness_options(
          with_key_access(
              {{"--type", "TYPE", "what the predicate says (default: custom)", &options->type},
               {"--predicate", "FILE", "the predicate", &options->predicate, ValueKind::file, {}, true},
               {"--key", "KEY", "private key: a file, env://VARIABLE or a pkcs11: URI; may be repeated", &options->keys, ValueKind::file},
               {"--attestation-format",
                "FORM",
                "where the attestation goes",
                &options->format,
                ValueKind::word,
                {"bundle", "classic", "both"}}},
              options->access),
          options->witness),
      .examples = {{"davit attest registry.example.com/team/app:v1 --type spdxjson --predicate sbom.spdx.json --key davit.key", "an SBOM"},
                   {"davit attest oci:build/app:v1 --type slsaprovenance1 --predicate provenance.json --key davit.key "
                    "--attestation-format both",
                    "for cosign of any age"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 12, 13},
      .uses_registry = true,
      .run = [options](Context& context) { return run_attest(context, *options); },
  };
}

}  // namespace davit::cli
