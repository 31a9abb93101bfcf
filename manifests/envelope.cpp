#include "manifests/envelope.hpp"

#include "manifests/encoding.hpp"

namespace davit {
namespace {

Result<EnvelopeSignature> parse_signature(const JsonView& json) {
  EnvelopeSignature signature;
  if (const auto key_id = json.find("keyid")) {
    TRY_ASSIGN(signature.key_id, key_id->as_string());
  }
  TRY_ASSIGN(const JsonView value, json.field("sig"));
  TRY_ASSIGN(signature.signature, decode_any_base64(value));
  if (signature.signature.empty()) return value.complaint("expected a signature, found nothing");
  return signature;
}

}  // namespace

Result<Bytes> decode_any_base64(const JsonView& json) {
  TRY_ASSIGN(const std::string text, json.as_string());
  if (auto bytes = decode_base64(text)) return *std::move(bytes);
  std::string_view bare(text);
  while (bare.ends_with('=') && text.size() - bare.size() < 2) bare.remove_suffix(1);
  if (auto bytes = decode_base64url(bare)) return *std::move(bytes);
  return json.complaint("expected base64");
}

Result<Envelope> parse_envelope(const JsonView& json) {
  Envelope envelope;
  TRY_ASSIGN(const JsonView type, json.field("payloadType"));
  TRY_ASSIGN(envelope.payload_type, type.as_string());
  TRY_ASSIGN(const JsonView payload, json.field("payload"));
  TRY_ASSIGN(envelope.payload, decode_any_base64(payload));
  TRY_ASSIGN(const JsonView signatures, json.field("signatures"));
  TRY_ASSIGN(const auto items, signatures.as_items());
  if (items.empty()) return signatures.complaint("expected at least one signature");
  if (items.size() > k_max_envelope_signatures) {
    return fail(ErrorCode::limit, "an envelope with " + std::to_string(items.size()) + " signatures is over the limit of " +
                                      std::to_string(k_max_envelope_signatures));
  }
  for (const JsonView& item : items) {
    TRY_ASSIGN(EnvelopeSignature signature, parse_signature(item));
    envelope.signatures.push_back(std::move(signature));
  }
  return envelope;
}

Json to_json(const Envelope& envelope) {
  JsonArray signatures;
  for (const EnvelopeSignature& signature : envelope.signatures) {
    JsonObject item{{"sig", encode_base64(signature.signature)}};
    if (!signature.key_id.empty()) item.set("keyid", signature.key_id);
    signatures.emplace_back(std::move(item));
  }
  return JsonObject{
      {"payload", encode_base64(envelope.payload)}, {"payloadType", envelope.payload_type}, {"signatures", std::move(signatures)}};
}

Bytes pre_authentication_encoding(std::string_view payload_type, ByteView payload) {
  const std::string head =
      "DSSEv1 " + std::to_string(payload_type.size()) + " " + std::string(payload_type) + " " + std::to_string(payload.size()) + " ";
  Bytes out = to_bytes(head);
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

}  // namespace davit
