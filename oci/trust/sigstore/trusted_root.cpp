#include "oci/trust/sigstore/trusted_root.hpp"

#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"
#include "manifests/envelope.hpp"
#include "manifests/json.hpp"
#include "manifests/time_text.hpp"
#include "oci/trust/crypto/der.hpp"
#include "oci/trust/protobuf_json.hpp"

namespace davit::oci {
namespace {

constexpr std::array<std::string_view, 3> k_media_types{"application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                                                        "application/vnd.dev.sigstore.trustedroot.v0.1+json",
                                                        "application/vnd.dev.sigstore.trustedroot.v0.2+json"};
constexpr std::string_view k_client_config = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json";
constexpr std::string_view k_pkcs1_details = "PKCS1_RSA";
constexpr std::size_t k_log_id_bytes = 32;
// SEQUENCE { OID rsaEncryption, NULL }
constexpr std::array<unsigned char, 15> k_rsa_algorithm{0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                                        0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};

Result<std::string> text_field(const JsonView& object, std::string_view name) {
  const auto field = object.find(name);
  return field ? field->as_string() : Result<std::string>(std::string());
}

Result<std::vector<JsonView>> list_of(const JsonView& object, std::string_view name, std::size_t limit) {
  const auto list = object.find(name);
  if (!list) return std::vector<JsonView>{};
  TRY_ASSIGN(auto items, list->as_items());
  if (items.size() <= limit) return items;
  return fail(ErrorCode::limit, "a trusted root with " + std::to_string(items.size()) + " " + std::string(name) + " is over the limit of " +
                                    std::to_string(limit));
}

Result<std::int64_t> time_field(const JsonView& field) {
  TRY_ASSIGN(const std::string text, field.as_string());
  auto time = parse_time(text);
  if (!time) return field.complaint(time.error().message);
  return *time;
}

Result<ValidityWindow> parse_window(const JsonView& owner) {
  TRY_ASSIGN(const JsonView json, owner.field("validFor"));
  TRY(json.refuse_unknown({"start", "end"}));
  const auto start = json.find("start");
  if (!start) return json.complaint("has no start; what is believed must say from when on");
  ValidityWindow window;
  TRY_ASSIGN(window.start, time_field(*start));
  if (const auto end = json.find("end")) {
    TRY_ASSIGN(window.end, time_field(*end));
  }
  return window;
}

std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  // Without the port, which is no part of a log's name.
  const std::size_t colon = rest.rfind(':');
  if (colon != std::string_view::npos && rest.find(']', colon) == std::string_view::npos) rest = rest.substr(0, colon);
  return std::string(rest);
}

// Some logs are listed with the key alone (PKCS#1), not with its algorithm around it.
Bytes wrap_pkcs1(ByteView key) {
  Bytes bits{std::byte{0}};
  bits.insert(bits.end(), key.begin(), key.end());
  Bytes content = to_bytes(std::as_bytes(std::span(k_rsa_algorithm)));
  const Bytes tail = write_der(der::k_bit_string, bits);
  content.insert(content.end(), tail.begin(), tail.end());
  return write_der(der::k_sequence, content);
}

Result<Bytes> parse_log_id(const JsonView& json, std::string_view name) {
  const auto id = json.find(name);
  if (!id) return Bytes{};
  TRY(id->refuse_unknown({"keyId"}));
  TRY_ASSIGN(const JsonView key_id, id->field("keyId"));
  TRY_ASSIGN(Bytes bytes, decode_any_base64(key_id));
  if (bytes.size() != k_log_id_bytes) return key_id.complaint("expected 32 bytes");
  return bytes;
}

// Nothing when the key is of a kind that davit does not judge; its name goes to `passed_over`.
Result<std::optional<TrustedLog>> parse_log(const JsonView& json, std::vector<std::string>& passed_over) {
  TRY(json.refuse_unknown({"baseUrl", "hashAlgorithm", "publicKey", "logId", "checkpointKeyId", "operator"}));
  TRY_ASSIGN(std::string base_url, text_field(json, "baseUrl"));
  TRY_ASSIGN(const JsonView key_field, json.field("publicKey"));
  TRY(key_field.refuse_unknown({"rawBytes", "keyDetails", "validFor"}));
  TRY_ASSIGN(const ValidityWindow window, parse_window(key_field));
  TRY_ASSIGN(const JsonView raw_field, key_field.field("rawBytes"));
  TRY_ASSIGN(Bytes raw, decode_any_base64(raw_field));
  TRY_ASSIGN(const std::string details, text_field(key_field, "keyDetails"));
  if (details.starts_with(k_pkcs1_details)) raw = wrap_pkcs1(raw);
  TRY_ASSIGN(Bytes id, parse_log_id(json, "logId"));
  TRY_ASSIGN(const Bytes checkpoint_id, parse_log_id(json, "checkpointKeyId"));
  TRY_ASSIGN(const std::string hash, text_field(json, "hashAlgorithm"));
  auto key = PublicKey::from_der(raw);
  if (!key && key.error().code != ErrorCode::unsupported) return raw_field.complaint(key.error().message);
  if (!key || (!hash.empty() && hash != k_protobuf_sha256)) {
    passed_over.push_back(printable(base_url) + " (" + printable(details.empty() ? hash : details) + ")");
    return std::optional<TrustedLog>{};
  }
  if (id.empty()) id = checkpoint_id.empty() ? davit::digest_of(raw).raw() : checkpoint_id;
  std::string host = host_of(base_url);
  return std::optional(
      TrustedLog{.base_url = std::move(base_url), .host = std::move(host), .id = std::move(id), .key = *std::move(key), .valid = window});
}

Result<TrustedAuthority> parse_authority(const JsonView& json) {
  TRY(json.refuse_unknown({"subject", "uri", "certChain", "validFor", "operator"}));
  TRY_ASSIGN(std::string uri, text_field(json, "uri"));
  TRY_ASSIGN(const ValidityWindow window, parse_window(json));
  TRY_ASSIGN(const JsonView chain, json.field("certChain"));
  TRY(chain.refuse_unknown({"certificates"}));
  TRY_ASSIGN(const auto items, list_of(chain, "certificates", k_max_chain_certificates));
  if (items.empty()) return chain.complaint("holds no certificate");
  std::vector<Bytes> certificates;
  for (const JsonView& item : items) {
    TRY_ASSIGN(const JsonView raw, item.field("rawBytes"));
    TRY_ASSIGN(Bytes der, decode_any_base64(raw));
    if (const auto shape = check_certificate_shape(der); !shape) return raw.complaint(shape.error().message);
    certificates.push_back(std::move(der));
  }
  std::string name;
  if (const auto subject = json.find("subject")) {
    TRY_ASSIGN(name, text_field(*subject, "commonName"));
    if (name.empty()) {
      TRY_ASSIGN(name, text_field(*subject, "organization"));
    }
  }
  if (name.empty()) name = uri;
  return TrustedAuthority{
      .uri = std::move(uri), .name = std::move(name), .chain = AuthorityChain(std::move(certificates)), .valid = window};
}

Result<std::vector<TrustedLog>> parse_logs(const JsonView& json, std::string_view name, std::vector<std::string>& passed_over) {
  std::vector<TrustedLog> out;
  TRY_ASSIGN(const auto items, list_of(json, name, k_max_trusted_entries));
  for (const JsonView& item : items) {
    TRY_ASSIGN(auto log, parse_log(item, passed_over));
    if (log) out.push_back(*std::move(log));
  }
  return out;
}

Result<std::vector<TrustedAuthority>> parse_authorities(const JsonView& json, std::string_view name) {
  std::vector<TrustedAuthority> out;
  TRY_ASSIGN(const auto items, list_of(json, name, k_max_trusted_entries));
  for (const JsonView& item : items) {
    TRY_ASSIGN(TrustedAuthority authority, parse_authority(item));
    out.push_back(std::move(authority));
  }
  return out;
}

}  // namespace

