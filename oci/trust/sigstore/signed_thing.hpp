// One signature with all that is known of it, whatever form carried it: every check of sigstore/ speaks of this.
#pragma once

#include "manifests/envelope.hpp"
#include "oci/trust/crypto/certificate.hpp"
#include "oci/trust/keys.hpp"
#include "oci/trust/objection.hpp"
#include "oci/trust/signed_message.hpp"

namespace davit::oci {

/// A view; what it points to must outlive it.
struct SignedThing {
  SignedMessageView message;           ///< what the signature is over: the artifact, or the envelope's encoding
  ByteView signature;                  ///< raw
  ByteView stamped;                    ///< what a timestamp is over: as a rule the signature
  const Envelope* envelope = nullptr;  ///< of statements
  ByteView envelope_bytes{};           ///< the envelope exactly as it was stored, where it was stored by itself
  const Certificate* leaf = nullptr;   ///< exactly one of these two
  const PublicKey* key = nullptr;
};

}  // namespace davit::oci
