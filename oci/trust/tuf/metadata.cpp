#include "oci/trust/tuf/metadata.hpp"

#include <algorithm>

#include "manifests/digest.hpp"
#include "manifests/encoding.hpp"
#include "manifests/time_text.hpp"
#include "oci/trust/tuf/canonical_json.hpp"
#include "oci/trust/tuf/metadata_keys.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_max_delegations = 4096;
constexpr std::size_t k_max_targets = 65536;

Result<std::uint64_t> read_positive(const JsonView& object, std::string_view name) {
  TRY_ASSIGN(const JsonView field, object.field(name));
  TRY_ASSIGN(const std::uint64_t value, field.as_unsigned());
  if (value == 0) return field.complaint("is 0; expected 1 or more");
  return value;
}

Result<TufRole> parse_role(const JsonView& json, const TufKeys& keys) {
  TufRole role;
  TRY_ASSIGN(role.threshold, read_positive(json, "threshold"));
  TRY_ASSIGN(const JsonView list, json.field("keyids"));
  TRY_ASSIGN(const auto ids, list.as_strings());
  for (const std::string& id : ids) {
    if (!keys.contains(id)) return list.complaint("names the key " + printable(id) + ", which is not there");
    if (!role.key_ids.insert(id).second) return list.complaint("names the key " + printable(id) + " twice");
  }
  return role;
}

Result<std::map<std::string, std::string>> parse_hashes(const JsonView& json) {
  std::map<std::string, std::string> hashes;
  TRY_ASSIGN(const auto members, json.as_members());
  for (const auto& [algorithm, value] : members) {
    TRY_ASSIGN(std::string hex, value.as_string());
    hashes.emplace(algorithm, std::move(hex));
  }
  if (hashes.empty()) return json.complaint("holds no hash");
  return hashes;
}

Result<TufFile> parse_file(const JsonView& json, bool is_target) {
  TufFile file;
  if (!is_target) {
    TRY_ASSIGN(file.version, read_positive(json, "version"));
  }
  if (const auto length = json.find("length")) {
    TRY_ASSIGN(file.length, length->as_unsigned());
  }
  if (const auto hashes = json.find("hashes")) {
    TRY_ASSIGN(file.hashes, parse_hashes(*hashes));
  }
  if (is_target && !file.length) return json.complaint("has no length");
  if (is_target && !file.hashes.contains("sha256") && !file.hashes.contains("sha512"))
    return json.complaint("has neither a sha256 nor a sha512 hash");
  return file;
}

Result<std::map<std::string, TufFile>> parse_files(const JsonView& json, bool are_targets) {
  TRY_ASSIGN(const auto members, json.as_members());
  if (members.size() > k_max_targets)
    return fail(ErrorCode::limit, std::to_string(members.size()) + " files in one document are over the limit");
  std::map<std::string, TufFile> files;
  for (const auto& [name, value] : members) {
    TRY_ASSIGN(TufFile file, parse_file(value, are_targets));
    files.emplace(name, std::move(file));
  }
  return files;
}

Result<TufDelegation> parse_delegation(const JsonView& json, const TufKeys& keys) {
  TufDelegation delegation;
  TRY_ASSIGN(const JsonView name, json.field("name"));
  TRY_ASSIGN(delegation.name, name.as_string());
  for (const TufKind kind : {TufKind::root, TufKind::timestamp, TufKind::snapshot, TufKind::targets}) {
    if (delegation.name == to_text(kind)) return name.complaint("a delegation has the name of a role of the repository");
  }
  if (delegation.name.empty()) return name.complaint("is empty");
  TRY_ASSIGN(delegation.role, parse_role(json, keys));
  TRY_ASSIGN(const JsonView terminating, json.field("terminating"));
  TRY_ASSIGN(delegation.terminating, terminating.as_bool());
  const auto paths = json.find("paths");
  const auto prefixes = json.find("path_hash_prefixes");
  if (paths.has_value() == prefixes.has_value()) return json.complaint("expected either \"paths\" or \"path_hash_prefixes\"");
  if (paths) {
    TRY_ASSIGN(delegation.paths, paths->as_strings());
  } else {
    TRY_ASSIGN(delegation.hash_prefixes, prefixes->as_strings());
  }
  return delegation;
}

