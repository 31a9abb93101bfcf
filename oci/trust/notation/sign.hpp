// Makes envelopes of the Notary Project. The chain is held to the same rules as when it is verified, before anything is
// signed: a signature that nobody can accept is not made.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "oci/repository.hpp"
#include "oci/trust/crypto/certificate.hpp"
#include "oci/trust/finding.hpp"
#include "oci/trust/keys.hpp"
#include "oci/trust/notation/payload.hpp"

namespace davit::oci {

/// Asks a timestamp authority: the message whose SHA-256 is stamped, to the whole DER answer (TimeStampResp).
using AskTimestamp = std::function<Result<Bytes>(ByteView message)>;

struct NotationSigning {
  SignatureFormat format = SignatureFormat::notation_jws;
  std::vector<Certificate> chain{};  ///< leaf first, root last
  std::int64_t time = 0;             ///< seconds since 1970: when it is signed, as the signer says
  std::optional<std::int64_t> expiry{};
  std::string agent{};       ///< said in the unsigned part
  AskTimestamp timestamp{};  ///< empty: none
};

/// The media type of a form's envelope.
std::string_view media_type_of(SignatureFormat notation_format);

/// Errors: untrusted (the chain breaks a rule, or a certificate is not valid at the time), mismatch (the key is not the
/// leaf's), unsupported (kind of key), usage (expiry), and those of the key and of the timestamp authority
Result<Bytes> sign_notation(const NotationTarget& target, const SigningKey& key, const NotationSigning& signing);

/// The name by which a file is signed with this key: its digest with the hash that goes with the key.
/// @param message  all shapes of the file's bytes
Result<std::string> digest_for_key(const PublicKey& key, const SignedMessageView& message);

}  // namespace davit::oci
