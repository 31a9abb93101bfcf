// What is believed of a repository, and the only ways in which that may change (TUF specification 1.0, section 5).
// No network, no disk, no clock: documents come in as bytes, in the order root*, timestamp, snapshot, targets.
//
//   root       version by version, signed by the old and by the new keys            arbitrary software, lost keys
//   timestamp  never older than the one before, nor naming an older snapshot        rollback, freeze
//   snapshot   as the timestamp says; no document in it older or gone               rollback, mix and match
//   targets    as the snapshot says                                                 mix and match
//
// When a new root changes the keys of timestamp or snapshot, what they said before is forgotten: whoever stole the old
// ones may have counted the versions up so far that the honest ones would never be newer (fast-forward).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "oci/trust/tuf/metadata.hpp"

namespace davit::oci {

class TrustedMetadata {
 public:
  /// Believes this root, which the caller has from a source that it trusts. It must be signed by itself, and may have
  /// expired: the roots that follow decide.
  /// Errors: malformed, untrusted
  static Result<TrustedMetadata> begin(std::string_view root, std::int64_t now);

  /// The next version. Errors: malformed, untrusted
  Result<void> update_root(std::string_view text);
  /// No further root will come; the last one must not have expired. Errors: untrusted
  Result<void> end_of_roots() const;

  /// What an earlier run believed, which may have expired since; what does not fit the root any more is passed over.
  void recall_timestamp(std::string_view text);
  void recall_snapshot(std::string_view text);

  /// Errors: malformed, untrusted (also: older, expired), mismatch
  Result<void> update_timestamp(std::string_view text);
  Result<void> update_snapshot(std::string_view text);
  /// @param role    `targets`, or a delegated one
  /// @param parent  who delegated to it; unused for `targets`
  Result<void> update_targets(std::string_view text, const std::string& role, const std::string& parent);

  [[nodiscard]] const TufMetadata& root() const { return root_; }
  [[nodiscard]] const std::optional<TufMetadata>& timestamp() const { return timestamp_; }
  [[nodiscard]] const std::optional<TufMetadata>& snapshot() const { return snapshot_; }
  /// Null when that role was not loaded.
  [[nodiscard]] const TufMetadata* targets(const std::string& role) const;
  /// Whether what was kept of earlier runs must be forgotten.
  [[nodiscard]] bool has_new_keys() const { return new_keys_; }

 private:
  TrustedMetadata(TufMetadata root, std::int64_t now) : root_(std::move(root)), now_(now) {}
  [[nodiscard]] Result<void> check_role(const TufMetadata& metadata, TufKind kind) const;
  [[nodiscard]] Result<void> check_fresh(const TufMetadata& metadata, std::string_view name) const;

  TufMetadata root_;
  std::optional<TufMetadata> timestamp_{};
  std::optional<TufMetadata> snapshot_{};
  std::map<std::string, TufMetadata> targets_{};
  std::int64_t now_;
  bool new_keys_ = false;
};

}  // namespace davit::oci
