#include "cli/commands/commands.hpp"
#include "cli/verify/many.hpp"
#include "cli/verify/show.hpp"
#include "cli/verify/target.hpp"

namespace davit::cli {
namespace {

struct VerifyOptions {
  std::string target{};
  std::string list{};
  std::string output = "text";
  TrustOptions trust{};
  FileSignatureOptions file{};
};

Result<int> verify_one(Context& context, const VerifyOptions& options) {
  TRY_ASSIGN(VerifiedTarget target, verify_target(context, options.trust, options.file, options.target));
  say_verification(context, target.verification);
  const bool accepted = target.verification.proof.has_value();
  if (options.output == "sarif") {
    TRY(context.print_json(sarif_of({{.target = options.target, .verification = target.verification}})));
  } else if (context.common.json) {
    TRY(context.print_json(JsonObject{{"digest", target.verification.digest.text()},
                                      {"verified", accepted},
                                      {"signatures", findings_json(target.verification)},
                                      {"places", places_json(target.verification)},
                                      {"decision", decision_json(target.verification.decision)},
                                      {"capabilities", std::move(target.capabilities)}}));
  } else if (accepted) {
    TRY(context.print(target.name + "\n"));
  }
  if (!accepted) return oci::refusal(target.verification);
  return 0;
}

Result<int> run_verify(Context& context, const VerifyOptions& options) {
  const bool sarif = options.output == "sarif";
  if (sarif && context.common.json) return fail(ErrorCode::usage, "--json and --output sarif are two forms of one answer; choose one");
  if (options.target.empty() == options.list.empty()) {
    return fail(ErrorCode::usage, options.list.empty() ? "there is nothing to verify" : "--from-file names what to verify, and so does REF")
        .hinting("name one REF, or a list with --from-file FILE");
  }
  if (options.list.empty()) return verify_one(context, options);
  return verify_many(context, options.trust, options.list, sarif);
}

std::vector<Option> all_options(VerifyOptions& options) {
  std::vector<Option> out = trust_options(options.trust);
  for (Option& option : verify_options(options.trust)) out.push_back(std::move(option));
  out.push_back({"--bundle", "FILE", "for a file or digest: its Sigstore bundle; may be given several times", &options.file.bundles,
                 ValueKind::file});
  out.push_back({"--signature", "FILE", "for a file: its bare signature, Notary Project envelope or detached wasm signature",
                 &options.file.signature, ValueKind::file});
  out.push_back({"--allow-truncated", "", "signatures inside a file: let unsigned parts and a cut file pass; with a warning",
                 &options.file.allow_truncated});
  out.push_back({"--from-file", "FILE", "verify each reference that a line of this file names", &options.list, ValueKind::file});
  out.push_back({"--output", "FORM", "what is written to standard output", &options.output, ValueKind::word, {"text", "sarif"}});
  return out;
}

}  // namespace

Command make_verify_command() {
  const auto options = std::make_shared<VerifyOptions>();  // shared by the option targets and the run function
  return {
      .name = "verify",
      .summary = "check who signed an artifact",
      .description =
          "Resolves REF once, asks every place that can hold signatures of that digest (referrers and the tag of the classic form), says "
          "which it asked and for each signature why it was or was not accepted, and prints the digest when what was asked for is met. A "
          "signature counts only when it is about this digest and says that it is a signature: an attestation is none. An artifact "
          "named by its digest is not itself asked for where its signature suffices: whoever pulls it sees whether it is still there.\n\n"
          "Who must have signed is said by keys, by certificate identities together with their issuer, or by a policy. Certificates and "
          "transparency logs are believed by a trust root alone; it is a file you name or what \"davit trust update\" fetched.\n\n"
          "With --json and --output sarif each refused signature has one word for why: malformed, unsupported, bad-signature, wrong-key, "
          "wrong-identity, wrong-subject, wrong-type, untrusted-chain, revoked, expired, not-logged, not-timestamped or over-limit.\n\n"
          "Exit status 11 means that there are signatures and they do not do; 15 that there is none; 14 that the policy grants less than "
          "the file can touch; 5, 6, 7 and 12 that the store could not be asked.\n\n"
          "A FILE is checked against the signature beside it (--bundle, --signature), a digest against a bundle, and a wasm file without "
          "either against the signatures inside it.",
      .arguments = {{"REF", "what to verify: a store reference, a file or a digest", &options->target, false, ValueKind::reference}},
      .options = all_options(*options),
      .examples = {{"davit verify registry.example.com/team/app:v1 --key davit.pub", "prints the verified digest"},
                   {"davit verify oci:build/app:v1 --key davit.pub --json", "every signature and its finding"},
                   {"davit verify registry.example.com/team/app:v1 --policy policy.json", "by the rules of a policy"},
                   {"davit verify app.wasm --bundle app.wasm.sigstore.json --key davit.pub", "a file"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 11, 12, 14, 15},
      .uses_registry = true,
      .run = [options](Context& context) { return run_verify(context, *options); },
  };
}

}  // namespace davit::cli
