#include "oci/trust/bundle.hpp"

#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"

namespace davit::oci {
namespace {

constexpr std::array<std::string_view, 4> k_versions{"application/vnd.dev.sigstore.bundle+json;version=0.1",
                                                     "application/vnd.dev.sigstore.bundle+json;version=0.2",
                                                     "application/vnd.dev.sigstore.bundle+json;version=0.3", media_type::k_sigstore_bundle};
constexpr std::string_view k_sha256 = "SHA2_256";

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

Result<std::size_t> count_items(const JsonView& object, std::string_view name, std::size_t limit) {
  const auto list = object.find(name);
  if (!list) return std::size_t{0};
  TRY_ASSIGN(const auto items, list->as_items());
  if (items.size() <= limit) return items.size();
  return fail(ErrorCode::limit,
              "a bundle with " + std::to_string(items.size()) + " " + std::string(name) + " is over the limit of " + std::to_string(limit));
}

Result<void> parse_material(const JsonView& json, Bundle& bundle) {
  TRY(json.refuse_unknown({"certificate", "publicKey", "x509CertificateChain", "tlogEntries", "timestampVerificationData"}));
  TRY_ASSIGN(const auto material, exactly_one(json, {"publicKey", "certificate", "x509CertificateChain"}));
  bundle.material = material.first == "publicKey" ? KeyMaterial::public_key : KeyMaterial::certificate;
  if (bundle.material == KeyMaterial::public_key) {
    TRY(material.second.refuse_unknown({"hint"}));
    if (const auto hint = material.second.find("hint")) {
      TRY_ASSIGN(bundle.key_hint, hint->as_string());
    }
  }
  TRY_ASSIGN(bundle.log_entries, count_items(json, "tlogEntries", k_max_log_entries));
  if (const auto timestamps = json.find("timestampVerificationData")) {
    TRY(count_items(*timestamps, "rfc3161Timestamps", k_max_timestamps));
  }
  return {};
}

Result<MessageSignature> parse_message_signature(const JsonView& json) {
  TRY(json.refuse_unknown({"messageDigest", "signature"}));
  MessageSignature message;
  TRY_ASSIGN(const JsonView signature, json.field("signature"));
  TRY_ASSIGN(message.signature, decode_any_base64(signature));
  if (message.signature.empty()) return signature.complaint("expected a signature, found nothing");
  const auto digest = json.find("messageDigest");
  if (!digest) return message;
  TRY_ASSIGN(const JsonView algorithm_field, digest->field("algorithm"));
  TRY_ASSIGN(const std::string algorithm, algorithm_field.as_string());
  if (algorithm != k_sha256) {
    return fail(ErrorCode::unsupported, "message digest algorithm \"" + printable(algorithm) + "\" is not supported; expected SHA2_256");
  }
  TRY_ASSIGN(const JsonView value, digest->field("digest"));
  TRY_ASSIGN(const Bytes raw, decode_any_base64(value));
  auto parsed = Digest::parse("sha256:" + encode_hex(raw));
  if (!parsed) return value.complaint("expected a digest of 32 bytes");
  message.message_digest = *std::move(parsed);
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

}  // namespace

bool is_bundle_media_type(std::string_view media_type) { return media_type.starts_with("application/vnd.dev.sigstore.bundle"); }

Result<Bundle> parse_bundle(std::string_view text) {
  TRY_ASSIGN(const Json json, parse_json(text, JsonLimits{.size_bytes = k_max_bundle_bytes, .depth = 32}));
  const JsonView view(json);
  TRY(view.refuse_unknown({"mediaType", "verificationMaterial", "dsseEnvelope", "messageSignature"}));
  TRY_ASSIGN(const JsonView type, view.field("mediaType"));
  TRY_ASSIGN(std::string media_type, type.as_string());
  if (!std::ranges::count(k_versions, media_type)) {
    return fail(ErrorCode::unsupported, "bundle version \"" + printable(media_type) + "\" is not supported; expected 0.1 to 0.3");
  }
  Bundle bundle{.media_type = std::move(media_type), .content = MessageSignature{}};
  TRY_ASSIGN(const JsonView material, view.field("verificationMaterial"));
  TRY(parse_material(material, bundle));
  TRY(parse_content(view, bundle));
  return bundle;
}

std::string write_bundle(const Bundle& bundle) {
  CHECK(bundle.material == KeyMaterial::public_key && bundle.log_entries == 0);
  JsonObject out{{"mediaType", bundle.media_type},
                 {"verificationMaterial", JsonObject{{"publicKey", JsonObject{{"hint", bundle.key_hint}}}}}};
  if (const auto* envelope = std::get_if<Envelope>(&bundle.content)) {
    out.set("dsseEnvelope", davit::to_json(*envelope));
  } else {
    const auto& message = std::get<MessageSignature>(bundle.content);
    JsonObject item;
    if (message.message_digest) {
      item.set("messageDigest", JsonObject{{"algorithm", k_sha256}, {"digest", encode_base64(message.message_digest->raw())}});
    }
    item.set("signature", encode_base64(message.signature));
    out.set("messageSignature", std::move(item));
  }
  return write_json(out);
}

}  // namespace davit::oci
