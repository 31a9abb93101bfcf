#include "oci/trust/bundle.hpp"

#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "oci/trust/protobuf_json.hpp"

namespace davit::oci {
namespace {

struct Version {
  std::string_view media_type;
  int number;
};
constexpr std::array<Version, 4> k_versions{{{"application/vnd.dev.sigstore.bundle+json;version=0.1", 1},
                                             {"application/vnd.dev.sigstore.bundle+json;version=0.2", 2},
                                             {"application/vnd.dev.sigstore.bundle+json;version=0.3", 3},
                                             {media_type::k_sigstore_bundle, 3}}};
constexpr std::size_t k_hash_bytes = 32;

// Of several members that exclude each other, the one that is there.
Result<std::pair<std::string, JsonView>> exactly_one(const JsonView& object, std::initializer_list<std::string_view> names) {
  std::optional<std::pair<std::string, JsonView>> found;
  for (const std::string_view name : names) {
    const auto member = object.find(name);
    if (!member) continue;
    if (found) return object.complaint("holds both \"" + found->first + "\" and \"" + std::string(name) + "\"");
    found.emplace(std::string(name), *member);
  }
  if (found) return *std::move(found);
  return object.complaint("holds none of the members it must have one of, such as \"" + std::string(*names.begin()) + "\"");
}

// The items of a list that may be absent.
Result<std::vector<JsonView>> list_of(const JsonView& object, std::string_view name, std::size_t limit) {
  const auto list = object.find(name);
  if (!list) return std::vector<JsonView>{};
  TRY_ASSIGN(auto items, list->as_items());
  if (items.size() <= limit) return items;
  return fail(ErrorCode::limit,
              "a bundle with " + std::to_string(items.size()) + " " + std::string(name) + " is over the limit of " + std::to_string(limit));
}

Result<Bytes> bytes_field(const JsonView& object, std::string_view name) {
  TRY_ASSIGN(const JsonView field, object.field(name));
  TRY_ASSIGN(Bytes bytes, decode_any_base64(field));
  if (bytes.empty()) return field.complaint("expected bytes, found nothing");
  return bytes;
}

// Timestamps are pasted in from the output of other tools, which break base64 into lines.
Result<Bytes> wrapped_bytes_field(const JsonView& object, std::string_view name) {
  TRY_ASSIGN(const JsonView field, object.field(name));
  TRY_ASSIGN(std::string text, field.as_string());
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r'; });
  const Json joined(std::move(text));
  TRY_ASSIGN(Bytes bytes, decode_any_base64(JsonView(joined, field.pointer())));
  if (bytes.empty()) return field.complaint("expected bytes, found nothing");
  return bytes;
}

Result<InclusionProof> parse_proof(const JsonView& json) {
  TRY(json.refuse_unknown({"logIndex", "rootHash", "treeSize", "hashes", "checkpoint"}));
  InclusionProof proof;
  TRY_ASSIGN(proof.log_index, protobuf_unsigned(json, "logIndex"));
  TRY_ASSIGN(proof.tree_size, protobuf_unsigned(json, "treeSize"));
  TRY_ASSIGN(proof.root_hash, bytes_field(json, "rootHash"));
  TRY_ASSIGN(const auto hashes, list_of(json, "hashes", k_max_proof_hashes));
  for (const JsonView& item : hashes) {
    TRY_ASSIGN(Bytes hash, decode_any_base64(item));
    if (hash.size() != k_hash_bytes) return item.complaint("expected a hash of 32 bytes");
    proof.hashes.push_back(std::move(hash));
  }
  const auto checkpoint = json.find("checkpoint");
  if (!checkpoint) return proof;
  TRY(checkpoint->refuse_unknown({"envelope"}));
  TRY_ASSIGN(const JsonView note, checkpoint->field("envelope"));
  TRY_ASSIGN(proof.checkpoint, note.as_string());
  if (proof.checkpoint.size() > k_max_checkpoint_bytes) return fail(ErrorCode::limit, "a checkpoint is over the limit of 64 KiB");
  if (proof.checkpoint.empty()) return note.complaint("expected a checkpoint, found nothing");
  return proof;
}

Result<Bytes> parse_certificate(const JsonView& json) {
  TRY(json.refuse_unknown({"rawBytes"}));
  return bytes_field(json, "rawBytes");
}

Result<void> parse_key_material(const JsonView& json, Bundle& bundle) {
  TRY_ASSIGN(const auto material, exactly_one(json, {"publicKey", "certificate", "x509CertificateChain"}));
  bundle.material = material.first == "publicKey" ? KeyMaterial::public_key : KeyMaterial::certificate;
  if (material.first == "publicKey") {
    TRY(material.second.refuse_unknown({"hint"}));
    const auto hint = material.second.find("hint");
    if (!hint) return {};
    TRY_ASSIGN(bundle.key_hint, hint->as_string());
    return {};
  }
  if (material.first == "certificate") {
    TRY_ASSIGN(Bytes certificate, parse_certificate(material.second));
    bundle.certificates.push_back(std::move(certificate));
    return {};
  }
  if (bundle.version() >= 3) return material.second.complaint("is a chain, and a bundle of version 0.3 holds one certificate");
  TRY(material.second.refuse_unknown({"certificates"}));
  TRY_ASSIGN(const auto items, list_of(material.second, "certificates", k_max_bundle_certificates));
  if (items.empty()) return material.second.complaint("holds no certificate");
  for (const JsonView& item : items) {
    TRY_ASSIGN(Bytes certificate, parse_certificate(item));
    bundle.certificates.push_back(std::move(certificate));
  }
  return {};
}

// What each version says must stand beside an entry.
Result<void> check_version(const LogEntry& entry, int version, const JsonView& place) {
  if (version == 1 && entry.promise.empty()) return place.complaint("has no signed entry timestamp, which version 0.1 wants");
  if (version >= 2 && !entry.proof) return place.complaint("has no inclusion proof, which version 0.2 and later want");
  if (version >= 2 && entry.proof->checkpoint.empty()) return place.complaint("has no checkpoint, which version 0.2 and later want");
  return {};
}

Result<void> parse_material(const JsonView& json, Bundle& bundle) {
  TRY(json.refuse_unknown({"certificate", "publicKey", "x509CertificateChain", "tlogEntries", "timestampVerificationData"}));
  TRY(parse_key_material(json, bundle));
  TRY_ASSIGN(const auto entries, list_of(json, "tlogEntries", k_max_log_entries));
  for (const JsonView& item : entries) {
    TRY_ASSIGN(LogEntry entry, parse_log_entry(item));
    TRY(check_version(entry, bundle.version(), item));
    bundle.entries.push_back(std::move(entry));
  }
  const auto data = json.find("timestampVerificationData");
  if (!data) return {};
  TRY(data->refuse_unknown({"rfc3161Timestamps"}));
  TRY_ASSIGN(const auto timestamps, list_of(*data, "rfc3161Timestamps", k_max_timestamps));
  for (const JsonView& item : timestamps) {
    TRY(item.refuse_unknown({"signedTimestamp"}));
    TRY_ASSIGN(Bytes timestamp, wrapped_bytes_field(item, "signedTimestamp"));
    bundle.timestamps.push_back(std::move(timestamp));
  }
  return {};
}

Result<void> parse_message_digest(const JsonView& json, MessageSignature& message) {
  TRY(json.refuse_unknown({"algorithm", "digest"}));
  TRY_ASSIGN(const JsonView algorithm_field, json.field("algorithm"));
  TRY_ASSIGN(const std::string algorithm, algorithm_field.as_string());
  TRY_ASSIGN(const Bytes raw, bytes_field(json, "digest"));
  if (algorithm == k_protobuf_sha384) {
    if (raw.size() != sizeof(Sha384)) return json.complaint("expected a digest of 48 bytes");
    std::ranges::copy(raw, message.message_sha384.emplace().begin());
    return {};
  }
  if (algorithm != k_protobuf_sha256 && algorithm != k_protobuf_sha512) {
    return fail(ErrorCode::unsupported,
                "message digest algorithm \"" + printable(algorithm) + "\" is not supported; expected SHA2_256, SHA2_384 or SHA2_512");
  }
  auto parsed = Digest::parse((algorithm == k_protobuf_sha256 ? "sha256:" : "sha512:") + encode_hex(raw));
  if (!parsed) return json.complaint("expected a digest of the length of its algorithm");
  message.message_digest = *std::move(parsed);
  return {};
}

Result<MessageSignature> parse_message_signature(const JsonView& json) {
  TRY(json.refuse_unknown({"messageDigest", "signature"}));
  MessageSignature message;
  TRY_ASSIGN(message.signature, bytes_field(json, "signature"));
  if (const auto digest = json.find("messageDigest")) TRY(parse_message_digest(*digest, message));
  return message;
}

Result<void> parse_content(const JsonView& json, Bundle& bundle) {
  TRY_ASSIGN(const auto content, exactly_one(json, {"dsseEnvelope", "messageSignature"}));
  if (content.first == "messageSignature") {
    TRY_ASSIGN(bundle.content, parse_message_signature(content.second));
    return {};
  }
  TRY(content.second.refuse_unknown({"payload", "payloadType", "signatures"}));
  TRY_ASSIGN(Envelope envelope, parse_envelope(content.second));
  if (envelope.signatures.size() != 1) {
    return content.second.complaint("holds " + std::to_string(envelope.signatures.size()) + " signatures, a bundle has exactly one");
  }
  bundle.content = std::move(envelope);
  return {};
}

Json to_json(const LogEntry& entry) {
  JsonObject out{{"logIndex", std::to_string(entry.log_index)},
                 {"logId", JsonObject{{"keyId", encode_base64(entry.log_id)}}},
                 {"kindVersion", JsonObject{{"kind", entry.kind}, {"version", entry.version}}}};
  if (entry.integrated_time) out.set("integratedTime", std::to_string(*entry.integrated_time));
  if (!entry.promise.empty()) out.set("inclusionPromise", JsonObject{{"signedEntryTimestamp", encode_base64(entry.promise)}});
  if (entry.proof) {
    JsonArray hashes;
    for (const Bytes& hash : entry.proof->hashes) hashes.emplace_back(encode_base64(hash));
    JsonObject proof{{"logIndex", std::to_string(entry.proof->log_index)},
                     {"rootHash", encode_base64(entry.proof->root_hash)},
                     {"treeSize", std::to_string(entry.proof->tree_size)},
                     {"hashes", std::move(hashes)}};
    if (!entry.proof->checkpoint.empty()) proof.set("checkpoint", JsonObject{{"envelope", entry.proof->checkpoint}});
    out.set("inclusionProof", std::move(proof));
  }
  out.set("canonicalizedBody", encode_base64(entry.body));
  return out;
}

Json material_json(const Bundle& bundle) {
  JsonObject out;
  if (bundle.material == KeyMaterial::public_key) {
    out.set("publicKey", JsonObject{{"hint", bundle.key_hint}});
  } else if (bundle.version() >= 3) {
    CHECK(bundle.certificates.size() == 1);
    out.set("certificate", JsonObject{{"rawBytes", encode_base64(bundle.certificates.front())}});
  } else {
    JsonArray chain;
    for (const Bytes& certificate : bundle.certificates) chain.emplace_back(JsonObject{{"rawBytes", encode_base64(certificate)}});
    out.set("x509CertificateChain", JsonObject{{"certificates", std::move(chain)}});
  }
  JsonArray entries, timestamps;
  for (const LogEntry& entry : bundle.entries) entries.push_back(to_json(entry));
  for (const Bytes& timestamp : bundle.timestamps) timestamps.emplace_back(JsonObject{{"signedTimestamp", encode_base64(timestamp)}});
  if (!entries.empty()) out.set("tlogEntries", std::move(entries));
  if (!timestamps.empty()) out.set("timestampVerificationData", JsonObject{{"rfc3161Timestamps", std::move(timestamps)}});
  return out;
}

Json message_json(const MessageSignature& message) {
  JsonObject out;
  if (message.message_digest) {
    const bool sha256 = message.message_digest->algorithm() == DigestAlgorithm::sha256;
    out.set("messageDigest", JsonObject{{"algorithm", sha256 ? k_protobuf_sha256 : k_protobuf_sha512},
                                        {"digest", encode_base64(message.message_digest->raw())}});
  } else if (message.message_sha384) {
    out.set("messageDigest", JsonObject{{"algorithm", k_protobuf_sha384}, {"digest", encode_base64(*message.message_sha384)}});
  }
  out.set("signature", encode_base64(message.signature));
  return out;
}

}  // namespace

bool is_bundle_media_type(std::string_view media_type) { return media_type.starts_with("application/vnd.dev.sigstore.bundle"); }

int Bundle::version() const {
  const auto found = std::ranges::find(k_versions, media_type, &Version::media_type);
  CHECK(found != k_versions.end());
  return found->number;
}

Result<Bundle> parse_bundle(std::string_view text) {
  TRY_ASSIGN(const Json json, parse_json(text, JsonLimits{.size_bytes = k_max_bundle_bytes, .depth = 32}));
  const JsonView view(json);
  TRY(view.refuse_unknown({"mediaType", "verificationMaterial", "dsseEnvelope", "messageSignature"}));
  TRY_ASSIGN(const JsonView type, view.field("mediaType"));
  TRY_ASSIGN(std::string media_type, type.as_string());
  if (std::ranges::count(k_versions, media_type, &Version::media_type) == 0) {
    return fail(ErrorCode::unsupported, "bundle version \"" + printable(media_type) + "\" is not supported; expected 0.1 to 0.3");
  }
  Bundle bundle{.media_type = std::move(media_type), .content = MessageSignature{}};
  TRY_ASSIGN(const JsonView material, view.field("verificationMaterial"));
  TRY(parse_material(material, bundle));
  TRY(parse_content(view, bundle));
  return bundle;
}

Result<LogEntry> parse_log_entry(const JsonView& json) {
  TRY(json.refuse_unknown(
      {"logIndex", "logId", "kindVersion", "integratedTime", "inclusionPromise", "inclusionProof", "canonicalizedBody"}));
  LogEntry entry;
  TRY_ASSIGN(entry.log_index, protobuf_unsigned(json, "logIndex"));
  TRY_ASSIGN(const JsonView id, json.field("logId"));
  TRY(id.refuse_unknown({"keyId"}));
  TRY_ASSIGN(entry.log_id, bytes_field(id, "keyId"));
  TRY_ASSIGN(const JsonView kind, json.field("kindVersion"));
  TRY(kind.refuse_unknown({"kind", "version"}));
  TRY_ASSIGN(const JsonView kind_name, kind.field("kind"));
  TRY_ASSIGN(entry.kind, kind_name.as_string());
  TRY_ASSIGN(const JsonView kind_version, kind.field("version"));
  TRY_ASSIGN(entry.version, kind_version.as_string());
  TRY_ASSIGN(const std::uint64_t time, protobuf_unsigned(json, "integratedTime"));
  if (time > static_cast<std::uint64_t>(INT64_MAX)) return json.complaint("holds an integrated time that no calendar has");
  // Zero is what the format writes for "not given".
  if (time != 0) entry.integrated_time = static_cast<std::int64_t>(time);
  if (const auto promise = json.find("inclusionPromise")) {
    TRY(promise->refuse_unknown({"signedEntryTimestamp"}));
    TRY_ASSIGN(entry.promise, bytes_field(*promise, "signedEntryTimestamp"));
  }
  if (const auto proof = json.find("inclusionProof")) {
    TRY_ASSIGN(entry.proof, parse_proof(*proof));
  }
  TRY_ASSIGN(entry.body, bytes_field(json, "canonicalizedBody"));
  return entry;
}

std::string write_bundle(const Bundle& bundle) {
  JsonObject out{{"mediaType", bundle.media_type}, {"verificationMaterial", material_json(bundle)}};
  if (const auto* envelope = std::get_if<Envelope>(&bundle.content)) {
    out.set("dsseEnvelope", davit::to_json(*envelope));
  } else {
    out.set("messageSignature", message_json(std::get<MessageSignature>(bundle.content)));
  }
  return write_json(out);
}

}  // namespace davit::oci