Result<TrustedRoot> TrustedRoot::parse(std::string_view text) {
  TRY_ASSIGN(const Json json, parse_json(text, JsonLimits{.size_bytes = k_max_trusted_root_bytes, .depth = 32}));
  JsonView view(json);
  TRY_ASSIGN(std::string type, text_field(view, "mediaType"));
  if (type == k_client_config) {
    TRY_ASSIGN(view, view.field("trustedRoot"));
    TRY_ASSIGN(type, text_field(view, "mediaType"));
  }
  if (std::ranges::count(k_media_types, type) == 0)
    return fail(ErrorCode::unsupported, "\"" + printable(type) + "\" is not the media type of a trusted root that davit knows");
  TRY(view.refuse_unknown({"mediaType", "tlogs", "certificateAuthorities", "ctlogs", "timestampAuthorities"}));
  TrustedRoot root(davit::digest_of(text));
  TRY_ASSIGN(root.logs_, parse_logs(view, "tlogs", root.passed_over_));
  TRY_ASSIGN(root.certificate_logs_, parse_logs(view, "ctlogs", root.passed_over_));
  TRY_ASSIGN(root.certificate_authorities_, parse_authorities(view, "certificateAuthorities"));
  TRY_ASSIGN(root.timestamp_authorities_, parse_authorities(view, "timestampAuthorities"));
  return root;
}

std::int64_t TrustedRoot::newest_start() const {
  std::int64_t newest = 0;
  for (const auto* list : {&logs_, &certificate_logs_})
    for (const TrustedLog& log : *list) newest = std::max(newest, log.valid.start);
  for (const auto* list : {&certificate_authorities_, &timestamp_authorities_})
    for (const TrustedAuthority& authority : *list) newest = std::max(newest, authority.valid.start);
  return newest;
}

std::string TrustedRoot::summary(std::int64_t now) const {
  constexpr std::int64_t k_day = 86400;
  const auto count = [](std::size_t number, std::string_view one, std::string_view many) {
    return std::to_string(number) + " " + std::string(number == 1 ? one : many);
  };
  return "trusted root " + digest_.text() + ": " + count(logs_.size(), "log", "logs") + ", " +
         count(certificate_authorities_.size(), "certificate authority", "certificate authorities") + ", " +
         count(certificate_logs_.size(), "certificate log", "certificate logs") + ", " +
         count(timestamp_authorities_.size(), "timestamp authority", "timestamp authorities") + "; its youngest entry is of " +
         write_time(newest_start()) + ", " + std::to_string(std::max<std::int64_t>(0, (now - newest_start()) / k_day)) + " days ago";
}

}  // namespace davit::oci
