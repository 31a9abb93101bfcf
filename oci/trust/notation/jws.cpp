// {"payload": b64url, "protected": b64url, "header": {"x5c": [b64 DER …], …}, "signature": b64url}; what is signed is
// the two texts joined by a dot, as they stand. The general form ("signatures") and the compact one are refused.
#include "manifests/encoding.hpp"
#include "manifests/json.hpp"
#include "manifests/time_text.hpp"
#include "oci/trust/notation/headers.hpp"

namespace davit::oci {
namespace {

constexpr JsonLimits k_limits{.size_bytes = k_max_notary_bytes, .depth = 8};

Result<Bytes> decode_member(const JsonView& object, std::string_view name) {
  TRY_ASSIGN(const JsonView member, object.field(name));
  TRY_ASSIGN(const std::string text, member.as_string());
  auto bytes = decode_base64url(text);
  if (!bytes) return std::move(bytes).error().in(member.pointer());
  if (bytes->empty()) return member.complaint("is empty");
  return bytes;
}

Result<std::optional<std::int64_t>> find_time(const JsonView& header, std::string_view name) {
  const auto member = header.find(name);
  if (!member) return std::optional<std::int64_t>{};
  TRY_ASSIGN(const std::string text, member->as_string());
  auto seconds = parse_time(text);
  if (!seconds) return std::move(seconds).error().in(member->pointer());
  return std::optional(*seconds);
}

Result<NotationAlgorithm> parse_algorithm(const JsonView& header) {
  TRY_ASSIGN(const JsonView member, header.field("alg"));
  TRY_ASSIGN(const std::string text, member.as_string());
  for (const AlgorithmName& name : k_algorithm_names) {
    if (name.jws == text) return name.algorithm;
  }
  return fail(ErrorCode::unsupported, "the algorithm is \"" + printable(text) + "\"; expected PS256, PS384, PS512, ES256, ES384 or ES512");
}

Result<void> parse_protected(std::string_view text, NotationContent& envelope) {
  TRY_ASSIGN(const Json json, parse_json(text, k_limits));
  const JsonView header(json);
  TRY_ASSIGN(const auto members, header.as_members());
  std::vector<std::string> present;
  for (const auto& [name, value] : members) {
    if (value.is_null()) return value.complaint("is null");
    present.push_back(name);
  }
  if (header.find("b64")) return fail(ErrorCode::unsupported, "a payload that is not base64 is not read");
  TRY_ASSIGN(envelope.algorithm, parse_algorithm(header));
  TRY_ASSIGN(const JsonView type, header.field("cty"));
  TRY_ASSIGN(envelope.content_type, type.as_string());
  TRY_ASSIGN(const JsonView scheme, header.field(k_header_scheme));
  TRY_ASSIGN(const std::string scheme_text, scheme.as_string());
  HeaderTimes times;
  TRY_ASSIGN(times.signing, find_time(header, k_header_time));
  TRY_ASSIGN(times.authentic, find_time(header, k_header_authentic_time));
  TRY_ASSIGN(times.expiry, find_time(header, k_header_expiry));
  TRY(apply_times(scheme_text, times, envelope));
  TRY_ASSIGN(const JsonView crit, header.field("crit"));
  TRY_ASSIGN(const auto critical, crit.as_strings());
  return check_critical(critical, present, envelope);
}

Result<void> parse_unprotected(const JsonView& header, NotationContent& envelope) {
  for (const std::string_view name : {"alg", "cty", "crit", "b64"}) {
    if (header.find(name)) return header.complaint("holds \"" + std::string(name) + "\", which must be signed");
  }
  TRY_ASSIGN(const JsonView chain, header.field("x5c"));
  TRY_ASSIGN(const auto certificates, chain.as_strings());
  if (certificates.empty()) return chain.complaint("has no certificate");
  if (certificates.size() > k_max_notation_chain) {
    return fail(ErrorCode::limit, "a chain of " + std::to_string(certificates.size()) + " certificates is over the limit of " +
                                      std::to_string(k_max_notation_chain));
  }
  for (const std::string& certificate : certificates) {
    TRY_ASSIGN(Bytes der, decode_base64(certificate));
    envelope.certificates.push_back(std::move(der));
  }
  if (const auto agent = header.find(k_header_agent)) {
    TRY_ASSIGN(envelope.signing_agent, agent->as_string());
  }
  if (const auto timestamp = header.find(k_header_timestamp)) {
    TRY_ASSIGN(const std::string text, timestamp->as_string());
    TRY_ASSIGN(envelope.timestamp_token, decode_base64(text));
  }
  return {};
}

}  // namespace

Result<NotationContent> parse_jws(std::string_view text) {
  TRY_ASSIGN(const Json json, parse_json(text, k_limits));
  const JsonView view(json);
  TRY(view.refuse_unknown({"payload", "protected", "header", "signature"}));
  NotationContent envelope;
  TRY_ASSIGN(const Bytes header, decode_member(view, "protected"));
  auto parsed = parse_protected(davit::as_text(header), envelope);
  if (!parsed) return std::move(parsed).error().during("reading the protected header");
  TRY_ASSIGN(const JsonView unprotected, view.field("header"));
  TRY(parse_unprotected(unprotected, envelope));
  TRY_ASSIGN(envelope.payload, decode_member(view, "payload"));
  TRY_ASSIGN(envelope.signature, decode_member(view, "signature"));
  const auto member = [&](std::string_view name) { return *view.find(name)->json().string(); };
  envelope.signed_bytes = to_bytes(member("protected") + "." + member("payload"));
  return envelope;
}

NotationDraft draft_jws(const NotationContent& content) {
  const bool authority = content.scheme == SigningScheme::signing_authority;
  JsonArray critical{k_header_scheme};
  if (authority) critical.emplace_back(k_header_authentic_time);
  JsonObject header{{"alg", name_of(content.algorithm).jws}, {"cty", content.content_type}};
  if (content.expiry) {
    critical.emplace_back(k_header_expiry);
    header.set(std::string(k_header_expiry), write_time(*content.expiry));
  }
  header.set("crit", std::move(critical));
  header.set(std::string(k_header_scheme), authority ? k_scheme_authority : k_scheme_x509);
  header.set(std::string(authority ? k_header_authentic_time : k_header_time), write_time(content.signing_time));
  NotationDraft draft{.header = to_bytes(encode_base64url(as_bytes(write_json_sorted(std::move(header)))))};
  draft.signed_bytes = to_bytes(std::string(davit::as_text(draft.header)) + "." + encode_base64url(content.payload));
  return draft;
}

Bytes finish_jws(const NotationDraft& draft, const NotationContent& content) {
  JsonArray chain;
  for (const Bytes& der : content.certificates) chain.emplace_back(encode_base64(der));
  JsonObject header;
  if (!content.timestamp_token.empty()) header.set(std::string(k_header_timestamp), encode_base64(content.timestamp_token));
  header.set("x5c", std::move(chain));
  if (!content.signing_agent.empty()) header.set(std::string(k_header_agent), content.signing_agent);
  return to_bytes(write_json(JsonObject{{"payload", encode_base64url(content.payload)},
                                        {"protected", davit::as_text(draft.header)},
                                        {"header", std::move(header)},
                                        {"signature", encode_base64url(content.signature)}}));
}

}  // namespace davit::oci
