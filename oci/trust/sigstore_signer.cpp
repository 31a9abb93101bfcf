#include "oci/trust/sigstore_signer.hpp"

#include "manifests/media_type.hpp"

namespace davit::oci {

Result<Bundle> KeySigner::sign_envelope(Envelope envelope) const {
  const Bytes covered = pre_authentication_encoding(envelope.payload_type, envelope.payload);
  TRY_ASSIGN(Bytes signature, key_->sign(classic_scheme(key_->public_key().kind()), message_of(covered)));
  envelope.signatures.push_back({.signature = std::move(signature)});
  return Bundle{
      .media_type = std::string(media_type::k_sigstore_bundle), .key_hint = key_->public_key().hint(), .content = std::move(envelope)};
}

Result<Bundle> KeySigner::sign_file(const SignedMessageView& file) const {
  TRY_ASSIGN(Bytes signature, key_->sign(classic_scheme(key_->public_key().kind()), file));
  return Bundle{.media_type = std::string(media_type::k_sigstore_bundle),
                .key_hint = key_->public_key().hint(),
                .content = MessageSignature{.message_digest = file.sha256, .signature = std::move(signature)}};
}

Result<ClassicSignature> KeySigner::sign_payload(ByteView payload) const {
  TRY_ASSIGN(Bytes signature, key_->sign(classic_scheme(key_->public_key().kind()), message_of(payload)));
  return ClassicSignature{.signature = std::move(signature)};
}

}  // namespace davit::oci
