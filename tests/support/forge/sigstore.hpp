// A Sigstore of one's own: certificate authority, certificate log, transparency logs of both generations, timestamp
// authority, and the trusted root that names them. Every part can be made to say something wrong, so that a test has a
// signature with exactly one fault. Shares no code with what judges: trees, notes, tokens and bodies are made here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "oci/trust/bundle.hpp"
#include "support/forge/certificates.hpp"

namespace davit::forge {

inline constexpr std::int64_t k_signing_time = k_epoch + 1000;

/// A transparency log with a real tree.
class Log {
 public:
  Log(Key key, std::string base_url, bool second_generation);
  /// Adds a leaf and says all that the log can say about it.
  /// @param time  of a promise; first generation only
  oci::LogEntry add(const std::string& kind, const std::string& version, ByteView body, std::int64_t time = k_signing_time);
  /// The note that this log signs for its present tree.
  [[nodiscard]] std::string checkpoint() const;
  [[nodiscard]] std::string note(const std::string& text, const std::string& name, const Key& by, ByteView hint) const;
  [[nodiscard]] Bytes promise(const oci::LogEntry& entry) const;
  [[nodiscard]] Bytes id() const;
  [[nodiscard]] const Key& key() const { return key_; }
  [[nodiscard]] const std::string& base_url() const { return base_url_; }
  /// Without the port.
  [[nodiscard]] std::string host() const {
    const std::string rest = base_url_.substr(base_url_.find("://") + 3);
    return rest.substr(0, rest.find(':'));
  }
  [[nodiscard]] std::string origin() const;
  [[nodiscard]] std::size_t size() const { return leaves_.size(); }
  [[nodiscard]] Bytes root() const { return root_of(0, leaves_.size()); }
  void fill(std::size_t leaves);

 private:
  [[nodiscard]] Bytes root_of(std::size_t begin, std::size_t end) const;
  void prove(std::size_t index, std::size_t begin, std::size_t end, std::vector<Bytes>& out) const;
  Key key_;
  std::string base_url_;
  bool second_;
  std::vector<Bytes> leaves_;  ///< hashes
};

struct TimestampSpec {
  std::int64_t time = k_signing_time;
  const char* imprint = "SHA256";
  std::vector<Bytes> bag{};       ///< certificates that come along
  std::optional<Bytes> named{};   ///< the certificate that the token names as its signer; none: the authority's
  std::optional<Bytes> hashed{};  ///< the certificate whose hash is signed along; none: the authority's
  const Key* key = nullptr;       ///< none: the authority's
  int status = 0;
  bool unsigned_attribute = false;
  Bytes nonce{};  ///< a whole INTEGER
};

struct TimestampAuthority {
  Authority authority;
  Key key = Key::ec();
  Bytes certificate;
  explicit TimestampAuthority(const std::string& name, CertificateSpec spec = default_spec());
  static CertificateSpec default_spec() {
    return {.common_name = "stamper", .not_after = k_epoch + 5 * k_year, .extended_key_usage = "critical,timeStamping"};
  }
  /// A TimeStampResp over these bytes.
  [[nodiscard]] Bytes stamp(ByteView bytes, const TimestampSpec& spec = {}) const;
  /// The same over a hash that is known already.
  [[nodiscard]] Bytes stamp_hash(ByteView hash, const TimestampSpec& spec) const;
};

/// One window in the trusted root, as JSON.
std::string window(std::int64_t start, std::optional<std::int64_t> end = {});

struct World {
  Authority fulcio{"fulcio"};
  Key certificate_log = Key::ec(), second_certificate_log = Key::ec();
  Log rekor{Key::ec(), "https://rekor.example", false};
  Log tiles{Key::ed25519(), "https://log1.tiles.example", true};
  TimestampAuthority tsa{"tsa"};
  // Windows of the trusted root, as JSON.
  std::string fulcio_window = window(k_epoch), log_window = window(k_epoch), tiles_window = window(k_epoch), ct_window = window(k_epoch),
              tsa_window = window(k_epoch);

  [[nodiscard]] std::string trusted_root() const;

  /// A signer's certificate with one promise of each of these certificate logs.
  [[nodiscard]] Bytes certify(const Key& key, CertificateSpec spec, const std::vector<Key>& promised_by) const;
  [[nodiscard]] Bytes certify(const Key& key) const;
};

/// What a certificate of this world says, ten minutes long.
CertificateSpec signer_spec();
inline constexpr const char* k_signer = "dev@project.example";
inline constexpr const char* k_issuer = "https://issuer.example";

/// The content of the extension with one promise by each log.
Bytes promises(const Bytes& certificate_without, const Bytes& issuer, const std::vector<Key>& logs, std::int64_t time,
               ByteView extensions = {});

// Bodies of log entries, as the logs write them. `pem` is the signer's certificate or public key.
std::string hashedrekord(ByteView sha256, ByteView signature, const std::string& pem);
std::string hashedrekord_2(ByteView sha256, ByteView signature, const Bytes& der, bool certificate = true);
std::string dsse(const std::string& envelope, ByteView payload, ByteView signature, const std::string& pem);
std::string intoto(const std::string& payload_type, ByteView payload, ByteView signature, const std::string& pem);
std::string intoto_1(const std::string& envelope, ByteView payload, const std::string& pem);

}  // namespace davit::forge
