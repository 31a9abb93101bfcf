#include "oci/trust/key_forms.hpp"

#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"
#include "oci/trust/cosign_key.hpp"
#include "oci/trust/crypto/sealed_pkcs8.hpp"
#include "oci/trust/pem.hpp"

namespace davit::oci {
namespace {

struct Label {
  std::string_view text;
  KeyForm form;
};
constexpr std::array<Label, 7> k_labels{{{"PUBLIC KEY", KeyForm::spki},
                                         {"PRIVATE KEY", KeyForm::pkcs8},
                                         {"ENCRYPTED PRIVATE KEY", KeyForm::pkcs8_sealed},
                                         {"ENCRYPTED SIGSTORE PRIVATE KEY", KeyForm::cosign},
                                         {"ENCRYPTED COSIGN PRIVATE KEY", KeyForm::cosign},
                                         {"EC PRIVATE KEY", KeyForm::sec1},
                                         {"RSA PRIVATE KEY", KeyForm::pkcs1}}};
constexpr std::string_view k_parameters_end = "-----END EC PARAMETERS-----";

// A key file with what its label means; the content is secret in most forms.
struct KeyFile {
  KeyForm form;
  std::string label;
  SecretBytes content;
};

Result<KeyFile> read_key_file(std::string_view pem) {
  // openssl writes the name of the curve in a block of its own before the key, which repeats it.
  const std::size_t parameters = pem.substr(0, k_max_pem_bytes).find(k_parameters_end);
  if (parameters != std::string_view::npos) pem.remove_prefix(parameters + k_parameters_end.size());
  if (pem.find("Proc-Type:") != std::string_view::npos) {
    return fail(ErrorCode::unsupported, "this key is encrypted in the form from before PKCS#8, which protects it hardly at all")
        .hinting("\"openssl pkcs8 -topk8 -in FILE -out NEW\" seals it anew");
  }
  TRY_ASSIGN(PemBlock block, parse_pem(pem));
  SecretBytes content(std::move(block.content));
  const auto* const known = std::ranges::find(k_labels, std::string_view(block.label), &Label::text);
  if (known == k_labels.end()) {
    return fail(ErrorCode::malformed, "this PEM file holds \"" + printable(block.label) + "\", expected a private key")
        .hinting("\"davit key generate\" makes a key pair");
  }
  return KeyFile{known->form, std::move(block.label), std::move(content)};
}

}  // namespace

std::string_view to_text(KeyForm form) {
  switch (form) {
    case KeyForm::spki: return "public";
    case KeyForm::pkcs8: return "pkcs8";
    case KeyForm::pkcs8_sealed: return "pkcs8-encrypted";
    case KeyForm::cosign: return "cosign";
    case KeyForm::sec1: return "sec1";
    case KeyForm::pkcs1: return "pkcs1";
  }
  return "";
}

Result<KeyFileFacts> describe_key_file(std::string_view pem) {
  TRY_ASSIGN(KeyFile file, read_key_file(pem));
  KeyFileFacts facts{.form = file.form, .label = std::move(file.label)};
  if (file.form == KeyForm::cosign) {
    TRY_ASSIGN(facts.sealing, describe_sealed_key(pem));
  } else if (file.form == KeyForm::pkcs8_sealed) {
    TRY_ASSIGN(facts.sealing, describe_sealed_pkcs8(file.content.view()));
  }
  return facts;
}

Result<PrivateKey> open_key_file(std::string_view pem, const PasswordSource& password) {
  TRY_ASSIGN(KeyFile file, read_key_file(pem));
  switch (file.form) {
    case KeyForm::pkcs8: return PrivateKey::parse(std::move(file.content));
    case KeyForm::sec1: return PrivateKey::parse_traditional(KeyKind::ecdsa_p256, std::move(file.content));
    case KeyForm::pkcs1: return PrivateKey::parse_traditional(KeyKind::rsa, std::move(file.content));
    case KeyForm::cosign: {
      // A file that is broken or too costly is refused before anybody is asked for a password.
      TRY(describe_sealed_key(pem));
      TRY_ASSIGN(const SecretBytes secret, password());
      return open_private_key(pem, secret);
    }
    case KeyForm::pkcs8_sealed: {
      TRY(describe_sealed_pkcs8(file.content.view()));
      TRY_ASSIGN(const SecretBytes secret, password());
      TRY_ASSIGN(SecretBytes plain, open_sealed_pkcs8(file.content.view(), secret));
      return PrivateKey::parse(std::move(plain));
    }
    case KeyForm::spki: break;
  }
  return fail(ErrorCode::malformed, "this file holds a public key, expected a private one").hinting("give the private half of the pair");
}

SecretBytes write_plain_key(const PrivateKey& key) {
  std::string pem = write_pem("PRIVATE KEY", key.pkcs8().view());
  SecretBytes out{std::string_view(pem)};
  wipe_text(pem);
  return out;
}

Result<std::string> seal_standard_key(const PrivateKey& key, const SecretBytes& password) {
  TRY_ASSIGN(const Bytes sealed, seal_pkcs8(key.pkcs8(), password));
  return write_pem("ENCRYPTED PRIVATE KEY", sealed);
}

}  // namespace davit::oci
