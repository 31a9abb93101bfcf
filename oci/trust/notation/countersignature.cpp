#include "oci/trust/notation/countersignature.hpp"

#include "manifests/encoding.hpp"
#include "oci/trust/crypto/chain.hpp"
#include "oci/trust/crypto/der.hpp"
#include "oci/trust/crypto/timestamp.hpp"

namespace davit::oci {
namespace {

constexpr std::int64_t k_max_inaccuracy = 86400;  // an authority that is a day off vouches for nothing

// The chain from the certificate that made the token to a trusted root, as it was when the token was made.
Result<std::vector<Certificate>> find_authority(const Timestamp& stamp, std::span<const Certificate> authorities) {
  Error obstacle = fail(ErrorCode::untrusted, "the certificate that made it is not in it");
  for (const Certificate& signer : stamp.certificates()) {
    if (!stamp.names(signer)) continue;
    const auto made = stamp.check_signer(signer);
    if (!made) {
      obstacle = Error(made.error());
      continue;
    }
    auto chain = find_chain(
        signer, {.intermediates = stamp.certificates(), .anchors = authorities, .at = stamp.time(), .purpose = k_purpose_time_stamping});
    if (chain) return chain;
    obstacle = std::move(chain).error();
  }
  return obstacle;
}

}  // namespace

Result<Countersignature> check_countersignature(ByteView token, ByteView signature, std::span<const Certificate> authorities) {
  TRY_ASSIGN(const Timestamp stamp, Timestamp::parse_token(token));
  if (!stamp.covers(signature)) return fail(ErrorCode::untrusted, "it is about another signature");
  if (stamp.accuracy() < 0 || stamp.accuracy() > k_max_inaccuracy)
    return fail(ErrorCode::untrusted, "its time may be off by " + std::to_string(stamp.accuracy()) + " seconds");
  TRY_ASSIGN(auto chain, find_authority(stamp, authorities));
  return Countersignature{.earliest = stamp.time() - stamp.accuracy(),
                          .latest = stamp.time() + stamp.accuracy(),
                          .time = stamp.time(),
                          .chain = std::move(chain)};
}

Result<Bytes> token_of_answer(ByteView answer, ByteView signature) {
  TRY_ASSIGN(const Timestamp stamp, Timestamp::parse_response(answer));
  if (!stamp.covers(signature)) return fail(ErrorCode::untrusted, "the timestamp authority stamped something else");
  // TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken ContentInfo }
  TRY_ASSIGN(const DerItem whole, parse_der(answer, der::k_sequence));
  DerReader parts(whole.content);
  TRY_ASSIGN(const DerItem status, parts.expect(der::k_sequence));
  static_cast<void>(status);
  TRY_ASSIGN(const DerItem token, parts.expect(der::k_sequence));
  return to_bytes(token.whole);
}

}  // namespace davit::oci
