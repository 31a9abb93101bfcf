// Sigstore bundles (protobuf-specs, sigstore_bundle.proto, in its JSON form): one signature with what is needed to check
// it. Versions 0.1 to 0.3 are read, `application/vnd.dev.sigstore.bundle.v0.3+json` is written.
//
//   {"mediaType":…, "verificationMaterial":{"publicKey":{"hint":…} | "certificate":… | "x509CertificateChain":…,
//                                           "tlogEntries":[…], "timestampVerificationData":{…}},
//    "dsseEnvelope":{…} | "messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":…},"signature":…}}
//
// Exactly one kind of key material and exactly one content, and no member that the format does not know: a bundle
// that says two things, or something not understood, is refused. Parsing believes nothing; verifier.hpp decides.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/envelope.hpp"
#include "oci/trust/signed_message.hpp"

namespace davit::oci {

inline constexpr std::uint64_t k_max_bundle_bytes = std::uint64_t{4} << 20;
inline constexpr std::size_t k_max_log_entries = 32;
inline constexpr std::size_t k_max_timestamps = 32;
inline constexpr std::size_t k_max_bundle_certificates = 10;

inline constexpr std::size_t k_max_proof_hashes = 64;  ///< a tree of 2^64 leaves needs no more
inline constexpr std::size_t k_max_checkpoint_bytes = 64 * 1024;

enum class KeyMaterial { public_key, certificate };

struct MessageSignature {
  std::optional<Digest> message_digest{};  ///< the signer's claim, for consistency only
  std::optional<Sha384> message_sha384{};  ///< the same, where the signer chose that hash
  Bytes signature{};
};

/// "This leaf is in the tree with this root" (RFC 9162 section 2.1.3), and the log's signature over that root.
struct InclusionProof {
  std::uint64_t log_index = 0;  ///< in this tree
  std::uint64_t tree_size = 0;
  Bytes root_hash{};
  std::vector<Bytes> hashes{};
  std::string checkpoint{};  ///< a signed note; empty: none
};

/// An entry of a transparency log as a bundle or an annotation carries it.
struct LogEntry {
  std::uint64_t log_index = 0;  ///< as the whole log counts
  Bytes log_id{};
  std::string kind{}, version{};                  ///< empty in annotations: then the body says it
  std::optional<std::int64_t> integrated_time{};  ///< a claim, until a promise covers it
  Bytes promise{};                                ///< signed entry timestamp; empty: none
  std::optional<InclusionProof> proof{};
  Bytes body{};  ///< the exact bytes of the leaf
};

struct Bundle {
  std::string media_type;
  KeyMaterial material = KeyMaterial::public_key;
  std::string key_hint{};
  std::vector<Bytes> certificates{};  ///< DER, the signer's first; no root
  std::vector<LogEntry> entries{};
  std::vector<Bytes> timestamps{};  ///< DER of TimeStampResp
  std::variant<Envelope, MessageSignature> content;

  /// 1, 2 or 3: the minor version that the media type names.
  [[nodiscard]] int version() const;
};

/// Whether this is the media type of a bundle of any version.
bool is_bundle_media_type(std::string_view media_type);

/// Errors: malformed (with JSON pointer), unsupported (version), limit
Result<Bundle> parse_bundle(std::string_view text);

/// A TransparencyLogEntry, as it stands in bundles and as logs of the second generation answer.
Result<LogEntry> parse_log_entry(const JsonView& json);

/// Compact, the same bytes for the same parts.
std::string write_bundle(const Bundle& bundle);

}  // namespace davit::oci