// `succinct_roles`: 2^bits delegations to the same keys, the role being chosen by the first bits of the name's hash.
Result<void> parse_succinct(const JsonView& json, TufMetadata& metadata) {
  TRY_ASSIGN(const TufRole role, parse_role(json, metadata.keys));
  TRY_ASSIGN(const std::uint64_t bits, read_positive(json, "bit_length"));
  TRY_ASSIGN(const JsonView prefix_field, json.field("name_prefix"));
  TRY_ASSIGN(const std::string prefix, prefix_field.as_string());
  if (bits > 12) return fail(ErrorCode::limit, "2^" + std::to_string(bits) + " delegations are over the limit");
  const std::size_t digits = (bits + 3) / 4;
  for (std::uint64_t i = 0; i < std::uint64_t{1} << bits; ++i) {
    std::string number(digits, '0');
    for (std::size_t d = 0; d < digits; ++d) number[digits - 1 - d] = "0123456789abcdef"[i >> (4 * d) & 15U];
    TufDelegation delegation{.name = prefix + "-" + number, .role = role};
    // All prefixes of three digits whose first bits are these.
    for (std::uint64_t low = 0; low < std::uint64_t{1} << (12 - bits); ++low) {
      const std::uint64_t value = i << (12 - bits) | low;
      std::string hex(3, '0');
      for (std::size_t d = 0; d < 3; ++d) hex[2 - d] = "0123456789abcdef"[value >> (4 * d) & 15U];
      delegation.hash_prefixes.push_back(std::move(hex));
    }
    metadata.delegations.push_back(std::move(delegation));
  }
  return {};
}

Result<void> parse_delegations(const JsonView& json, TufMetadata& metadata) {
  TRY_ASSIGN(const JsonView keys, json.field("keys"));
  TRY_ASSIGN(metadata.keys, parse_tuf_keys(keys));
  if (const auto succinct = json.find("succinct_roles")) {
    if (json.find("roles")) return json.complaint("holds both \"roles\" and \"succinct_roles\"");
    return parse_succinct(*succinct, metadata);
  }
  TRY_ASSIGN(const JsonView roles, json.field("roles"));
  TRY_ASSIGN(const auto items, roles.as_items());
  if (items.size() > k_max_delegations) return fail(ErrorCode::limit, std::to_string(items.size()) + " delegations are over the limit");
  std::set<std::string> names;
  for (const JsonView& item : items) {
    TRY_ASSIGN(TufDelegation delegation, parse_delegation(item, metadata.keys));
    if (!names.insert(delegation.name).second) return item.complaint("a role of this name stands there already");
    metadata.delegations.push_back(std::move(delegation));
  }
  return {};
}

Result<void> parse_root(const JsonView& json, TufMetadata& metadata) {
  if (const auto consistent = json.find("consistent_snapshot")) {
    TRY_ASSIGN(metadata.consistent_snapshot, consistent->as_bool());
  }
  TRY_ASSIGN(const JsonView keys, json.field("keys"));
  TRY_ASSIGN(metadata.keys, parse_tuf_keys(keys));
  TRY_ASSIGN(const JsonView roles, json.field("roles"));
  for (const TufKind kind : {TufKind::root, TufKind::timestamp, TufKind::snapshot, TufKind::targets}) {
    TRY_ASSIGN(const JsonView role_json, roles.field(to_text(kind)));
    TRY_ASSIGN(TufRole role, parse_role(role_json, metadata.keys));
    metadata.roles.emplace(to_text(kind), std::move(role));
  }
  return {};
}

Result<void> parse_body(const JsonView& json, TufMetadata& metadata) {
  switch (metadata.kind) {
    case TufKind::root: return parse_root(json, metadata);
    case TufKind::timestamp:
    case TufKind::snapshot: {
      TRY_ASSIGN(const JsonView meta, json.field("meta"));
      TRY_ASSIGN(metadata.meta, parse_files(meta, false));
      const std::string needed = metadata.kind == TufKind::timestamp ? "snapshot.json" : "targets.json";
      if (!metadata.meta.contains(needed)) return meta.complaint("does not name " + needed);
      return {};
    }
    case TufKind::targets: {
      TRY_ASSIGN(const JsonView targets, json.field("targets"));
      TRY_ASSIGN(metadata.targets, parse_files(targets, true));
      if (const auto delegations = json.find("delegations")) return parse_delegations(*delegations, metadata);
      return {};
    }
  }
  return {};
}

Result<void> parse_signatures(const JsonView& json, TufMetadata& metadata) {
  TRY_ASSIGN(const auto items, json.as_items());
  if (items.size() > k_max_tuf_signatures) return fail(ErrorCode::limit, std::to_string(items.size()) + " signatures are over the limit");
  for (const JsonView& item : items) {
    TufSignature signature;
    TRY_ASSIGN(const JsonView id, item.field("keyid"));
    TRY_ASSIGN(signature.key_id, id.as_string());
    TRY_ASSIGN(const JsonView value, item.field("sig"));
    TRY_ASSIGN(const std::string hex, value.as_string());
    // Repositories keep a place for a signer who has not signed; that is no signature, and no error.
    signature.signature = decode_hex(hex).value_or({});
    metadata.signatures.push_back(std::move(signature));
  }
  return {};
}

