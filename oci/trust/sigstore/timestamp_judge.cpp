#include "oci/trust/sigstore/timestamp_judge.hpp"

#include <algorithm>
#include <set>
#include <span>

#include "manifests/encoding.hpp"
#include "manifests/time_text.hpp"
#include "oci/trust/clock_tolerance.hpp"
#include "oci/trust/crypto/chain.hpp"

namespace davit::oci {
namespace {

Error refuse(std::string why) { return fail(ErrorCode::untrusted, std::move(why)); }

// The certificate that must have signed: the first of the authority's chain, or, where the trust root names issuers
// only, the one of the token's own certificates that the token names.
const Certificate* signer_of(const Timestamp& timestamp, std::span<const Certificate> chain) {
  const Certificate& first = chain.front();
  if (!first.is_ca()) return timestamp.names(first) ? &first : nullptr;
  const auto found = std::ranges::find_if(timestamp.certificates(), [&](const Certificate& one) { return timestamp.names(one); });
  return found == timestamp.certificates().end() ? nullptr : &*found;
}

// Certificates that came along may only be those that the trust root names (CVE-2026-39984: checks on one certificate,
// signature by another).
bool bag_is_known(const Timestamp& timestamp, std::span<const Certificate> chain, const Certificate& signer) {
  return std::ranges::all_of(timestamp.certificates(),
                             [&](const Certificate& one) { return one == signer || std::ranges::count(chain, one) != 0; });
}

Result<void> check(const Timestamp& timestamp, const TrustedAuthority& authority, std::span<const Certificate> chain,
                   const Certificate& signer) {
  if (!bag_is_known(timestamp, chain, signer)) return refuse("the timestamp carries certificates that are not its authority's");
  TRY(timestamp.check_signer(signer));
  const auto found =
      find_chain(signer, {.intermediates = chain, .anchors = chain.last(1), .at = timestamp.time(), .purpose = k_purpose_time_stamping});
  if (!found) return Error(found.error());
  if (!authority.valid.holds(timestamp.time()))
    return refuse("the timestamp authority " + printable(authority.name) + " was not to be believed at " + write_time(timestamp.time()));
  return {};
}

Result<JudgedTimestamp> judge_one(const Bytes& der, ByteView stamped, const TrustedRoot& root) {
  TRY_ASSIGN(const Timestamp timestamp, Timestamp::parse_response(der));
  if (!timestamp.covers(stamped)) return refuse("the timestamp is about something else");
  std::optional<Error> nearest;
  for (const TrustedAuthority& authority : root.timestamp_authorities()) {
    const auto& chain = authority.chain.read();
    if (!chain) {
      if (!nearest) nearest = chain.error();
      continue;
    }
    const Certificate* signer = signer_of(timestamp, *chain);
    if (signer == nullptr) continue;
    auto checked = check(timestamp, authority, *chain, *signer);
    if (checked) return JudgedTimestamp{&authority, timestamp.time()};
    nearest = std::move(checked).error();
  }
  if (nearest) return *std::move(nearest);
  return refuse("the timestamp is of an authority that is not in the trusted root");
}

}  // namespace

Objection judge_timestamps(std::span<const Bytes> timestamps, ByteView stamped, const TrustedRoot& root, std::int64_t now,
                           std::vector<JudgedTimestamp>& out) {
  std::set<ByteView, decltype([](ByteView a, ByteView b) { return std::ranges::lexicographical_compare(a, b); })> seen;
  for (const Bytes& der : timestamps) {
    if (!seen.insert(der).second) return Refused{.reason = "the same timestamp stands there twice"};
    const auto judged = judge_one(der, stamped, root);
    if (!judged) return objection_of(judged.error(), Refusal::not_timestamped);
    if (judged->time > now + k_clock_tolerance_seconds)
      return Refused{Refusal::not_timestamped, "the timestamp is of the future, " + write_time(judged->time)};
    out.push_back(*judged);
  }
  return {};
}

}  // namespace davit::oci
