// `sign FILE.wasm --signature-format wasm`: a signature that travels inside the module, or beside it.
#include <filesystem>

#include "cli/sign/sign_words.hpp"
#include "oci/io/file.hpp"
#include "wasm/limits.hpp"
#include "wasm/signature_section.hpp"

namespace davit::cli {
namespace {

Result<void> refuse_other_words(const SignWords& words) {
  if (words.output.empty() == words.detached.empty()) {
    return fail(ErrorCode::usage, "a signature of the form \"wasm\" needs a place")
        .hinting("give either -o OUT for a signed copy, or --detached FILE for the signature alone");
  }
  if (!words.bundle.empty() || !words.output_signature.empty() || words.recursive || !words.annotations.empty()) {
    return fail(ErrorCode::usage, "--bundle, --output-signature, --recursive and --annotation do not go with --signature-format wasm");
  }
  return {};
}

// The signature file that is there already, whose signatures are kept.
Result<std::optional<Bytes>> load_detached(const std::string& path) {
  std::error_code problem;
  if (path.empty() || !std::filesystem::exists(path, problem)) return std::optional<Bytes>{};
  TRY_ASSIGN(Bytes content, oci::read_file(path, wasm::k_max_signature_data_bytes));
  return std::optional(std::move(content));
}

Result<void> sign_with(const Context& context, wasm::SignableModuleView& module, const oci::SigningKey& key) {
  const oci::PublicKey& half = key.public_key();
  if (half.kind() != oci::KeyKind::ed25519) {
    return fail(ErrorCode::unsupported,
                "a key of type " + std::string(to_text(half.kind())) + " cannot sign inside a module; expected Ed25519")
        .hinting("\"davit key generate --type ed25519\" makes one");
  }
  TRY_ASSIGN(Bytes signature, key.sign(oci::SignatureScheme::ed25519, oci::message_of(module.message)));
  const bool added = wasm::add_signature(module, std::move(signature));
  context.say(std::string(added ? "signed" : "already signed") + " (wasm) with key " + half.name());
  return {};
}

}  // namespace

Result<int> sign_wasm_target(Context& context, const SignWords& words, const FileReference& file) {
  TRY(refuse_other_words(words));
  TRY_ASSIGN(const oci::MappedFile content, oci::MappedFile::open(file.path, wasm::Limits{}.file_bytes));
  TRY_ASSIGN(const auto existing, load_detached(words.detached));
  // A new detached signature starts without those inside the file; they stay there.
  const std::optional<ByteView> kept = words.detached.empty() ? std::nullopt : std::optional(existing ? ByteView(*existing) : ByteView());
  auto module = wasm::open_signable_module(content.bytes(), kept);
  if (!module) return std::move(module).error().in(file.path);
  TRY_ASSIGN(const auto keys, load_signing_keys(context, words));
  for (const auto& key : keys) TRY(sign_with(context, *module, *key));
  const std::string& target = words.detached.empty() ? words.output : words.detached;
  TRY(oci::write_file(target, words.detached.empty() ? wasm::write_signed_module(*module) : wasm::write_signature_data(module->sets)));
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"output", target},
                                      {"format", words.detached.empty() ? "wasm" : "wasm-detached"},
                                      {"signer", keys.front()->public_key().name()},
                                      {"parts", std::uint64_t{module->hashes.size()}}}));
    return 0;
  }
  TRY(context.print(target + "\n"));
  return 0;
}

}  // namespace davit::cli
