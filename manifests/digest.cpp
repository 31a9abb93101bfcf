#include "manifests/digest.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"

namespace davit {
namespace {

constexpr std::size_t hex_length(DigestAlgorithm algorithm) { return algorithm == DigestAlgorithm::sha256 ? 64 : 128; }

}  // namespace

Result<Digest> Digest::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return fail(ErrorCode::malformed, "\"" + printable(text) + "\" is not a digest; expected sha256: and 64 hex digits");
  }
  const std::string_view name = text.substr(0, colon);
  const std::string_view hex = text.substr(colon + 1);
  if (name != "sha256" && name != "sha512") {
    return fail(ErrorCode::unsupported, "digest algorithm \"" + printable(name) + "\" is not supported; expected sha256 or sha512");
  }
  const DigestAlgorithm algorithm = name == "sha256" ? DigestAlgorithm::sha256 : DigestAlgorithm::sha512;
  if (hex.size() != hex_length(algorithm)) {
    return fail(ErrorCode::malformed, "digest \"" + printable(text) + "\" has " + std::to_string(hex.size()) + " hex digits, expected " +
                                          std::to_string(hex_length(algorithm)));
  }
  const bool lower_hex = std::ranges::all_of(hex, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (!lower_hex) {
    return fail(ErrorCode::malformed, "digest \"" + printable(text) + "\" holds a character other than 0-9 and a-f");
  }
  return Digest(algorithm, std::string(hex));
}

std::string_view Digest::algorithm_name() const noexcept {
  switch (algorithm_) {
    case DigestAlgorithm::sha256: return "sha256";
    case DigestAlgorithm::sha512: return "sha512";
  }
  return "";
}

std::string Digest::text() const { return std::string(algorithm_name()) + ":" + hex_; }

Bytes Digest::raw() const {
  auto decoded = decode_hex(hex_);
  CHECK(decoded.has_value());
  return *std::move(decoded);
}

struct Hasher::State {
  DigestAlgorithm algorithm;
  EVP_MD_CTX* context;
  explicit State(DigestAlgorithm chosen) : algorithm(chosen), context(EVP_MD_CTX_new()) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  State(State&&) = delete;
  State& operator=(State&&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

Hasher::Hasher(DigestAlgorithm algorithm) : state_(std::make_unique<State>(algorithm)) {
  const EVP_MD* kind = algorithm == DigestAlgorithm::sha256 ? EVP_sha256() : EVP_sha512();
  CHECK(state_->context != nullptr && EVP_DigestInit_ex(state_->context, kind, nullptr) == 1);
}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::update(ByteView bytes) { CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1); }

Digest Hasher::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
  unsigned length = 0;
  CHECK(EVP_DigestFinal_ex(state_->context, value.data(), &length) == 1);
  return {state_->algorithm, encode_hex(ByteView(reinterpret_cast<const std::byte*>(value.data()), length))};
}

Digest digest_of(ByteView bytes) {
  Hasher hasher;
  hasher.update(bytes);
  return hasher.finish();
}

}  // namespace davit
