#include "oci/trust/sigstore/classic_material.hpp"

#include "manifests/encoding.hpp"
#include "oci/trust/crypto/timestamp.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_max_annotation_bytes = std::size_t{4} << 20;

Result<Bytes> bytes_field(const JsonView& object, std::string_view name) {
  TRY_ASSIGN(const JsonView field, object.field(name));
  TRY_ASSIGN(const std::string text, field.as_string());
  auto bytes = decode_base64(text);
  if (!bytes || bytes->empty()) return field.complaint("expected base64");
  return bytes;
}

Result<LogEntry> parse_log_entry(const std::string& text) {
  TRY_ASSIGN(const Json json, parse_json(text, JsonLimits{.size_bytes = k_max_annotation_bytes, .depth = 8}));
  const JsonView view(json);
  TRY(view.refuse_unknown({"SignedEntryTimestamp", "Payload"}));
  LogEntry entry;
  TRY_ASSIGN(entry.promise, bytes_field(view, "SignedEntryTimestamp"));
  TRY_ASSIGN(const JsonView payload, view.field("Payload"));
  TRY(payload.refuse_unknown({"body", "integratedTime", "logIndex", "logID"}));
  TRY_ASSIGN(entry.body, bytes_field(payload, "body"));
  TRY_ASSIGN(const JsonView time, payload.field("integratedTime"));
  TRY_ASSIGN(const std::uint64_t seconds, time.as_unsigned());
  if (seconds > static_cast<std::uint64_t>(INT64_MAX)) return time.complaint("expected a time");
  entry.integrated_time = static_cast<std::int64_t>(seconds);
  TRY_ASSIGN(const JsonView index, payload.field("logIndex"));
  TRY_ASSIGN(entry.log_index, index.as_unsigned());
  TRY_ASSIGN(const JsonView id_field, payload.field("logID"));
  TRY_ASSIGN(const std::string id, id_field.as_string());
  auto raw = decode_hex(id);
  if (!raw) return id_field.complaint("expected hex digits");
  entry.log_id = *std::move(raw);
  return entry;
}

Result<Bytes> parse_timestamp(const std::string& text) {
  TRY_ASSIGN(const Json json, parse_json(text, JsonLimits{.size_bytes = 2 * k_max_timestamp_bytes, .depth = 4}));
  const JsonView view(json);
  TRY(view.refuse_unknown({"SignedRFC3161Timestamp"}));
  return bytes_field(view, "SignedRFC3161Timestamp");
}

}  // namespace

Result<ClassicMaterial> parse_classic_material(const ClassicEntry& entry) {
  ClassicMaterial out;
  if (!entry.certificate.empty()) {
    TRY_ASSIGN(out.certificates, Certificate::parse_pem_chain(entry.certificate));
    if (out.certificates.size() != 1) return fail(ErrorCode::malformed, "the annotation for the certificate holds several");
  }
  if (!entry.chain.empty() && !out.certificates.empty()) {
    TRY_ASSIGN(const auto chain, Certificate::parse_pem_chain(entry.chain));
    for (const Certificate& one : chain)
      if (!one.is_self_signed()) out.certificates.push_back(one);
  }
  if (!entry.bundle.empty()) {
    TRY_ASSIGN(LogEntry logged, parse_log_entry(entry.bundle));
    out.entries.push_back(std::move(logged));
  }
  if (!entry.timestamp.empty()) {
    TRY_ASSIGN(Bytes timestamp, parse_timestamp(entry.timestamp));
    out.timestamps.push_back(std::move(timestamp));
  }
  return out;
}

std::string write_classic_bundle(const LogEntry& entry) {
  return write_json(JsonObject{{"SignedEntryTimestamp", encode_base64(entry.promise)},
                               {"Payload", JsonObject{{"body", encode_base64(entry.body)},
                                                      {"integratedTime", entry.integrated_time.value_or(0)},
                                                      {"logIndex", entry.log_index},
                                                      {"logID", encode_hex(entry.log_id)}}}});
}

std::string write_classic_timestamp(ByteView response) {
  return write_json(JsonObject{{"SignedRFC3161Timestamp", encode_base64(response)}});
}

}  // namespace davit::oci
