#include "oci/trust/sigstore/evidence.hpp"

#include <algorithm>
#include <set>

#include "manifests/encoding.hpp"
#include "manifests/time_text.hpp"
#include "oci/trust/crypto/chain.hpp"
#include "oci/trust/sigstore/certificate_log.hpp"
#include "oci/trust/sigstore/log_judge.hpp"
#include "oci/trust/sigstore/signer_identity.hpp"
#include "oci/trust/sigstore/timestamp_judge.hpp"

namespace davit::oci {
namespace {

std::string counted(std::size_t count, std::string_view what) { return std::to_string(count) + " " + std::string(what); }

class Judge {
 public:
  Judge(const SignedThing& thing, const Evidence& evidence, const SigstoreTrust& trust, Finding& finding)
      : thing_(thing), evidence_(evidence), trust_(trust), finding_(finding) {}
  Objection run();

 private:
  Objection look_at_logs();
  Objection look_at_timestamps();
  Objection collect_times();
  Objection check_certificate();
  Objection check_key();
  Result<std::vector<Certificate>> chain_at(std::int64_t seconds) const;
  Objection check_certificate_logs(const std::vector<Certificate>& chain) const;

  const SignedThing& thing_;
  const Evidence& evidence_;
  const SigstoreTrust& trust_;
  Finding& finding_;
  std::vector<JudgedEntry> entries_;
  std::vector<JudgedTimestamp> timestamps_;
  std::vector<std::int64_t> times_;
};

Objection Judge::look_at_logs() {
  const std::size_t least = thing_.leaf != nullptr ? trust_.min_logs_with_certificate : trust_.min_logs_with_key;
  if (trust_.root == nullptr) {
    if (least > 0) return Refused{Refusal::not_logged, "a log entry is asked for, and no trusted root was given to judge it by"};
    // Nobody can say whether these are in a log; that they speak of this signature can still be seen.
    for (const LogEntry& entry : evidence_.entries)
      if (auto no = bind_log_body(entry.body, thing_)) return no;
    return {};
  }
  if (auto no = judge_log_entries(evidence_.entries, thing_, *trust_.root, trust_.now, entries_)) return no;
  std::set<const TrustedLog*> distinct;
  for (const JudgedEntry& entry : entries_) {
    finding_.logs.push_back(entry.record);
    distinct.insert(entry.log);
  }
  if (distinct.size() >= least) return {};
  if (least == 1) return Refused{Refusal::not_logged, "it is in no transparency log"};
  return Refused{Refusal::not_logged,
                 "it is in " + counted(distinct.size(), "transparency logs") + ", and " + std::to_string(least) + " are asked for"};
}

Objection Judge::look_at_timestamps() {
  if (trust_.root == nullptr) {
    if (trust_.min_timestamps == 0) return {};
    return Refused{Refusal::not_timestamped, "a timestamp is asked for, and no trusted root was given to judge it by"};
  }
  if (auto no = judge_timestamps(evidence_.timestamps, thing_.stamped, *trust_.root, trust_.now, timestamps_)) return no;
  std::set<const TrustedAuthority*> distinct;
  for (const JudgedTimestamp& timestamp : timestamps_) {
    finding_.times.push_back({timestamp.time, "timestamp authority " + printable(timestamp.authority->name)});
    distinct.insert(timestamp.authority);
  }
  if (distinct.size() >= trust_.min_timestamps) return {};
  return Refused{Refusal::not_timestamped, "it has timestamps of " + counted(distinct.size(), "authorities") + ", and " +
                                               std::to_string(trust_.min_timestamps) + " are asked for"};
}

Objection Judge::collect_times() {
  for (const JudgedTimestamp& timestamp : timestamps_) times_.push_back(timestamp.time);
  for (const JudgedEntry& entry : entries_) {
    if (entry.time) {
      times_.push_back(*entry.time);
      finding_.times.push_back({*entry.time, "log " + entry.record.log});
      continue;
    }
    // An entry without a time of its own: its log must have been believed at a time that others vouch for.
    const auto believed = [&](std::int64_t time) { return entry.log->valid.holds(time); };
    if (!timestamps_.empty() && std::ranges::none_of(timestamps_, believed, &JudgedTimestamp::time))
      return Refused{Refusal::not_logged, "the log " + entry.record.log + " was not to be believed when the signature was made"};
  }
  return {};
}

Result<std::vector<Certificate>> Judge::chain_at(std::int64_t seconds) const {
  const auto walk = [&](std::span<const Certificate> issuers) {
    std::vector<Certificate> intermediates(issuers.begin(), issuers.end());
    intermediates.insert(intermediates.end(), evidence_.intermediates.begin(), evidence_.intermediates.end());
    return find_chain(*thing_.leaf,
                      {.intermediates = intermediates, .anchors = issuers.last(1), .at = seconds, .purpose = k_purpose_code_signing});
  };
  if (!trust_.certificate_chain.empty()) {
    std::string text;
    for (const std::string& one : trust_.certificate_chain) text += one + "\n";
    TRY_ASSIGN(const auto chain, Certificate::parse_pem_chain(text));
    return walk(chain);
  }
  if (trust_.root == nullptr) return fail(ErrorCode::untrusted, "no trusted root was given to judge certificates by");
  std::optional<Error> nearest;
  for (const TrustedAuthority& authority : trust_.root->certificate_authorities()) {
    if (!authority.valid.holds(seconds)) continue;
    const auto& issuers = authority.chain.read();
    if (!issuers) {
      if (!nearest) nearest = issuers.error();
      continue;
    }
    auto chain = walk(*issuers);
    if (chain) return chain;
    // A broken link of the right authority tells more than the absence of the others.
    const bool related = std::ranges::any_of(*issuers, [&](const Certificate& one) { return thing_.leaf->is_issued_by(one); });
    if (!nearest || related) nearest = std::move(chain).error();
  }
  if (nearest) return *std::move(nearest);
  return fail(ErrorCode::untrusted, "no certificate authority of the trusted root was to be believed at " + write_time(seconds));
}

Objection Judge::check_certificate_logs(const std::vector<Certificate>& chain) const {
  if (trust_.min_certificate_transparency == 0) return {};
  std::size_t count = 0;
  if (chain.size() > 1 && trust_.root != nullptr) {
    const auto logs = find_certificate_logs(chain[0], chain[1], trust_.root->certificate_logs());
    if (!logs) return objection_of(logs.error(), Refusal::untrusted_chain);
    count = logs->size();
  }
  if (count >= trust_.min_certificate_transparency) return {};
  return Refused{Refusal::untrusted_chain, "the certificate is promised by " + counted(count, "certificate logs") + ", and " +
                                               std::to_string(trust_.min_certificate_transparency) + " are asked for"};
}

Objection Judge::check_certificate() {
  const Certificate& leaf = *thing_.leaf;
  if (leaf.is_ca()) return Refused{Refusal::untrusted_chain, "the certificate is one that issues others"};
  if (leaf.has_key_usage() && !leaf.allows(KeyUse::digital_signature))
    return Refused{Refusal::untrusted_chain, "the key of the certificate may not sign"};
  if (times_.empty()) {
    const bool asked = trust_.min_logs_with_certificate > 0 || trust_.min_timestamps > 0;
    if (asked || !evidence_.entries.empty() || !evidence_.timestamps.empty())
      return Refused{Refusal::not_timestamped, "nothing trusted says when the certificate was used"};
    // The caller asks for no log and no timestamp: then it must be valid at this moment.
    times_.push_back(trust_.now);
  }
  for (const std::int64_t time : times_) {
    if (!leaf.is_valid_at(time)) {
      return Refused{Refusal::expired, "the certificate was valid from " + write_time(leaf.not_before()) + " to " +
                                           write_time(leaf.not_after()) + ", and it signed at " + write_time(time)};
    }
    const auto chain = chain_at(time);
    if (!chain) return objection_of(chain.error(), Refusal::untrusted_chain);
    if (auto no = check_certificate_logs(*chain)) return no;
  }
  return {};
}

// A key that the trust root itself lists carries a validity there (GHSA-wqqc-jjcq-vfxm).
Objection Judge::check_key() {
  if (trust_.root == nullptr) return {};
  if (times_.empty()) times_.push_back(trust_.now);
  for (const auto* list : {&trust_.root->logs(), &trust_.root->certificate_logs()}) {
    for (const TrustedLog& log : *list) {
      if (log.key != *thing_.key) continue;
      const auto outside = std::ranges::find_if(times_, [&](std::int64_t time) { return !log.valid.holds(time); });
      if (outside != times_.end())
        return Refused{Refusal::expired, "the trusted root does not believe this key at " + write_time(*outside)};
    }
  }
  return {};
}

Objection Judge::run() {
  if (auto no = look_at_logs()) return no;
  if (auto no = look_at_timestamps()) return no;
  if (auto no = collect_times()) return no;
  return thing_.leaf != nullptr ? check_certificate() : check_key();
}

}  // namespace

Objection judge_evidence(const SignedThing& thing, const Evidence& evidence, const SigstoreTrust& trust, Finding& finding) {
  CHECK((thing.leaf == nullptr) != (thing.key == nullptr));
  return Judge(thing, evidence, trust, finding).run();
}

Objection judge_identity(const CertificateIdentity& identity, const SigstoreTrust& trust, Finding& finding) {
  finding.signer = printable(identity.name);
  if (std::ranges::any_of(trust.identities, [&](const IdentityRule& rule) { return fits(rule, identity); })) return {};
  return Refused{Refusal::wrong_identity, "it is signed by \"" + printable(identity.name) + "\", as \"" + printable(identity.issuer) +
                                              "\" says, and somebody else is asked for"};
}

}  // namespace davit::oci
