// A TUF repository in memory that can be made to say anything, and a client's memory.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "manifests/encoding.hpp"
#include "manifests/time_text.hpp"
#include "oci/trust/tuf/canonical_json.hpp"
#include "oci/trust/tuf/client.hpp"

namespace davit::oci::tuf_test {

inline const std::int64_t k_now = *parse_time("2026-06-01T00:00:00Z");
inline const std::string k_later = "2027-01-01T00:00:00Z";
inline const std::string k_earlier = "2026-01-01T00:00:00Z";

// RSA keys take long to make: all signers of this kind share one.
inline std::shared_ptr<const PrivateKey> make_key(KeyKind kind) {
  static const auto rsa = std::make_shared<const PrivateKey>(*PrivateKey::generate(KeyKind::rsa, 2048));
  return kind == KeyKind::rsa ? rsa : std::make_shared<const PrivateKey>(*PrivateKey::generate(kind));
}

struct Signer {
  std::shared_ptr<const PrivateKey> key;
  std::string id;
  std::string scheme;
  explicit Signer(KeyKind kind = KeyKind::ed25519) : key(make_key(kind)), id(), scheme() {
    scheme = kind == KeyKind::ed25519      ? "ed25519"
             : kind == KeyKind::ecdsa_p256 ? "ecdsa-sha2-nistp256"
             : kind == KeyKind::ecdsa_p384 ? "ecdsa-sha2-nistp384"
                                           : "rsassa-pss-sha256";
    id = davit::digest_of(*write_canonical(json())).hex();
  }
  [[nodiscard]] Json json() const {
    const std::string type = scheme == "ed25519" ? "ed25519" : scheme.starts_with("rsa") ? "rsa" : "ecdsa";
    const ByteView der = key->public_key().der();
    const std::string text = scheme == "ed25519" ? encode_hex(der.last(32)) : key->public_key().pem();
    return JsonObject{{"keytype", type}, {"scheme", scheme}, {"keyval", JsonObject{{"public", text}}}};
  }
  [[nodiscard]] std::string sign(ByteView bytes) const {
    const SignatureScheme how = scheme == "ed25519"               ? SignatureScheme::ed25519
                                : scheme == "ecdsa-sha2-nistp256" ? SignatureScheme::ecdsa_sha256
                                : scheme == "ecdsa-sha2-nistp384" ? SignatureScheme::ecdsa_sha384
                                                                  : SignatureScheme::rsa_pss_sha256;
    return encode_hex(*key->sign(how, message_of(bytes)));
  }
};

inline Json keys_json(const std::vector<const Signer*>& signers) {
  JsonObject out;
  for (const Signer* signer : signers) out.set(signer->id, signer->json());
  return out;
}

inline Json role_json(const std::vector<const Signer*>& signers, int threshold) {
  JsonArray ids;
  for (const Signer* signer : signers) ids.emplace_back(signer->id);
  return JsonObject{{"keyids", std::move(ids)}, {"threshold", threshold}};
}

inline std::string seal(const Json& body, const std::vector<const Signer*>& signers) {
  JsonArray signatures;
  const Bytes bytes = *write_canonical(body);
  for (const Signer* signer : signers) signatures.emplace_back(JsonObject{{"keyid", signer->id}, {"sig", signer->sign(bytes)}});
  return write_json(JsonObject{{"signed", body}, {"signatures", std::move(signatures)}});
}

inline Json file_json(const std::string& content, int version) {
  return JsonObject{
      {"version", version}, {"length", std::uint64_t{content.size()}}, {"hashes", JsonObject{{"sha256", davit::digest_of(content).hex()}}}};
}
inline Json target_json(const std::string& content) {
  return JsonObject{{"length", std::uint64_t{content.size()}}, {"hashes", JsonObject{{"sha256", davit::digest_of(content).hex()}}}};
}

inline Json head(const char* type, int version, const std::string& expires, JsonObject rest) {
  rest.set("_type", type);
  rest.set("spec_version", "1.0.31");
  rest.set("version", version);
  rest.set("expires", expires);
  return rest;
}

// A repository that can be made to say anything, in memory.
class Repo : public TufMirror {
 public:
  std::map<std::string, std::string> metadata{};
  std::map<std::string, std::string> target_files{};
  std::vector<std::string> asked{};

  Result<std::optional<Bytes>> fetch_metadata(const std::string& name, std::uint64_t limit) override {
    return fetch(metadata, name, limit);
  }
  Result<std::optional<Bytes>> fetch_target(const std::string& path, std::uint64_t limit) override {
    return fetch(target_files, path, limit);
  }
  [[nodiscard]] std::string name() const override { return "the repository"; }

