// Which scheme goes with which kind of key: tables, no cryptography.
#include "oci/trust/keys.hpp"

namespace davit::oci {

std::string_view to_text(KeyKind kind) {
  switch (kind) {
    case KeyKind::ecdsa_p256: return "ecdsa-p256";
    case KeyKind::ecdsa_p384: return "ecdsa-p384";
    case KeyKind::ecdsa_p521: return "ecdsa-p521";
    case KeyKind::ed25519: return "ed25519";
    case KeyKind::rsa: return "rsa";
  }
  return "";
}

SignatureScheme sigstore_scheme(KeyKind kind, SignedWhat what) {
  switch (kind) {
    case KeyKind::ecdsa_p256: return SignatureScheme::ecdsa_sha256;
    case KeyKind::ecdsa_p384: return SignatureScheme::ecdsa_sha384;
    case KeyKind::ecdsa_p521: return SignatureScheme::ecdsa_sha512;
    case KeyKind::ed25519: return what == SignedWhat::bytes ? SignatureScheme::ed25519 : SignatureScheme::ed25519ph;
    case KeyKind::rsa: return SignatureScheme::rsa_pkcs1_sha256;
  }
  return SignatureScheme::ecdsa_sha256;
}

SignatureScheme classic_scheme(KeyKind kind) {
  switch (kind) {
    case KeyKind::ecdsa_p256:
    case KeyKind::ecdsa_p384:
    case KeyKind::ecdsa_p521: return SignatureScheme::ecdsa_sha256;
    case KeyKind::ed25519: return SignatureScheme::ed25519;
    case KeyKind::rsa: return SignatureScheme::rsa_pkcs1_sha256;
  }
  return SignatureScheme::ecdsa_sha256;
}

bool fits(SignatureScheme scheme, KeyKind kind) {
  switch (scheme) {
    case SignatureScheme::ecdsa_sha256:
    case SignatureScheme::ecdsa_sha384:
    case SignatureScheme::ecdsa_sha512: return kind == KeyKind::ecdsa_p256 || kind == KeyKind::ecdsa_p384 || kind == KeyKind::ecdsa_p521;
    case SignatureScheme::ed25519:
    case SignatureScheme::ed25519ph: return kind == KeyKind::ed25519;
    case SignatureScheme::rsa_pkcs1_sha256:
    case SignatureScheme::rsa_pkcs1_sha384:
    case SignatureScheme::rsa_pkcs1_sha512:
    case SignatureScheme::rsa_pss_sha256:
    case SignatureScheme::rsa_pss_sha384:
    case SignatureScheme::rsa_pss_sha512: return kind == KeyKind::rsa;
  }
  return false;
}

bool PublicKey::verifies(const SignedMessageView& message, ByteView signature) const {
  // Clients of different ages chose the hash differently for the larger curves, so both are looked at.
  if (verifies(classic_scheme(kind_), message, signature)) return true;
  for (const SignedWhat what : {SignedWhat::bytes, SignedWhat::digest}) {
    const SignatureScheme scheme = sigstore_scheme(kind_, what);
    if (scheme != classic_scheme(kind_) && verifies(scheme, message, signature)) return true;
  }
  return false;
}

bool PublicKey::verifies(const Digest& message_digest, ByteView signature) const {
  if (message_digest.algorithm() != DigestAlgorithm::sha256) return false;
  return verifies(SignedMessageView{.sha256 = message_digest}, signature);
}

}  // namespace davit::oci
