// Signers whose signatures are witnessed: logged, timestamped, and - without a key of their own - certified. Whatever
// services answer, what comes out is judged like anybody's signature before it is handed on; one that would be refused
// is not published.
#pragma once

#include <functional>
#include <memory>

#include "oci/trust/sigstore/services.hpp"
#include "oci/trust/sigstore_signer.hpp"
#include "oci/trust/trust_inputs.hpp"

namespace davit::oci {

struct WitnessOptions {
  SigningServices services{};
  std::shared_ptr<const TrustedRoot> root{};  ///< what the own signature is judged by
  std::function<std::int64_t()> now{};        ///< seconds since 1970
};

class WitnessedSigner final : public SigstoreSigner {
 public:
  /// Signs with this key, which people know. Views: transport and key must outlive the signer.
  static Result<std::unique_ptr<WitnessedSigner>> with_key(Transport& transport, const SigningKey& key, WitnessOptions options);
  /// Signs with a key made for the moment, certified for the token's subject. The key and its certificate serve for
  /// everything that this signer signs, and are forgotten with it.
  /// Errors: usage (no authority), and those of request_certificate
  static Result<std::unique_ptr<WitnessedSigner>> keyless(Transport& transport, const IdToken& token, WitnessOptions options);

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] const PublicKey* public_key() const override { return own_key_ ? nullptr : &key_->public_key(); }
  [[nodiscard]] Result<Bundle> sign_envelope(Envelope envelope) const override;
  [[nodiscard]] Result<Bundle> sign_file(const SignedMessageView& file) const override;
  [[nodiscard]] Result<ClassicSignature> sign_payload(ByteView payload) const override;
  [[nodiscard]] Result<ClassicEvidence> evidence_of(const Bundle& bundle) const override;

 private:
  WitnessedSigner(Transport& transport, WitnessOptions options) : transport_(&transport), options_(std::move(options)) {}
  [[nodiscard]] Result<Bundle> witness(Bundle bundle, const SignedThing& thing) const;
  [[nodiscard]] Result<void> check_own(const Bundle& bundle, const SignedThing& thing) const;
  [[nodiscard]] SignedThing thing_of(const SignedMessageView& message, ByteView signature) const;
  [[nodiscard]] Bundle begin() const;
  [[nodiscard]] Result<Bytes> sign(const SignedMessageView& message) const;

  Transport* transport_;
  WitnessOptions options_;
  std::string name_;
  std::unique_ptr<PrivateKey> own_key_;  ///< of the moment
  const SigningKey* key_ = nullptr;
  std::vector<Certificate> chain_;  ///< empty with a key
};

}  // namespace davit::oci
