#include "oci/trust/tuf/metadata_keys.hpp"

#include <array>

#include "manifests/encoding.hpp"

namespace davit::oci {
namespace {

struct SchemeName {
  std::string_view name;
  SignatureScheme scheme;
  std::array<std::string_view, 2> key_types;
};
// On the wire: never change.
constexpr std::array<SchemeName, 6> k_schemes{{{"ed25519", SignatureScheme::ed25519, {"ed25519", "ed25519"}},
                                               {"ecdsa-sha2-nistp256", SignatureScheme::ecdsa_sha256, {"ecdsa", "ecdsa-sha2-nistp256"}},
                                               {"ecdsa-sha2-nistp384", SignatureScheme::ecdsa_sha384, {"ecdsa", "ecdsa-sha2-nistp384"}},
                                               {"rsassa-pss-sha256", SignatureScheme::rsa_pss_sha256, {"rsa", "rsa"}},
                                               {"rsassa-pss-sha384", SignatureScheme::rsa_pss_sha384, {"rsa", "rsa"}},
                                               {"rsassa-pss-sha512", SignatureScheme::rsa_pss_sha512, {"rsa", "rsa"}}}};

// SubjectPublicKeyInfo up to the key itself, for keys that stand there bare in hex.
constexpr std::string_view k_ed25519_head = "302a300506032b6570032100";
constexpr std::string_view k_p256_head = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

Result<PublicKey> read_public(std::string_view text, SignatureScheme scheme) {
  if (text.starts_with("-----BEGIN")) return PublicKey::parse(text);
  const std::string_view head = scheme == SignatureScheme::ed25519 ? k_ed25519_head : k_p256_head;
  TRY_ASSIGN(const Bytes der, decode_hex(std::string(head) + std::string(text)));
  return PublicKey::from_der(der);
}

bool is_curve_of(const PublicKey& key, SignatureScheme scheme) {
  if (scheme == SignatureScheme::ecdsa_sha256) return key.kind() == KeyKind::ecdsa_p256;
  if (scheme == SignatureScheme::ecdsa_sha384) return key.kind() == KeyKind::ecdsa_p384;
  return fits(scheme, key.kind());
}

Result<TufKey> parse_key(const JsonView& json) {
  TRY_ASSIGN(const JsonView type, json.field("keytype"));
  TRY_ASSIGN(const std::string type_text, type.as_string());
  TRY_ASSIGN(const JsonView scheme, json.field("scheme"));
  TRY_ASSIGN(const std::string scheme_text, scheme.as_string());
  TRY_ASSIGN(const JsonView value, json.field("keyval"));
  TRY_ASSIGN(const JsonView field, value.field("public"));
  TRY_ASSIGN(const std::string text, field.as_string());
  for (const SchemeName& known : k_schemes) {
    if (known.name != scheme_text || (known.key_types[0] != type_text && known.key_types[1] != type_text)) continue;
    auto key = read_public(text, known.scheme);
    // A key that cannot be read, or is for another scheme, signs nothing: the thresholds decide what that means.
    if (!key || !is_curve_of(*key, known.scheme)) return TufKey{};
    return TufKey{.key = *std::move(key), .scheme = known.scheme};
  }
  return TufKey{};
}

}  // namespace

Result<TufKeys> parse_tuf_keys(const JsonView& json) {
  TRY_ASSIGN(const auto members, json.as_members());
  if (members.size() > k_max_tuf_keys) return fail(ErrorCode::limit, std::to_string(members.size()) + " keys are over the limit");
  TufKeys keys;
  for (const auto& [id, value] : members) {
    if (id.empty()) return value.complaint("a key without an id");
    TRY_ASSIGN(TufKey key, parse_key(value));
    keys.emplace(id, std::move(key));
  }
  return keys;
}

}  // namespace davit::oci
