// Brings what is known of a repository up to date and fetches files from it: the client workflow of the TUF
// specification, section 5, over two ports. Where something came from never matters, only what is signed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "oci/trust/tuf/trusted_metadata.hpp"

namespace davit::oci {

inline constexpr std::size_t k_max_root_rotations = 256;  ///< in one update
inline constexpr std::size_t k_max_delegated_roles = 32;  ///< looked at for one target
inline constexpr std::uint64_t k_max_target_bytes = std::uint64_t{16} << 20;

/// The port to a repository.
class TufMirror {
 public:
  virtual ~TufMirror() = default;
  /// A metadata file such as `2.root.json`; nothing when there is none.
  /// Errors: network, io, limit (more than `limit_bytes`)
  virtual Result<std::optional<Bytes>> fetch_metadata(const std::string& name, std::uint64_t limit_bytes) = 0;
  /// A file below the folder of targets; `path` is checked and its parts are safe.
  virtual Result<std::optional<Bytes>> fetch_target(const std::string& path, std::uint64_t limit_bytes) = 0;
  /// What to call it in messages.
  [[nodiscard]] virtual std::string name() const = 0;
};

/// The port to what is remembered between runs, by names such as `root.json`.
class TufMemory {
 public:
  virtual ~TufMemory() = default;
  /// Nothing when there is none. Errors: io
  virtual Result<std::optional<Bytes>> recall(const std::string& name) = 0;
  virtual Result<void> keep(const std::string& name, ByteView content) = 0;
  virtual Result<void> forget(const std::string& name) = 0;
};

class TufClient {
 public:
  /// Starts from the remembered root, else from `first_root`.
  /// @param now  seconds since 1970: the one time at which everything of this update is judged
  /// Errors: not_found (neither is there), malformed, untrusted, io
  static Result<TufClient> open(TufMirror& mirror, TufMemory& memory, const std::optional<Bytes>& first_root, std::int64_t now);

  /// Root, timestamp, snapshot and top-level targets, in this order; each is remembered as soon as it is believed.
  /// Errors: untrusted, mismatch, malformed, network, io
  Result<void> update();

  /// What is signed about a target, looked for through delegations. Errors: not_found, and those of update
  Result<TufFile> find_target(const std::string& target);
  /// The target's bytes. Errors: not_found, mismatch, malformed (a name that is no path), limit
  Result<Bytes> fetch_target(const std::string& target);

  [[nodiscard]] const TrustedMetadata& trusted() const { return trusted_; }

 private:
  TufClient(TufMirror& mirror, TufMemory& memory, TrustedMetadata trusted)
      : mirror_(&mirror), memory_(&memory), trusted_(std::move(trusted)) {}
  Result<void> update_roots();
  Result<void> update_timestamp();
  Result<void> update_snapshot();
  Result<void> load_targets(const std::string& role, const std::string& parent);
  Result<Bytes> fetch_named(const std::string& role, const TufFile& file, std::uint64_t most);

  TufMirror* mirror_;  ///< not owned
  TufMemory* memory_;  ///< not owned
  TrustedMetadata trusted_;
};

/// The parts of a target's name. Errors: malformed (empty parts, `.`, `..`, a backslash, control characters)
Result<std::vector<std::string>> split_target_name(const std::string& target);

}  // namespace davit::oci
