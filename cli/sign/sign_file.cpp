// `sign FILE`: a bundle beside the file, or the bare signature as other tools write it.
#include "cli/sign/sign_words.hpp"
#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

constexpr std::uint64_t k_max_signed_file_bytes = std::uint64_t{16} << 30;

Result<void> refuse_store_words(const SignWords& words, const FileReference& file) {
  if (words.recursive) return fail(ErrorCode::usage, "--recursive is for an index in a store, and \"" + file.path + "\" is a file");
  if (!words.annotations.empty()) {
    return fail(ErrorCode::usage, "the signature of a file holds no annotations").hinting("leave --annotation out");
  }
  if (words.format != "bundle") {
    return fail(ErrorCode::usage, "a file has no place for a signature of the form \"" + words.format + "\"")
        .hinting("give --bundle FILE, --output-signature FILE or --signature-format wasm");
  }
  if (words.bundle.empty() && words.output_signature.empty()) {
    return fail(ErrorCode::usage, "\"" + file.path + "\" is a file, and its signature needs a file to go to").hinting("add --bundle FILE");
  }
  if (words.witness.keyless && !words.output_signature.empty()) {
    return fail(ErrorCode::usage, "a bare signature says nothing of the certificate that --keyless signs with")
        .hinting("give --bundle FILE");
  }
  if (words.keys.size() > 1) {
    return fail(ErrorCode::usage, "a signature file holds the signature of one key")
        .hinting("sign once for each key, into different files");
  }
  return {};
}

}  // namespace

Result<int> sign_file_target(Context& context, const SignWords& words, const FileReference& file) {
  TRY(refuse_store_words(words, file));
  TRY_ASSIGN(const oci::MappedFile content, oci::MappedFile::open(file.path, k_max_signed_file_bytes));
  const oci::SignedMessageView message = oci::message_of(content.bytes());
  TRY_ASSIGN(const Signers signers, load_signers(context, words.keys, words.access, words.witness));
  const oci::SigstoreSigner& signer = *signers.all().front();
  JsonObject out{{"digest", message.sha256.text()}};
  if (!words.bundle.empty()) {
    TRY_ASSIGN(const oci::Bundle bundle, signer.sign_file(message));
    TRY(oci::write_file(words.bundle, as_bytes(oci::write_bundle(bundle) + "\n")));
    out.set("bundle", words.bundle);
  }
  if (!words.output_signature.empty()) {
    const oci::SigningKey& key = *signers.keys().front();
    TRY_ASSIGN(const Bytes signature, key.sign(oci::classic_scheme(key.public_key().kind()), message));
    TRY(oci::write_file(words.output_signature, as_bytes(encode_base64(signature))));
    out.set("signature", words.output_signature);
  }
  out.set("signer", signer.name());
  if (context.common.json) {
    TRY(context.print_json(out));
    return 0;
  }
  TRY(context.print((words.bundle.empty() ? words.output_signature : words.bundle) + "\n"));
  return 0;
}

}  // namespace davit::cli