  // The state that publish() writes out.
  Signer root_a, root_b, root_c, timestamp{KeyKind::ecdsa_p256}, snapshot, targets{KeyKind::rsa}, stranger;
  std::vector<const Signer*> root_signers{&root_a, &root_b, &root_c};
  int root_threshold = 2;
  int root_version = 1, timestamp_version = 1, snapshot_version = 1, targets_version = 1;
  std::string root_expires = k_later, timestamp_expires = k_later, snapshot_expires = k_later, targets_expires = k_later;
  JsonObject files{{"trusted_root.json", target_json("{}")}};
  std::optional<Json> delegations{};
  std::map<std::string, std::string> delegated{};  // role → document
  const Signer* timestamp_signer = &timestamp;
  const Signer* snapshot_signer = &snapshot;
  const Signer* targets_signer = &targets;
  bool consistent = true;

  [[nodiscard]] std::string make_root(const std::vector<const Signer*>& signed_by) const {
    return seal(head("root", root_version, root_expires,
                     {{"consistent_snapshot", consistent},
                      {"keys", keys_json({&root_a, &root_b, &root_c, timestamp_signer, snapshot_signer, targets_signer})},
                      {"roles", JsonObject{{"root", role_json(root_signers, root_threshold)},
                                           {"timestamp", role_json({timestamp_signer}, 1)},
                                           {"snapshot", role_json({snapshot_signer}, 1)},
                                           {"targets", role_json({targets_signer}, 1)}}}}),
                signed_by);
  }
  void publish_root(const std::vector<const Signer*>& signed_by) {
    metadata[std::to_string(root_version) + ".root.json"] = make_root(signed_by);
  }
  void publish_root() { publish_root({&root_a, &root_b}); }

  [[nodiscard]] std::string versioned(int version, const std::string& name) const {
    return (consistent ? std::to_string(version) + "." : "") + name;
  }

  void publish() {
    JsonObject body{{"targets", files}};
    if (delegations) body.set("delegations", *delegations);
    const std::string targets_text = seal(head("targets", targets_version, targets_expires, std::move(body)), {targets_signer});
    metadata[versioned(targets_version, "targets.json")] = targets_text;
    JsonObject meta{{"targets.json", file_json(targets_text, targets_version)}};
    for (const auto& [role, text] : delegated) {
      metadata[versioned(1, encode_percent(role) + ".json")] = text;
      meta.set(role + ".json", file_json(text, 1));
    }
    const std::string snapshot_text =
        seal(head("snapshot", snapshot_version, snapshot_expires, {{"meta", std::move(meta)}}), {snapshot_signer});
    metadata[versioned(snapshot_version, "snapshot.json")] = snapshot_text;
    metadata["timestamp.json"] = seal(head("timestamp", timestamp_version, timestamp_expires,
                                           {{"meta", JsonObject{{"snapshot.json", file_json(snapshot_text, snapshot_version)}}}}),
                                      {timestamp_signer});
  }
  void publish_next() {
    ++timestamp_version;
    ++snapshot_version;
    ++targets_version;
    publish();
  }

 private:
  Result<std::optional<Bytes>> fetch(const std::map<std::string, std::string>& from, const std::string& name, std::uint64_t limit) {
    asked.push_back(name);
    const auto found = from.find(name);
    if (found == from.end()) return std::optional<Bytes>{};
    if (found->second.size() > limit) return fail(ErrorCode::limit, "more than " + std::to_string(limit) + " bytes");
    return std::optional(to_bytes(found->second));
  }
};

class Memory : public TufMemory {
 public:
  std::map<std::string, Bytes> files{};
  Result<std::optional<Bytes>> recall(const std::string& name) override {
    const auto found = files.find(name);
    return found == files.end() ? std::optional<Bytes>{} : std::optional(found->second);
  }
  Result<void> keep(const std::string& name, ByteView content) override {
    files[name] = to_bytes(content);
    return {};
  }
  Result<void> forget(const std::string& name) override {
    files.erase(name);
    return {};
  }
};

struct World {
  Repo repo{};
  Memory memory{};
  std::int64_t now = k_now;
  std::string first_root{};
  World() {
    repo.publish_root();
    repo.publish();
    repo.target_files[davit::digest_of("{}").hex() + ".trusted_root.json"] = "{}";
    first_root = repo.metadata["1.root.json"];
  }
  Result<void> update() {
    auto client = TufClient::open(repo, memory, to_bytes(first_root), now);
    if (!client) return std::move(client).error();
    return client->update();
  }
  Result<Bytes> fetch(const std::string& target) {
    auto client = TufClient::open(repo, memory, to_bytes(first_root), now);
    if (!client) return std::move(client).error();
    TRY(client->update());
    return client->fetch_target(target);
  }
  // The message of the error, or nothing when all is well.
  std::string refusal() {
    const auto done = update();
    return done ? "" : done.error().message;
  }
};

}  // namespace davit::oci::tuf_test
