// trusted_root.json (protobuf-specs, sigstore_trustroot.proto): the logs and authorities that a verifier believes, and
// when. It comes from a file that the user names or from TUF; none is compiled in. Every entry must say from when on it
// is to be believed; an entry without that fails the whole file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "oci/trust/keys.hpp"
#include "oci/trust/sigstore/authority_chain.hpp"

namespace davit::oci {

inline constexpr std::size_t k_max_trusted_root_bytes = std::size_t{1} << 20;
inline constexpr std::size_t k_max_trusted_entries = 64;  ///< of each kind

/// Both ends belong to it; no end means still valid.
struct ValidityWindow {
  std::int64_t start = 0;
  std::optional<std::int64_t> end{};
  [[nodiscard]] bool holds(std::int64_t seconds) const { return start <= seconds && (!end || seconds <= *end); }
};

/// A transparency log: of signatures (Rekor) or of certificates (CT).
struct TrustedLog {
  std::string base_url{};
  std::string host{};  ///< of the base URL; the name in checkpoints of Rekor v2
  Bytes id{};          ///< 32 bytes
  PublicKey key;
  ValidityWindow valid{};
};

/// An authority for certificates (Fulcio) or timestamps.
struct TrustedAuthority {
  std::string uri{};
  std::string name{};  ///< common name or organization
  AuthorityChain chain;
  ValidityWindow valid{};
};

class TrustedRoot {
 public:
  /// All media types: `…trustedroot+json;version=0.1`, `…trustedroot.v0.1+json`, `…v0.2+json`, and the trusted root
  /// inside `…clienttrustconfig.v0.1+json`.
  /// Errors: malformed (with JSON pointer), unsupported (media type), limit
  static Result<TrustedRoot> parse(std::string_view json);

  [[nodiscard]] const std::vector<TrustedLog>& logs() const noexcept { return logs_; }
  [[nodiscard]] const std::vector<TrustedLog>& certificate_logs() const noexcept { return certificate_logs_; }
  [[nodiscard]] const std::vector<TrustedAuthority>& certificate_authorities() const noexcept { return certificate_authorities_; }
  [[nodiscard]] const std::vector<TrustedAuthority>& timestamp_authorities() const noexcept { return timestamp_authorities_; }
  /// Entries with a kind of key that davit does not judge: they never count, and are named so that nobody wonders.
  [[nodiscard]] const std::vector<std::string>& passed_over() const noexcept { return passed_over_; }

  [[nodiscard]] const Digest& digest() const noexcept { return digest_; }
  /// When its youngest entry begins: the file is at least as young as that.
  [[nodiscard]] std::int64_t newest_start() const;
  /// One line for people: how many logs and authorities, its digest, and its age at `now`.
  [[nodiscard]] std::string summary(std::int64_t now) const;

 private:
  explicit TrustedRoot(Digest digest) : digest_(std::move(digest)) {}
  std::vector<TrustedLog> logs_, certificate_logs_;
  std::vector<TrustedAuthority> certificate_authorities_, timestamp_authorities_;
  std::vector<std::string> passed_over_;
  Digest digest_;
};

}  // namespace davit::oci
