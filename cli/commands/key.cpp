#include <unistd.h>

#include "cli/commands/commands.hpp"
#include "cli/password.hpp"
#include "cli/trust.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/cosign_key.hpp"
#include "oci/trust/key_file.hpp"

namespace davit::cli {
namespace {

constexpr unsigned k_private_mode = 0600;
constexpr unsigned k_public_mode = 0644;

struct GenerateOptions {
  std::string prefix = "davit";
  std::string password_fd{};
};

struct PublicOptions {
  std::string key{};
  std::string password_fd{};
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
  TRY_ASSIGN(const oci::SecretBytes password,
             read_key_password({.fd = options.password_fd, .purpose = "new password of " + private_path, .twice = true}));
  if (password.empty()) context.warn("the key file has an empty password: whoever reads it can sign");
  TRY_ASSIGN(const oci::PrivateKey key, oci::PrivateKey::generate());
  TRY_ASSIGN(const std::string sealed, oci::seal_private_key(key, password));
  TRY(oci::write_new_file(private_path, as_bytes(sealed), k_private_mode));
  if (auto written = oci::write_new_file(public_path, as_bytes(key.public_key().pem()), k_public_mode); !written) {
    ::unlink(private_path.c_str());
    return std::move(written).error();
  }
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"privateKey", private_path}, {"publicKey", public_path}, {"name", key.public_key().name()}}));
    return 0;
  }
  TRY(context.print(private_path + "\n" + public_path + "\n"));
  return 0;
}

Result<oci::PublicKey> public_half(const PublicOptions& options) {
  TRY_ASSIGN(Bytes content, oci::read_file(options.key, std::uint64_t{64} * 1024));
  const oci::SecretBytes pem(std::move(content));
  if (as_text(pem.view()).find("-----BEGIN PUBLIC KEY-----") != std::string_view::npos) {
    auto key = oci::PublicKey::parse(as_text(pem.view()));
    if (!key) return std::move(key).error().in(options.key);
    return key;
  }
  TRY_ASSIGN(const oci::PrivateKey key, load_private_key(options.key, options.password_fd));
  return key.public_key();
}

Result<int> run_public(const Context& context, const PublicOptions& options) {
  TRY_ASSIGN(const oci::PublicKey key, public_half(options));
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"publicKey", key.pem()}, {"name", key.name()}, {"hint", key.hint()}}));
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
          "Writes PREFIX.key, sealed with a password, and PREFIX.pub. The key is ECDSA P-256 and the file is the one cosign reads.\n\n"
          "The password comes from --password-fd, from DAVIT_PASSWORD or COSIGN_PASSWORD, or from the terminal. Existing files are never "
          "overwritten.",
      .options = {{"-o,--output", "PREFIX", "write PREFIX.key and PREFIX.pub (default: davit)", &options->prefix, ValueKind::file},
                  {"--password-fd", "N", "read the password from this open file descriptor", &options->password_fd}},
      .examples = {{"davit key generate -o release", "release.key and release.pub, asking for a password"},
                   {"DAVIT_PASSWORD=secret davit key generate", "davit.key and davit.pub without a question"}},
      .exit_statuses = {13},
      .run = [options](Context& context) { return run_generate(context, *options); },
  };
}

Command make_public_command() {
  const auto options = std::make_shared<PublicOptions>();  // shared by the option targets and the run function
  return {
      .name = "key public",
      .summary = "print the public half of a key",
      .description = "Prints the public key in PEM form, for --key of verify and pull, and for cosign.",
      .options = {{"--key", "FILE", "private or public key file", &options->key, ValueKind::file, {}, true},
                  {"--password-fd", "N", "read the password from this open file descriptor", &options->password_fd}},
      .examples = {{"davit key public --key davit.key > davit.pub", "the public half of a sealed key"}},
      .exit_statuses = {4, 5, 8, 12},
      .run = [options](Context& context) { return run_public(context, *options); },
  };
}

}  // namespace

Command make_key_command() {
  return {
      .name = "key",
      .summary = "make and show signing keys",
      .description = "Keys are ECDSA P-256 in the files of cosign, so both programs can use them.",
      .children = {make_generate_command(), make_public_command()},
  };
}

}  // namespace davit::cli
