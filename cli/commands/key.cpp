#include <unistd.h>

#include <algorithm>
#include <array>

#include "cli/commands/commands.hpp"
#include "cli/key_source.hpp"
#include "cli/password.hpp"
#include "oci/trust/cosign_key.hpp"
#include "oci/trust/key_file.hpp"
#include "oci/trust/key_forms.hpp"

namespace davit::cli {
namespace {

constexpr unsigned k_private_mode = 0600;
constexpr unsigned k_public_mode = 0644;

struct KeyType {
  std::string_view name;
  oci::KeyKind kind;
  unsigned bits;
};
constexpr std::array<KeyType, 7> k_types{{{"ecdsa-p256", oci::KeyKind::ecdsa_p256, 256},
                                          {"ecdsa-p384", oci::KeyKind::ecdsa_p384, 384},
                                          {"ecdsa-p521", oci::KeyKind::ecdsa_p521, 521},
                                          {"ed25519", oci::KeyKind::ed25519, 256},
                                          {"rsa-2048", oci::KeyKind::rsa, 2048},
                                          {"rsa-3072", oci::KeyKind::rsa, 3072},
                                          {"rsa-4096", oci::KeyKind::rsa, 4096}}};

std::vector<std::string> type_names() {
  std::vector<std::string> names;
  for (const KeyType& type : k_types) names.emplace_back(type.name);
  return names;
}

struct GenerateOptions {
  std::string prefix = "davit";
  std::string type = "ecdsa-p256";
  std::string form = "cosign";
  std::string password_fd{};
};

struct PublicOptions {
  std::string key{};
  KeyAccess access{};
};

Result<void> refuse_existing(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) return {};
  return fail(ErrorCode::conflict, "\"" + path + "\" is there already and is not overwritten")
      .hinting("choose another name with -o, or remove the file");
}

Result<int> run_generate(const Context& context, const GenerateOptions& options) {
  const std::string private_path = options.prefix + ".key";
  const std::string public_path = options.prefix + ".pub";
  // Before the password is asked for; writing refuses once more, in one step.
  TRY(refuse_existing(private_path));
  TRY(refuse_existing(public_path));
  const auto* const type = std::ranges::find(k_types, options.type, &KeyType::name);
  CHECK(type != k_types.end());  // the parser lets only the listed names pass
  TRY_ASSIGN(const oci::SecretBytes password,
             read_key_password({.fd = options.password_fd, .purpose = "new password of " + private_path, .twice = true}));
  if (password.empty()) context.warn("the key file has an empty password: whoever reads it can sign");
  TRY_ASSIGN(const oci::PrivateKey key, oci::PrivateKey::generate(type->kind, type->bits));
  TRY_ASSIGN(const std::string sealed,
             options.form == "cosign" ? oci::seal_private_key(key, password) : oci::seal_standard_key(key, password));
  TRY(oci::write_new_file(private_path, as_bytes(sealed), k_private_mode));
  if (auto written = oci::write_new_file(public_path, as_bytes(key.public_key().pem()), k_public_mode); !written) {
    ::unlink(private_path.c_str());
    return std::move(written).error();
  }
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"privateKey", private_path},
                                      {"publicKey", public_path},
                                      {"name", key.public_key().name()},
                                      {"kind", to_text(key.public_key().kind())},
                                      {"bits", std::uint64_t{key.public_key().bits()}}}));
    return 0;
  }
  TRY(context.print(private_path + "\n" + public_path + "\n"));
  return 0;
}

Result<int> run_public(const Context& context, const PublicOptions& options) {
  TRY_ASSIGN(const oci::PublicKey key, load_public_half(context, options.key, options.access));
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"publicKey", key.pem()},
                                      {"name", key.name()},
                                      {"hint", key.hint()},
                                      {"kind", to_text(key.kind())},
                                      {"bits", std::uint64_t{key.bits()}}}));
    return 0;
  }
  TRY(context.print(key.pem()));
  return 0;
}

Command make_generate_command() {
  const auto options = std::make_shared<GenerateOptions>();  // shared by the option targets and the run function
  return {
      .name = "key generate",
      .summary = "make a key pair for signing",
      .description =
          "Writes PREFIX.key, sealed with a password, and PREFIX.pub. The file is the one cosign reads, or with --key-format pkcs8 the "
          "one that openssl and others read.\n\n"
          "The password comes from --password-fd, from DAVIT_PASSWORD or COSIGN_PASSWORD, or from the terminal. Existing files are never "
          "overwritten.",
      .options =
          {{"-o,--output", "PREFIX", "write PREFIX.key and PREFIX.pub (default: davit)", &options->prefix, ValueKind::file},
           {"--type", "TYPE", "kind of key (default: ecdsa-p256)", &options->type, ValueKind::word, type_names()},
           {"--key-format", "FORM", "form of the private file (default: cosign)", &options->form, ValueKind::word, {"cosign", "pkcs8"}},
           {"--password-fd", "N", "read the password from this open file descriptor", &options->password_fd}},
      .examples = {{"davit key generate -o release", "release.key and release.pub, asking for a password"},
                   {"DAVIT_PASSWORD=secret davit key generate", "davit.key and davit.pub without a question"},
                   {"davit key generate --type ed25519 --key-format pkcs8 -o ci", "for openssl and other tools as well"}},
      .exit_statuses = {13},
      .run = [options](Context& context) { return run_generate(context, *options); },
  };
}

Command make_public_command() {
  const auto options = std::make_shared<PublicOptions>();  // shared by the option targets and the run function
  return {
      .name = "key public",
      .summary = "print the public half of a key",
      .description =
          "Prints the public key in PEM form, for --key of verify and pull, and for cosign. Of a key on a token no PIN is needed.",
      .options = with_key_access({{"--key", "KEY", "key file, env://VARIABLE or pkcs11: URI", &options->key, ValueKind::file, {}, true}},
                                 options->access),
      .examples = {{"davit key public --key davit.key > davit.pub", "the public half of a sealed key"},
                   {"davit key public --key 'pkcs11:token=release;object=signing' > release.pub", "of a key on a token"}},
      .exit_statuses = {4, 5, 8, 12},
      .run = [options](Context& context) { return run_public(context, *options); },
  };
}

}  // namespace

Command make_key_command() {
  return {
      .name = "key",
      .summary = "make and show signing keys",
      .description =
          "Keys are ECDSA (P-256, P-384, P-521), Ed25519 or RSA (2048 to 4096 bits), in the files of cosign, in PKCS#8 files, or on a "
          "token with a PKCS#11 module.",
      .children = {make_generate_command(), make_public_command(), make_key_convert_command(), make_key_inspect_command()},
  };
}

}  // namespace davit::cli
