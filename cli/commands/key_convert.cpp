#include <optional>

#include "cli/commands/commands.hpp"
#include "cli/key_source.hpp"
#include "cli/password.hpp"
#include "oci/trust/cosign_key.hpp"
#include "oci/trust/key_file.hpp"
#include "oci/trust/key_forms.hpp"

namespace davit::cli {
namespace {

constexpr unsigned k_private_mode = 0600;

struct ConvertOptions {
  std::string key{};
  std::string form = "pkcs8";
  std::string output{};
  bool unprotected = false;
  std::string password_fd{};
  std::string new_password_fd{};
};

struct InspectOptions {
  std::string key{};
  bool open = false;
  std::string password_fd{};
};

struct Opened {
  oci::PrivateKey key;
  std::optional<oci::SecretBytes> password{};  ///< what opened it; nothing when it was not sealed
};

Result<Opened> open_with_password(const std::string& source, const std::string& password_fd) {
  TRY_ASSIGN(const oci::SecretBytes pem, read_key_text(source));
  std::optional<oci::SecretBytes> used;
  const auto ask = [&]() -> Result<oci::SecretBytes> {
    TRY_ASSIGN(oci::SecretBytes password, read_key_password({.fd = password_fd, .purpose = "password of " + source, .twice = false}));
    used.emplace(to_bytes(password.view()));
    return password;
  };
  auto key = oci::open_key_file(as_text(pem.view()), ask);
  if (!key) return std::move(key).error().in(source);
  return Opened{*std::move(key), std::move(used)};
}

// The sealed file keeps its password unless a new one is named; an open one needs one.
Result<oci::SecretBytes> password_to_seal_with(const ConvertOptions& options, Opened& opened) {
  if (opened.password && options.new_password_fd.empty()) return *std::move(opened.password);
  return read_key_password({.fd = options.new_password_fd, .purpose = "new password of " + options.output, .twice = true});
}

Result<oci::SecretBytes> convert(const Context& context, const ConvertOptions& options, Opened& opened) {
  if (options.unprotected) {
    context.warn("the new key file is not sealed: whoever reads it can sign");
    return oci::write_plain_key(opened.key);
  }
  TRY_ASSIGN(const oci::SecretBytes password, password_to_seal_with(options, opened));
  if (password.empty()) context.warn("the key file has an empty password: whoever reads it can sign");
  TRY_ASSIGN(const std::string sealed,
             options.form == "cosign" ? oci::seal_private_key(opened.key, password) : oci::seal_standard_key(opened.key, password));
  return oci::SecretBytes(std::string_view(sealed));
}

Result<int> run_convert(const Context& context, const ConvertOptions& options) {
  if (options.unprotected && options.form == "cosign") {
    return fail(ErrorCode::usage, "cosign's key files are always sealed").hinting("leave --unprotected out, or take --key-format pkcs8");
  }
  if (options.unprotected && !options.new_password_fd.empty()) {
    return fail(ErrorCode::usage, "--unprotected and --new-password-fd exclude each other");
  }
  TRY_ASSIGN(Opened opened, open_with_password(options.key, options.password_fd));
  TRY_ASSIGN(const oci::SecretBytes text, convert(context, options, opened));
  TRY(oci::write_new_file(options.output, text.view(), k_private_mode));
  if (context.common.json) {
    const oci::PublicKey& half = opened.key.public_key();
    TRY(context.print_json(JsonObject{{"privateKey", options.output},
                                      {"form", options.unprotected        ? "pkcs8"
                                               : options.form == "cosign" ? "cosign"
                                                                          : "pkcs8-encrypted"},
                                      {"name", half.name()},
                                      {"kind", to_text(half.kind())},
                                      {"bits", std::uint64_t{half.bits()}}}));
    return 0;
  }
  TRY(context.print(options.output + "\n"));
  return 0;
}

JsonObject sealing_json(const oci::SealingFacts& sealing) {
  JsonObject out{{"derivation", sealing.derivation}, {"cipher", sealing.cipher}};
  if (sealing.iterations != 0) out.set("iterations", sealing.iterations);
  if (sealing.scrypt_n != 0) {
    out.set("scryptN", sealing.scrypt_n);
    out.set("scryptR", sealing.scrypt_r);
    out.set("scryptP", sealing.scrypt_p);
  }
  return out;
}

Result<std::optional<oci::PublicKey>> visible_half(const InspectOptions& options, const oci::SecretBytes& pem,
                                                   const oci::KeyFileFacts& facts) {
  if (facts.form == oci::KeyForm::spki) {
    TRY_ASSIGN(oci::PublicKey key, oci::PublicKey::parse(as_text(pem.view())));
    return std::optional(std::move(key));
  }
  if (facts.sealing && !options.open) return std::optional<oci::PublicKey>{};
  TRY_ASSIGN(const oci::PrivateKey key, load_private_key(options.key, KeyAccess{.password_fd = options.password_fd}));
  return std::optional(key.public_key());
}

Result<int> run_inspect(const Context& context, const InspectOptions& options) {
  TRY_ASSIGN(const oci::SecretBytes pem, read_key_text(options.key));
  auto facts = oci::describe_key_file(as_text(pem.view()));
  if (!facts) return std::move(facts).error().in(options.key);
  auto half = visible_half(options, pem, *facts);
  if (!half) return std::move(half).error().in(options.key);
  JsonObject out{{"form", to_text(facts->form)},
                 {"label", facts->label},
                 {"private", facts->form != oci::KeyForm::spki},
                 {"sealed", facts->sealing.has_value()}};
  if (facts->sealing) out.set("sealing", sealing_json(*facts->sealing));
  if (*half) {
    out.set("kind", to_text((*half)->kind()));
    out.set("bits", std::uint64_t{(*half)->bits()});
    out.set("name", (*half)->name());
    out.set("hint", (*half)->hint());
  }
  if (context.common.json) {
    TRY(context.print_json(out));
    return 0;
  }
  std::string text = "form     " + std::string(to_text(facts->form)) + "\n";
  if (facts->sealing) {
    text += "sealed   " + facts->sealing->derivation;
    if (facts->sealing->iterations != 0) text += ", " + std::to_string(facts->sealing->iterations) + " iterations";
    if (facts->sealing->scrypt_n != 0) {
      text += " N=" + std::to_string(facts->sealing->scrypt_n) + " r=" + std::to_string(facts->sealing->scrypt_r) +
              " p=" + std::to_string(facts->sealing->scrypt_p);
    }
    text += ", " + facts->sealing->cipher + "\n";
  } else if (facts->form != oci::KeyForm::spki) {
    text += "sealed   no\n";
  }
  if (*half) {
    text += "kind     " + std::string(to_text((*half)->kind())) + ", " + std::to_string((*half)->bits()) + " bits\nname     " +
            (*half)->name() + "\nhint     " + (*half)->hint() + "\n";
  }
  TRY(context.print(text));
  if (!*half) context.say("kind and name are sealed with the rest; --open shows them");
  return 0;
}

}  // namespace

Command make_key_convert_command() {
  const auto options = std::make_shared<ConvertOptions>();  // shared by the option targets and the run function
  return {
      .name = "key convert",
      .summary = "write a private key in another form",
      .description =
          "Reads a private key in any form (cosign's files, PKCS#8 sealed or not, SEC 1, PKCS#1) and writes it as a new file: cosign's "
          "form, or PKCS#8, which openssl and others read. The key stays the same, and the old file stays where it is.\n\n"
          "A sealed key keeps its password unless --new-password-fd names another. With --unprotected the new file is not sealed.",
      .options = {{"--key", "KEY", "private key file or env://VARIABLE", &options->key, ValueKind::file, {}, true},
                  {"-o,--output", "FILE", "the new file; never overwritten", &options->output, ValueKind::file, {}, true},
                  {"--key-format", "FORM", "form of the new file (default: pkcs8)", &options->form, ValueKind::word, {"cosign", "pkcs8"}},
                  {"--unprotected", "", "do not seal the new file", &options->unprotected},
                  {"--password-fd", "N", "read the password of the key from this open file descriptor", &options->password_fd},
                  {"--new-password-fd", "N", "read the new file's password from this open file descriptor", &options->new_password_fd}},
      .examples = {{"davit key convert --key cosign.key -o release.pem", "for openssl, with the same password"},
                   {"davit key convert --key ec.pem --key-format cosign -o cosign.key", "for cosign"}},
      .exit_statuses = {4, 5, 8, 12, 13},
      .run = [options](Context& context) { return run_convert(context, *options); },
  };
}

Command make_key_inspect_command() {
  const auto options = std::make_shared<InspectOptions>();  // shared by the option targets and the run function
  return {
      .name = "key inspect",
      .summary = "say what a key file holds",
      .description =
          "Says the form of a key file, how it is sealed and at what cost, and, where that is not sealed too, the kind, size, name and "
          "hint "
          "of the key. No password is asked for unless --open is given.",
      .arguments = {{"KEY", "key file or env://VARIABLE", &options->key, true, ValueKind::file}},
      .options = {{"--open", "", "open a sealed file to show what is inside", &options->open},
                  {"--password-fd", "N", "read the password from this open file descriptor", &options->password_fd}},
      .examples = {{"davit key inspect cosign.key", "form, derivation and cipher"},
                   {"davit key inspect davit.pub --json", "kind, bits, name and hint"}},
      .exit_statuses = {4, 5, 8, 9, 12},
      .run = [options](Context& context) { return run_inspect(context, *options); },
  };
}

}  // namespace davit::cli
