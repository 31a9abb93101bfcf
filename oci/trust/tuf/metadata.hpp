// Metadata of The Update Framework (TUF specification 1.0, section 4): four kinds of signed documents that together say
// which files a repository offers now.
//
//   root       the keys and thresholds of all roles; each version is signed by the one before it and by itself
//   timestamp  the version (and hash) of the snapshot; signed often, expires soon: freezing shows
//   snapshot   the versions of all targets metadata: no mixing of old and new
//   targets    names, lengths and hashes of files; and who else may speak for some of them (delegations)
//
// A document is {"signed": {…}, "signatures": [{"keyid", "sig"}]}; signatures are over the canonical form of "signed".
// Reading checks the form only. What a signature is worth, and whether a version may be taken, says trusted_metadata.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/json.hpp"
#include "oci/trust/keys.hpp"

namespace davit::oci {

// Most bytes of each kind that are read when nothing signed says how many there are.
inline constexpr std::uint64_t k_max_tuf_root_bytes = std::uint64_t{512} * 1024;
inline constexpr std::uint64_t k_max_tuf_timestamp_bytes = std::uint64_t{16} * 1024;
inline constexpr std::uint64_t k_max_tuf_snapshot_bytes = std::uint64_t{2} << 20;
inline constexpr std::uint64_t k_max_tuf_targets_bytes = std::uint64_t{4} << 20;
inline constexpr std::size_t k_max_tuf_keys = 256;        ///< of one document
inline constexpr std::size_t k_max_tuf_signatures = 256;  ///< of one document

enum class TufKind { root, timestamp, snapshot, targets };
/// As `_type` has it. On the wire: never change.
std::string_view to_text(TufKind kind);

/// A key that may be of a kind that davit cannot check; it then signs nothing.
struct TufKey {
  std::optional<PublicKey> key{};
  SignatureScheme scheme = SignatureScheme::ed25519;
};
using TufKeys = std::map<std::string, TufKey>;  ///< by key id

struct TufRole {
  std::set<std::string> key_ids{};
  std::size_t threshold = 1;
  friend bool operator==(const TufRole&, const TufRole&) = default;
};

/// What one document says of another one or of a file.
struct TufFile {
  std::uint64_t version = 0;                    ///< only of metadata
  std::optional<std::uint64_t> length{};        ///< always set for targets
  std::map<std::string, std::string> hashes{};  ///< algorithm → hex; always with one that is known for targets
};

struct TufDelegation {
  std::string name{};
  TufRole role{};
  bool terminating = false;
  std::vector<std::string> paths{};          ///< patterns with * and ?, part by part
  std::vector<std::string> hash_prefixes{};  ///< of the sha256 of the target's name
};

struct TufSignature {
  std::string key_id{};
  Bytes signature{};  ///< empty when it is no hex
};

/// The common head of every document, and the members of its kind.
struct TufMetadata {
  TufKind kind = TufKind::root;
  std::uint64_t version = 0;
  std::int64_t expires = 0;  ///< seconds since 1970, UTC
  Bytes signed_bytes{};      ///< canonical
  std::vector<TufSignature> signatures{};

  bool consistent_snapshot = false;        ///< root
  TufKeys keys{};                          ///< root: of all roles; targets: of the delegations
  std::map<std::string, TufRole> roles{};  ///< root
  std::map<std::string, TufFile> meta{};   ///< timestamp, snapshot: by file name, such as `targets.json`
  std::map<std::string, TufFile> targets{};
  std::vector<TufDelegation> delegations{};
};

/// Errors: malformed (form, another kind), unsupported (specification version), limit
Result<TufMetadata> parse_tuf(std::string_view text, TufKind kind);

/// Whether the role's threshold of different keys signed these bytes.
/// Errors: untrusted (the message says how many did)
Result<void> check_signatures(const TufMetadata& metadata, const TufRole& role, const TufKeys& keys, std::string_view name);

/// Length and every hash that is known must fit. Errors: mismatch
Result<void> check_content(ByteView content, const TufFile& expected, std::string_view name);

/// Whether a delegation is about this target.
bool is_about(const TufDelegation& delegation, std::string_view target);

}  // namespace davit::oci
