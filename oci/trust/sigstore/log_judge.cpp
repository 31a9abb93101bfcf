#include "oci/trust/sigstore/log_judge.hpp"

#include <algorithm>
#include <set>

#include "manifests/encoding.hpp"
#include "manifests/time_text.hpp"
#include "oci/trust/clock_tolerance.hpp"
#include "oci/trust/sigstore/checkpoint.hpp"
#include "oci/trust/sigstore/merkle.hpp"

namespace davit::oci {
namespace {

Refused not_logged(std::string reason) { return {.refusal = Refusal::not_logged, .reason = std::move(reason)}; }

// `kind` and `version` are what the body says.
Objection check_kind(const LogEntry& entry, const std::string& kind, const std::string& version) {
  // Annotations do not name it beside the body.
  if (entry.kind.empty() && entry.version.empty()) return {};
  if (entry.kind == kind && entry.version == version) return {};
  return Refused{.reason = "the log entry is said to be \"" + printable(entry.kind) + "\" " + printable(entry.version) + " and is \"" +
                           printable(kind) + "\" " + printable(version)};
}

Objection check_promise(const LogEntry& entry, const TrustedLog& log, std::int64_t now) {
  if (!entry.integrated_time) return Refused{.reason = "the log entry has a promise and no time"};
  if (!log.key.verifies(message_of(as_bytes(promised_text(entry))), entry.promise))
    return not_logged("the promise of the log " + printable(log.base_url) + " does not fit its entry");
  const std::int64_t time = *entry.integrated_time;
  if (!log.valid.holds(time)) return not_logged("the log " + printable(log.base_url) + " was not to be believed at " + write_time(time));
  if (time > now + k_clock_tolerance_seconds) return Refused{Refusal::expired, "the log entry is of the future, " + write_time(time)};
  return {};
}

Objection check_proof(const LogEntry& entry, const TrustedLog& log) {
  const InclusionProof& proof = *entry.proof;
  if (!is_included(proof.log_index, proof.tree_size, merkle_leaf_hash(entry.body), proof.hashes, proof.root_hash))
    return not_logged("the proof does not lead from the log entry to the root of its tree");
  const auto checkpoint = parse_checkpoint(proof.checkpoint);
  if (!checkpoint) return objection_of(checkpoint.error(), Refusal::not_logged);
  if (checkpoint->size != proof.tree_size || checkpoint->root != proof.root_hash)
    return not_logged("the checkpoint is of another tree than the proof");
  if (const auto signed_by = check_checkpoint(*checkpoint, log); !signed_by) return objection_of(signed_by.error(), Refusal::not_logged);
  return {};
}

Objection judge_one(const LogEntry& entry, const SignedThing& thing, const TrustedRoot& root, std::int64_t now, JudgedEntry& out) {
  const auto log = std::ranges::find(root.logs(), entry.log_id, &TrustedLog::id);
  if (log == root.logs().end()) return not_logged("the log with the id " + encode_base64(entry.log_id) + " is not in the trusted root");
  out.log = &*log;
  out.record = {.log = printable(log->base_url), .index = entry.log_index};
  const auto said = log_body_kind(entry.body);
  if (!said) return objection_of(said.error(), Refusal::malformed);
  const auto& [kind, version] = *said;
  if (auto no = check_kind(entry, kind, version)) return no;
  const bool second = is_second_generation(kind, version);
  if (second && !entry.promise.empty()) return Refused{.reason = "the log entry has a promise, which its log does not give"};
  if (second && entry.proof && entry.proof->log_index != entry.log_index)
    return Refused{.reason = "the log entry has another index than its proof"};
  if (!entry.promise.empty()) {
    if (auto no = check_promise(entry, *log, now)) return no;
    out.record.promised = true;
    out.time = entry.integrated_time;
  }
  // A proof without a checkpoint proves only itself; the oldest bundles have such.
  if (entry.proof && !entry.proof->checkpoint.empty()) {
    if (auto no = check_proof(entry, *log)) return no;
    out.record.included = true;
  } else if (entry.proof) {
    const InclusionProof& proof = *entry.proof;
    if (!is_included(proof.log_index, proof.tree_size, merkle_leaf_hash(entry.body), proof.hashes, proof.root_hash))
      return not_logged("the proof does not lead from the log entry to the root of its tree");
  }
  if (!out.record.promised && !out.record.included) return not_logged("nothing proves that the log entry is in its log");
  return bind_log_body(entry.body, thing);
}

}  // namespace

// Members sorted, numbers as digits, plain ASCII: this is RFC 8785 for these four.
std::string promised_text(const LogEntry& entry) {
  return write_json(JsonObject{{"body", encode_base64(entry.body)},
                               {"integratedTime", entry.integrated_time.value_or(0)},
                               {"logID", encode_hex(entry.log_id)},
                               {"logIndex", entry.log_index}});
}

Objection judge_log_entries(std::span<const LogEntry> entries, const SignedThing& thing, const TrustedRoot& root, std::int64_t now,
                            std::vector<JudgedEntry>& out) {
  std::set<std::pair<Bytes, std::uint64_t>> places;
  std::set<std::pair<Bytes, Bytes>> bodies;
  for (const LogEntry& entry : entries) {
    // The same entry twice is no second witness (GHSA-9vcr-p3rj-q5q6).
    if (!places.emplace(entry.log_id, entry.log_index).second || !bodies.emplace(entry.log_id, entry.body).second)
      return Refused{.reason = "the same log entry stands there twice"};
    JudgedEntry judged;
    if (auto no = judge_one(entry, thing, root, now, judged)) return no;
    out.push_back(std::move(judged));
  }
  return {};
}

}  // namespace davit::oci