// `*` and `?` within one part of a path; no recursion.
bool fits_part(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool fits_path(std::string_view pattern, std::string_view path) {
  while (true) {
    const std::size_t a = pattern.find('/');
    const std::size_t b = path.find('/');
    if (!fits_part(pattern.substr(0, a), path.substr(0, b))) return false;
    if (a == std::string_view::npos || b == std::string_view::npos) return a == b;
    pattern.remove_prefix(a + 1);
    path.remove_prefix(b + 1);
  }
}

}  // namespace

std::string_view to_text(TufKind kind) {
  switch (kind) {
    case TufKind::root: return "root";
    case TufKind::timestamp: return "timestamp";
    case TufKind::snapshot: return "snapshot";
    case TufKind::targets: return "targets";
  }
  return "";
}

Result<TufMetadata> parse_tuf(std::string_view text, TufKind kind) {
  TRY_ASSIGN(const Json json, parse_json(text, JsonLimits{.size_bytes = k_max_tuf_targets_bytes, .depth = 24}));
  const JsonView view(json);
  TRY(view.refuse_unknown({"signed", "signatures"}));
  TufMetadata metadata{.kind = kind};
  TRY_ASSIGN(const JsonView body, view.field("signed"));
  TRY_ASSIGN(const JsonView type, body.field("_type"));
  TRY_ASSIGN(const std::string type_text, type.as_string());
  if (type_text != to_text(kind)) return type.complaint("is \"" + printable(type_text) + "\"; expected " + std::string(to_text(kind)));
  TRY_ASSIGN(const JsonView specification, body.field("spec_version"));
  TRY_ASSIGN(const std::string specification_text, specification.as_string());
  if (!specification_text.starts_with("1."))
    return fail(ErrorCode::unsupported, "metadata of TUF version \"" + printable(specification_text) + "\"; expected 1")
        .in(specification.pointer());
  TRY_ASSIGN(metadata.version, read_positive(body, "version"));
  TRY_ASSIGN(const JsonView expires, body.field("expires"));
  TRY_ASSIGN(const std::string expires_text, expires.as_string());
  TRY_ASSIGN(metadata.expires, parse_time(expires_text));
  TRY(parse_body(body, metadata));
  TRY_ASSIGN(const JsonView signatures, view.field("signatures"));
  TRY(parse_signatures(signatures, metadata));
  TRY_ASSIGN(metadata.signed_bytes, write_canonical(body.json()));
  return metadata;
}

Result<void> check_signatures(const TufMetadata& metadata, const TufRole& role, const TufKeys& keys, std::string_view name) {
  const SignedMessageView message = message_of(metadata.signed_bytes);
  // Counted by what the keys are, not by what they are called: one key under two ids is one signer.
  std::set<Bytes> signers;
  for (const TufSignature& signature : metadata.signatures) {
    if (!role.key_ids.contains(signature.key_id) || signature.signature.empty()) continue;
    const auto found = keys.find(signature.key_id);
    if (found == keys.end() || !found->second.key) continue;
    const PublicKey& key = *found->second.key;
    if (signers.contains(key.der())) continue;
    if (key.verifies(found->second.scheme, message, signature.signature)) signers.insert(key.der());
  }
  if (signers.size() >= role.threshold) return {};
  return fail(ErrorCode::untrusted, printable(name) + " version " + std::to_string(metadata.version) + " is signed by " +
                                        std::to_string(signers.size()) + " of the " + std::to_string(role.threshold) +
                                        " keys that it needs");
}

Result<void> check_content(ByteView content, const TufFile& expected, std::string_view name) {
  if (expected.length && *expected.length != content.size()) {
    return fail(ErrorCode::mismatch,
                printable(name) + " has " + std::to_string(content.size()) + " bytes, not " + std::to_string(*expected.length));
  }
  const SignedMessageView shapes = message_of(content);
  for (const auto& [algorithm, hex] : expected.hashes) {
    // Other algorithms are no hash that we can check; a target has one of these two.
    const bool fits = algorithm == "sha256" ? hex == shapes.sha256.hex() : algorithm == "sha512" ? hex == encode_hex(*shapes.sha512) : true;
    if (!fits) return fail(ErrorCode::mismatch, printable(name) + " does not have the " + algorithm + " hash that was signed for it");
  }
  return {};
}

bool is_about(const TufDelegation& delegation, std::string_view target) {
  if (std::ranges::any_of(delegation.paths, [&](const std::string& pattern) { return fits_path(pattern, target); })) return true;
  if (delegation.hash_prefixes.empty()) return false;
  const std::string hash = davit::digest_of(target).hex();
  return std::ranges::any_of(delegation.hash_prefixes, [&](const std::string& prefix) { return hash.starts_with(prefix); });
}

}  // namespace davit::oci
