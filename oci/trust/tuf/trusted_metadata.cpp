#include "oci/trust/tuf/trusted_metadata.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "manifests/time_text.hpp"

namespace davit::oci {
namespace {

const TufRole& role_of(const TufMetadata& root, TufKind kind) { return root.roles.at(std::string(to_text(kind))); }

// The keys behind the ids count too: an id that names another key is another signer.
bool has_same_keys(const TufMetadata& a, const TufMetadata& b, TufKind kind) {
  const TufRole& left = role_of(a, kind);
  const TufRole& right = role_of(b, kind);
  if (left.key_ids != right.key_ids) return false;
  return std::ranges::all_of(left.key_ids, [&](const std::string& id) { return a.keys.at(id).key == b.keys.at(id).key; });
}

Error older(std::string_view name, std::uint64_t version, std::uint64_t trusted) {
  return fail(ErrorCode::untrusted, printable(name) + " is of version " + std::to_string(version) + ", older than version " +
                                        std::to_string(trusted) + " that was trusted before");
}

Result<void> check_version(const TufMetadata& metadata, const TufFile& expected, std::string_view name) {
  if (metadata.version == expected.version) return {};
  return fail(ErrorCode::untrusted, printable(name) + " is of version " + std::to_string(metadata.version) + ", and version " +
                                        std::to_string(expected.version) + " was signed for");
}

// Every document that was there before is there still, and none is older (section 5.5.5).
Result<void> check_nothing_went_back(const TufMetadata& before, const TufMetadata& now) {
  for (const auto& [name, file] : before.meta) {
    const auto found = now.meta.find(name);
    if (found == now.meta.end()) return fail(ErrorCode::untrusted, "the snapshot no longer names " + printable(name));
    if (found->second.version < file.version) return older(name, found->second.version, file.version);
  }
  return {};
}

}  // namespace

Result<void> TrustedMetadata::check_role(const TufMetadata& metadata, TufKind kind) const {
  return check_signatures(metadata, role_of(root_, kind), root_.keys, to_text(kind));
}

Result<void> TrustedMetadata::check_fresh(const TufMetadata& metadata, std::string_view name) const {
  if (now_ < metadata.expires) return {};
  return fail(ErrorCode::untrusted,
              printable(name) + " version " + std::to_string(metadata.version) + " expired at " + write_time(metadata.expires));
}

Result<TrustedMetadata> TrustedMetadata::begin(std::string_view root, std::int64_t now) {
  TRY_ASSIGN(TufMetadata metadata, parse_tuf(root, TufKind::root));
  TRY(check_signatures(metadata, role_of(metadata, TufKind::root), metadata.keys, "root"));
  return TrustedMetadata(std::move(metadata), now);
}

Result<void> TrustedMetadata::update_root(std::string_view text) {
  CHECK(!timestamp_ && !snapshot_ && targets_.empty());
  TRY_ASSIGN(TufMetadata next, parse_tuf(text, TufKind::root));
  TRY(check_role(next, TufKind::root));
  TRY(check_signatures(next, role_of(next, TufKind::root), next.keys, "root"));
  if (next.version != root_.version + 1) {
    return fail(ErrorCode::untrusted, "root version " + std::to_string(next.version) + " follows version " + std::to_string(root_.version));
  }
  new_keys_ = new_keys_ || !has_same_keys(root_, next, TufKind::timestamp) || !has_same_keys(root_, next, TufKind::snapshot);
  root_ = std::move(next);
  return {};
}

Result<void> TrustedMetadata::end_of_roots() const { return check_fresh(root_, "root"); }

void TrustedMetadata::recall_timestamp(std::string_view text) {
  if (new_keys_) return;
  auto metadata = parse_tuf(text, TufKind::timestamp);
  if (metadata && check_role(*metadata, TufKind::timestamp)) timestamp_ = *std::move(metadata);
}

void TrustedMetadata::recall_snapshot(std::string_view text) {
  if (new_keys_) return;
  auto metadata = parse_tuf(text, TufKind::snapshot);
  if (metadata && check_role(*metadata, TufKind::snapshot)) snapshot_ = *std::move(metadata);
}

Result<void> TrustedMetadata::update_timestamp(std::string_view text) {
  TRY_ASSIGN(TufMetadata next, parse_tuf(text, TufKind::timestamp));
  TRY(check_role(next, TufKind::timestamp));
  const TufFile& named = next.meta.at("snapshot.json");
  if (timestamp_) {
    if (next.version < timestamp_->version) return older("timestamp", next.version, timestamp_->version);
    const TufFile& before = timestamp_->meta.at("snapshot.json");
    if (named.version < before.version) return older("the snapshot that the timestamp names", named.version, before.version);
  }
  TRY(check_fresh(next, "timestamp"));
  timestamp_ = std::move(next);
  return {};
}

Result<void> TrustedMetadata::update_snapshot(std::string_view text) {
  CHECK(timestamp_);
  const TufFile& expected = timestamp_->meta.at("snapshot.json");
  TRY(check_content(davit::as_bytes(text), expected, "snapshot"));
  TRY_ASSIGN(TufMetadata next, parse_tuf(text, TufKind::snapshot));
  TRY(check_role(next, TufKind::snapshot));
  TRY(check_version(next, expected, "snapshot"));
  if (snapshot_) TRY(check_nothing_went_back(*snapshot_, next));
  TRY(check_fresh(next, "snapshot"));
  snapshot_ = std::move(next);
  return {};
}

Result<void> TrustedMetadata::update_targets(std::string_view text, const std::string& role, const std::string& parent) {
  CHECK(snapshot_);
  const auto expected = snapshot_->meta.find(role + ".json");
  if (expected == snapshot_->meta.end()) return fail(ErrorCode::untrusted, "the snapshot does not name the role " + printable(role));
  TRY(check_content(davit::as_bytes(text), expected->second, role));
  TRY_ASSIGN(TufMetadata next, parse_tuf(text, TufKind::targets));
  if (role == to_text(TufKind::targets)) {
    TRY(check_role(next, TufKind::targets));
  } else {
    const TufMetadata* from = targets(parent);
    CHECK(from != nullptr);
    const auto delegation = std::ranges::find(from->delegations, role, &TufDelegation::name);
    CHECK(delegation != from->delegations.end());
    TRY(check_signatures(next, delegation->role, from->keys, role));
  }
  TRY(check_version(next, expected->second, role));
  TRY(check_fresh(next, role));
  targets_.insert_or_assign(role, std::move(next));
  return {};
}

const TufMetadata* TrustedMetadata::targets(const std::string& role) const {
  const auto found = targets_.find(role);
  return found == targets_.end() ? nullptr : &found->second;
}

}  // namespace davit::oci
