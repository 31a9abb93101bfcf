// Content digests in OCI form, `algorithm:hex` (image-spec descriptor.md, "Digests").
#pragma once

#include <compare>
#include <memory>
#include <string>
#include <string_view>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"

namespace davit {

enum class DigestAlgorithm { sha256, sha512 };

/// A digest that cannot be wrong: known algorithm, right length, lower-case hex.
class Digest {
 public:
  /// Errors: malformed (no colon, wrong length, foreign character), unsupported (other algorithm)
  static Result<Digest> parse(std::string_view text);

  [[nodiscard]] DigestAlgorithm algorithm() const noexcept { return algorithm_; }
  [[nodiscard]] const std::string& hex() const noexcept { return hex_; }
  [[nodiscard]] std::string_view algorithm_name() const noexcept;
  /// `sha256:…`
  [[nodiscard]] std::string text() const;
  /// First twelve hex digits, for people.
  [[nodiscard]] std::string brief() const { return hex_.substr(0, 12); }
  [[nodiscard]] Bytes raw() const;

  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  friend class Hasher;
  Digest(DigestAlgorithm algorithm, std::string hex) : algorithm_(algorithm), hex_(std::move(hex)) {}
  DigestAlgorithm algorithm_;
  std::string hex_;
};

/// Computes a digest over bytes as they pass by.
class Hasher {
 public:
  explicit Hasher(DigestAlgorithm algorithm = DigestAlgorithm::sha256);
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  ~Hasher();

  void update(ByteView bytes);
  /// Ends the computation; the hasher must not be used afterwards.
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// sha256 over the whole view.
Digest digest_of(ByteView bytes);
inline Digest digest_of(std::string_view text) { return digest_of(as_bytes(text)); }

}  // namespace davit
