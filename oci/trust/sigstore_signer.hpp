// The port to whoever signs in Sigstore's forms. A key signs and adds its hint; a keyless signer adds a certificate,
// entries of logs and timestamps. What is signed and where it goes is decided elsewhere (sign_bundle, sign_classic).
#pragma once

#include <string>

#include "manifests/envelope.hpp"
#include "oci/trust/bundle.hpp"
#include "oci/trust/keys.hpp"
#include "oci/trust/signed_message.hpp"

namespace davit::oci {

/// What the classic form keeps in annotations beside a signature; empty texts are left out.
struct ClassicEvidence {
  std::string certificate{};  ///< PEM
  std::string chain{};        ///< PEM
  std::string bundle{};       ///< JSON: promise and body of a log entry
  std::string timestamp{};    ///< JSON
};

struct ClassicSignature {
  Bytes signature{};
  ClassicEvidence evidence{};
};

class SigstoreSigner {
 public:
  virtual ~SigstoreSigner() = default;
  /// For people: the key's name, or the identity of the certificate.
  [[nodiscard]] virtual std::string name() const = 0;
  /// The key of every signature, or null when each has a key of its own.
  [[nodiscard]] virtual const PublicKey* public_key() const = 0;
  /// Signs an envelope that has no signature yet; the whole bundle.
  [[nodiscard]] virtual Result<Bundle> sign_envelope(Envelope envelope) const = 0;
  /// Signs a file: a message signature.
  [[nodiscard]] virtual Result<Bundle> sign_file(const SignedMessageView& file) const = 0;
  /// Signs a payload of the classic form.
  [[nodiscard]] virtual Result<ClassicSignature> sign_payload(ByteView payload) const = 0;
  /// What the classic form of an attestation keeps of a bundle that `sign_envelope` made.
  [[nodiscard]] virtual Result<ClassicEvidence> evidence_of(const Bundle& bundle) const = 0;

 protected:
  SigstoreSigner() = default;
  SigstoreSigner(const SigstoreSigner&) = default;
  SigstoreSigner(SigstoreSigner&&) = default;
  SigstoreSigner& operator=(const SigstoreSigner&) = default;
  SigstoreSigner& operator=(SigstoreSigner&&) = default;
};

/// Signs with a key that people know, and with nothing else. A view: the key must outlive it. With every curve it signs
/// SHA-256, and with Ed25519 the bytes: that is how cosign checks what a given key signed, whatever it writes itself.
class KeySigner final : public SigstoreSigner {
 public:
  explicit KeySigner(const SigningKey& key) : key_(&key) {}
  [[nodiscard]] std::string name() const override { return key_->public_key().name(); }
  [[nodiscard]] const PublicKey* public_key() const override { return &key_->public_key(); }
  [[nodiscard]] Result<Bundle> sign_envelope(Envelope envelope) const override;
  [[nodiscard]] Result<Bundle> sign_file(const SignedMessageView& file) const override;
  [[nodiscard]] Result<ClassicSignature> sign_payload(ByteView payload) const override;
  [[nodiscard]] Result<ClassicEvidence> evidence_of(const Bundle&) const override { return ClassicEvidence{}; }

 private:
  const SigningKey* key_;
};

}  // namespace davit::oci
