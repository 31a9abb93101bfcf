#include "cli/commands/commands.hpp"
#include "cli/input.hpp"
#include "cli/sign/sign_notation.hpp"
#include "cli/sign/sign_words.hpp"

namespace davit::cli {
namespace {

Result<int> run_sign(Context& context, const SignWords& words) {
  TRY_ASSIGN(const Reference reference, reference_or_file(words.target));
  if (is_notation_form(words.format)) return sign_with_notation(context, words, reference);
  if (const auto* file = std::get_if<FileReference>(&reference)) {
    return words.format == "wasm" ? sign_wasm_target(context, words, *file) : sign_file_target(context, words, *file);
  }
  return sign_store_target(context, words, reference);
}

std::vector<Option> sign_options(SignWords& words) {
  return with_witness_options(
      with_key_access(
          {{"--key", "KEY", "private key: a file, env://VARIABLE or a pkcs11: URI; may be repeated", &words.keys, ValueKind::file},
           {"--signature-format",
            "FORM",
            "where the signature goes",
            &words.format,
            ValueKind::word,
            {"bundle", "classic", "both", "wasm", "notation-jws", "notation-cose", "notation"}},
           {"-a,--annotation", "KEY=VALUE", "say this besides, signed with the rest; may be repeated", &words.annotations},
           {"-r,--recursive", "", "of an index, sign each of its manifests as well", &words.recursive},
           {"--bundle", "FILE", "for a file: where its signature is written", &words.bundle, ValueKind::file},
           {"--certificate-chain", "FILE", "notation: the signer's certificates (PEM), from the signer's own to the root",
            &words.certificate_chain, ValueKind::file},
           {"--expiry", "TIME", "notation: how long the signature lasts, such as 12h or 90d", &words.expiry},
           {"--output-signature", "FILE", "for a file: where its bare signature is written, in base64", &words.output_signature,
            ValueKind::file},
           {"-o,--output", "OUT", "with --signature-format wasm: the signed copy", &words.output, ValueKind::file},
           {"--detached", "FILE", "with --signature-format wasm: the signature in a file of its own", &words.detached, ValueKind::file}},
          words.access),
      words.witness);
}

}  // namespace

Command make_sign_command() {
  const auto words = std::make_shared<SignWords>();  // shared by the option targets and the run function
  return {
      .name = "sign",
      .summary = "sign an artifact where it is stored",
      .description =
          "Signs the digest that REF names now and prints it. The signature goes into the same repository: as a Sigstore bundle in a "
          "referrer (the default, read by cosign 3), in the classic form of older cosign at the tag sha256-….sig, or both. "
          "Other signers' entries are kept; a key that has signed already does not sign again.\n\n"
          "A FILE is signed into a bundle file beside it (--bundle), or into a file that holds the bare signature "
          "(--output-signature).\n\n"
          "With --signature-format wasm a module or component is signed inside itself (-o OUT) with an Ed25519 key, in the layout of "
          "wasmsign2; signatures that are there stay. --detached FILE writes that signature into a file of its own.\n\n"
          "notation-jws and notation-cose are the two envelopes of the Notary Project, in a referrer as notation writes it, or for a FILE "
          "in "
          "FILE.jws.sig or FILE.cose.sig. They need the signer's whole certificate chain, which is held to the Notary Project's rules "
          "before "
          "anything is signed; the key must be RSA or ECDSA. Such a signature says when it was made, so each run adds one.\n\n"
          "With --keyless there is no key to keep: an identity token is exchanged for a "
          "certificate of minutes, and the signature is logged and timestamped as --signing-config says. What the services answer is "
          "judged by --trusted-root before anything is stored. The same services witness signatures of keys.\n\n"
          "The token is that of --identity-token; else what GitHub Actions, SIGSTORE_ID_TOKEN (in GitLab an entry of id_tokens with the "
          "audience sigstore), /var/run/sigstore/cosign/oidc-token, Buildkite or a machine at Google offers; else --device-flow asks for "
          "one that is allowed in a browser elsewhere. Tokens for another audience, such as those in CircleCI's variables, are of no use "
          "here.\n\n"
          "The password or PIN of the key comes from --password-fd, from DAVIT_PASSWORD or COSIGN_PASSWORD, or from the terminal.",
      .arguments = {{"REF", "what to sign: a store reference, or a file with --bundle", &words->target, true, ValueKind::reference}},
      .options = sign_options(*words),
      .examples =
          {{"davit sign registry.example.com/team/app:v1 --key davit.key", "a bundle beside the artifact"},
           {"davit sign oci:build/app:v1 --key davit.key --signature-format both", "in an image layout, for cosign of any age"},
           {"davit sign oci:build/app:v1 --recursive --key davit.key -a build=42", "an index with all it holds"},
           {"davit sign oci:build/app:v1 --signature-format notation-cose --key signer.key --certificate-chain chain.pem --expiry 90d",
            "for notation"},
           {"davit sign app.wasm --signature-format wasm -o signed.wasm --key ed25519.key", "inside the file"},
           {"davit sign app.wasm --bundle app.wasm.sigstore.json --key davit.key", "a file"},
           {"davit sign registry.example.com/team/app:v1 --keyless --signing-config signing_config.json --trusted-root trusted_root.json",
            "with the identity of a CI job"}},
      .exit_statuses = {4, 5, 6, 7, 8, 11, 12, 13},
      .uses_registry = true,
      .run = [words](Context& context) { return run_sign(context, *words); },
  };
}

}  // namespace davit::cli
