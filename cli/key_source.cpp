#include "cli/key_source.hpp"

#include <cstdlib>

#include "cli/password.hpp"
#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/crypto/pkcs11_key.hpp"
#include "oci/trust/key_file.hpp"
#include "oci/trust/key_forms.hpp"
#include "oci/trust/pem.hpp"

namespace davit::cli {
namespace {

constexpr std::string_view k_environment_scheme = "env://";

oci::PasswordSource password_source(const KeyAccess& access, std::string purpose) {
  return
      [&access, purpose = std::move(purpose)] { return read_key_password({.fd = access.password_fd, .purpose = purpose, .twice = false}); };
}

Result<oci::Pkcs11Request> token_request(const Context& context, const std::string& source, const KeyAccess& access) {
  oci::Pkcs11Request request;
  TRY_ASSIGN(request.uri, oci::parse_pkcs11_uri(source));
  request.module = request.uri.module_path;
  if (request.module.empty()) request.module = access.pkcs11_module;
  if (request.module.empty()) request.module = context.environment("DAVIT_PKCS11_MODULE").value_or("");
  if (request.module.empty()) {
    return fail(ErrorCode::usage, "no PKCS#11 module is named for \"" + printable(source) + "\"")
        .hinting("give --pkcs11-module FILE, set DAVIT_PKCS11_MODULE, or add ?module-path=FILE to the URI");
  }
  if (const std::string file = request.uri.pin_source; !file.empty()) {
    request.pin = [file]() -> Result<oci::SecretBytes> {
      TRY_ASSIGN(oci::SecretBytes pin, oci::read_secret_file(file, oci::k_max_password_bytes));
      pin.truncate(std::min(as_text(pin.view()).find_first_of("\r\n"), pin.view().size()));
      return pin;
    };
  } else {
    request.pin = password_source(access, "PIN of " + request.uri.token.value_or("the token"));
  }
  return request;
}

Result<oci::PrivateKey> open_text(const oci::SecretBytes& pem, const std::string& source, const KeyAccess& access) {
  auto key = oci::open_key_file(as_text(pem.view()), password_source(access, "password of " + source));
  if (!key) return std::move(key).error().in(source);
  return key;
}

}  // namespace

std::vector<Option> with_key_access(std::vector<Option> options, KeyAccess& access) {
  options.push_back({"--password-fd", "N", "read the password or PIN of the key from this open file descriptor", &access.password_fd});
  options.push_back({"--pkcs11-module", "FILE", "library of the token that a pkcs11: key is on", &access.pkcs11_module, ValueKind::file});
  return options;
}

Result<oci::SecretBytes> read_key_text(const std::string& source) {
  if (!source.starts_with(k_environment_scheme)) return oci::read_secret_file(source, oci::k_max_pem_bytes);
  const std::string name = source.substr(k_environment_scheme.size());
  // Not through Context::environment, which would make a copy that is not wiped.
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nothing sets variables
  if (value == nullptr || *value == '\0')
    return fail(ErrorCode::not_found, "the environment variable \"" + printable(name) + "\" is not set");
  const std::string_view text(value);
  if (text.size() > oci::k_max_pem_bytes) return fail(ErrorCode::limit, "the value of \"" + printable(name) + "\" is too long for a key");
  return oci::SecretBytes(text);
}

Result<oci::PrivateKey> load_private_key(const std::string& source, const KeyAccess& access) {
  if (oci::is_pkcs11_uri(source)) return fail(ErrorCode::unsupported, "a key on a token does not leave it: \"" + printable(source) + "\"");
  TRY_ASSIGN(const oci::SecretBytes pem, read_key_text(source));
  return open_text(pem, source, access);
}

Result<std::unique_ptr<oci::SigningKey>> load_signing_key(const Context& context, const std::string& source, const KeyAccess& access) {
  if (oci::is_pkcs11_uri(source)) {
    TRY_ASSIGN(const oci::Pkcs11Request request, token_request(context, source, access));
    auto key = oci::open_pkcs11_key(request);
    if (!key) return std::move(key).error().during("opening the key \"" + printable(source) + "\"");
    return key;
  }
  TRY_ASSIGN(oci::PrivateKey key, load_private_key(source, access));
  return std::unique_ptr<oci::SigningKey>(std::make_unique<oci::PrivateKey>(std::move(key)));
}

Result<oci::PublicKey> read_public_key(const std::string& path) {
  TRY_ASSIGN(const Bytes content, oci::read_file(path, oci::k_max_pem_bytes));
  auto key = oci::PublicKey::parse(as_text(content));
  if (!key) return std::move(key).error().in(path);
  return key;
}

Result<oci::PublicKey> load_public_half(const Context& context, const std::string& source, const KeyAccess& access) {
  if (oci::is_pkcs11_uri(source)) {
    TRY_ASSIGN(const oci::Pkcs11Request request, token_request(context, source, access));
    return oci::read_pkcs11_public_key(request);
  }
  TRY_ASSIGN(const oci::SecretBytes pem, read_key_text(source));
  auto facts = oci::describe_key_file(as_text(pem.view()));
  if (!facts) return std::move(facts).error().in(source);
  if (facts->form == oci::KeyForm::spki) {
    auto key = oci::PublicKey::parse(as_text(pem.view()));
    if (!key) return std::move(key).error().in(source);
    return key;
  }
  TRY_ASSIGN(const oci::PrivateKey key, open_text(pem, source, access));
  return key.public_key();
}

}  // namespace davit::cli
