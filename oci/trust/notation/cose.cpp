// COSE_Sign1 = 18([protected: bstr .cbor map, unprotected: map, payload: bstr, signature: bstr]); what is signed is
// ["Signature1", protected, external data (none), payload] in CBOR. Labels: 1 alg, 2 crit, 3 content type, 33 x5chain;
// those of the Notary Project are texts. Times are tag 1 with whole seconds.
#include "manifests/encoding.hpp"
#include "manifests/time_text.hpp"
#include "oci/trust/notation/cbor.hpp"
#include "oci/trust/notation/headers.hpp"

namespace davit::oci {
namespace {

// On the wire: never renumber.
constexpr std::uint64_t k_tag_sign1 = 18;
constexpr std::uint64_t k_tag_time = 1;
constexpr std::int64_t k_label_algorithm = 1;
constexpr std::int64_t k_label_critical = 2;
constexpr std::int64_t k_label_content_type = 3;
constexpr std::int64_t k_label_chain = 33;
constexpr std::int64_t k_last_second = 253402300799;  // of the year 9999

Error malformed(std::string message) { return fail(ErrorCode::malformed, std::move(message)); }

const Cbor* find_label(const CborMap& map, std::int64_t label) { return find_in(map, Cbor::integer(label)); }
const Cbor* find_label(const CborMap& map, std::string_view label) { return find_in(map, Cbor::text(label)); }

Result<std::optional<std::int64_t>> find_time(const CborMap& map, std::string_view label) {
  const Cbor* value = find_label(map, label);
  if (value == nullptr) return std::optional<std::int64_t>{};
  const Cbor* time = value->as_tagged(k_tag_time);
  const auto seconds = time != nullptr ? time->as_integer() : std::nullopt;
  if (!seconds || *seconds < 0 || *seconds > k_last_second)
    return malformed("the header " + std::string(label) + " is not a time in whole seconds");
  return seconds;
}

Result<NotationAlgorithm> parse_algorithm(const CborMap& header) {
  const Cbor* value = find_label(header, k_label_algorithm);
  const auto number = value != nullptr ? value->as_integer() : std::nullopt;
  if (!number) return malformed("the header has no algorithm");
  for (const AlgorithmName& name : k_algorithm_names) {
    if (name.cose == *number) return name.algorithm;
  }
  return fail(ErrorCode::unsupported,
              "the COSE algorithm is " + std::to_string(*number) + "; expected that of PS256, PS384, PS512, ES256, ES384 or ES512");
}

Result<std::vector<std::string>> parse_critical(const CborMap& header) {
  const Cbor* value = find_label(header, k_label_critical);
  const CborArray* items = value != nullptr ? value->as_array() : nullptr;
  if (items == nullptr) return malformed("the header has no list of critical headers");
  std::vector<std::string> names;
  for (const Cbor& item : *items) {
    if (const std::string* text = item.as_text()) names.push_back(*text);
    // Numbers 1 to 3 are those that are always understood; naming them is needless and does no harm.
    else if (const auto number = item.as_integer(); !number || *number < k_label_algorithm || *number > k_label_content_type)
      return fail(ErrorCode::unsupported, "a critical header is not understood");
    else if (find_label(header, *number) == nullptr) return malformed("the critical header " + std::to_string(*number) + " is not there");
  }
  return names;
}

Result<void> parse_protected(const CborMap& header, NotationContent& envelope) {
  TRY_ASSIGN(envelope.algorithm, parse_algorithm(header));
  const Cbor* type = find_label(header, k_label_content_type);
  if (type == nullptr || type->as_text() == nullptr) return malformed("the header has no content type");
  envelope.content_type = *type->as_text();
  const Cbor* scheme = find_label(header, k_header_scheme);
  if (scheme == nullptr || scheme->as_text() == nullptr) return malformed("the header has no signing scheme");
  HeaderTimes times;
  TRY_ASSIGN(times.signing, find_time(header, k_header_time));
  TRY_ASSIGN(times.authentic, find_time(header, k_header_authentic_time));
  TRY_ASSIGN(times.expiry, find_time(header, k_header_expiry));
  TRY(apply_times(*scheme->as_text(), times, envelope));
  TRY_ASSIGN(const auto critical, parse_critical(header));
  std::vector<std::string> present;
  for (const auto& [label, value] : header) {
    if (const std::string* text = label.as_text()) present.push_back(*text);
  }
  return check_critical(critical, present, envelope);
}

Result<void> parse_chain(const CborMap& header, NotationContent& envelope) {
  const Cbor* chain = find_label(header, k_label_chain);
  if (chain == nullptr) return malformed("the envelope has no certificate");
  if (const Bytes* single = chain->as_bytes()) {
    envelope.certificates.push_back(*single);
    return {};
  }
  const CborArray* items = chain->as_array();
  if (items == nullptr || items->empty()) return malformed("the envelope has no certificate");
  if (items->size() > k_max_notation_chain) {
    return fail(ErrorCode::limit, "a chain of " + std::to_string(items->size()) + " certificates is over the limit of " +
                                      std::to_string(k_max_notation_chain));
  }
  for (const Cbor& item : *items) {
    if (item.as_bytes() == nullptr) return malformed("a certificate of the envelope is not bytes");
    envelope.certificates.push_back(*item.as_bytes());
  }
  return {};
}

Result<void> parse_unprotected(const CborMap& header, NotationContent& envelope) {
  TRY(parse_chain(header, envelope));
  if (const Cbor* agent = find_label(header, k_header_agent)) {
    if (agent->as_text() == nullptr) return malformed("the signing agent is not a text");
    envelope.signing_agent = *agent->as_text();
  }
  if (const Cbor* timestamp = find_label(header, k_header_timestamp)) {
    if (timestamp->as_bytes() == nullptr) return malformed("the timestamp is not bytes");
    envelope.timestamp_token = *timestamp->as_bytes();
  }
  return {};
}

Result<void> check_disjoint(const CborMap& signed_header, const CborMap& unsigned_header) {
  for (const auto& [label, value] : unsigned_header) {
    const auto number = label.as_integer();
    if (!number && label.as_text() == nullptr) return malformed("a header label is neither a number nor a text");
    const bool must_be_signed = number && *number >= k_label_algorithm && *number <= k_label_content_type;
    if (must_be_signed || find_in(signed_header, label) != nullptr)
      return malformed("a header that is signed stands also in the unsigned part");
  }
  return {};
}

Bytes signature_structure(const Bytes& header, const Bytes& payload) {
  return write_cbor(Cbor::array({Cbor::text("Signature1"), Cbor::bytes(header), Cbor::bytes({}), Cbor::bytes(payload)}));
}

Cbor time_value(std::int64_t seconds) { return Cbor::tag(k_tag_time, Cbor::integer(seconds)); }

}  // namespace

Result<NotationContent> parse_cose(ByteView bytes) {
  if (bytes.size() > k_max_notary_bytes)
    return fail(ErrorCode::limit, "an envelope of " + std::to_string(bytes.size()) + " bytes is over the limit");
  TRY_ASSIGN(const Cbor whole, parse_cbor(bytes));
  const Cbor* message = whole.as_tagged(k_tag_sign1);
  const CborArray* parts = message != nullptr ? message->as_array() : nullptr;
  if (parts == nullptr || parts->size() != 4) return malformed("it is no COSE_Sign1 message");
  const Bytes* header_bytes = (*parts)[0].as_bytes();
  const CborMap* unsigned_header = (*parts)[1].as_map();
  const Bytes* payload = (*parts)[2].as_bytes();
  const Bytes* signature = (*parts)[3].as_bytes();
  if (header_bytes == nullptr || unsigned_header == nullptr || payload == nullptr || signature == nullptr)
    return malformed("it is no COSE_Sign1 message");
  if (payload->empty() || signature->empty()) return malformed("its payload or its signature is empty");
  TRY_ASSIGN(const Cbor header, parse_cbor(*header_bytes));
  if (header.as_map() == nullptr) return malformed("its protected header is no map");
  NotationContent envelope;
  auto parsed = parse_protected(*header.as_map(), envelope);
  if (!parsed) return std::move(parsed).error().during("reading the protected header");
  TRY(check_disjoint(*header.as_map(), *unsigned_header));
  TRY(parse_unprotected(*unsigned_header, envelope));
  envelope.payload = *payload;
  envelope.signature = *signature;
  envelope.signed_bytes = signature_structure(*header_bytes, *payload);
  return envelope;
}

NotationDraft draft_cose(const NotationContent& content) {
  const bool authority = content.scheme == SigningScheme::signing_authority;
  CborArray critical{Cbor::text(k_header_scheme)};
  if (authority) critical.push_back(Cbor::text(k_header_authentic_time));
  if (content.expiry) critical.push_back(Cbor::text(k_header_expiry));
  // Shorter keys first, then by bytes: the order of deterministic COSE.
  CborMap header{{Cbor::integer(k_label_algorithm), Cbor::integer(name_of(content.algorithm).cose)},
                 {Cbor::integer(k_label_critical), Cbor::array(std::move(critical))},
                 {Cbor::integer(k_label_content_type), Cbor::text(content.content_type)}};
  if (content.expiry) header.emplace_back(Cbor::text(k_header_expiry), time_value(*content.expiry));
  if (!authority) header.emplace_back(Cbor::text(k_header_time), time_value(content.signing_time));
  header.emplace_back(Cbor::text(k_header_scheme), Cbor::text(authority ? k_scheme_authority : k_scheme_x509));
  if (authority) header.emplace_back(Cbor::text(k_header_authentic_time), time_value(content.signing_time));
  NotationDraft draft{.header = write_cbor(Cbor::map(std::move(header)))};
  draft.signed_bytes = signature_structure(draft.header, content.payload);
  return draft;
}

Bytes finish_cose(const NotationDraft& draft, const NotationContent& content) {
  CborArray chain;
  for (const Bytes& der : content.certificates) chain.push_back(Cbor::bytes(der));
  CborMap header{{Cbor::integer(k_label_chain), Cbor::array(std::move(chain))}};
  if (!content.signing_agent.empty()) header.emplace_back(Cbor::text(k_header_agent), Cbor::text(content.signing_agent));
  if (!content.timestamp_token.empty()) header.emplace_back(Cbor::text(k_header_timestamp), Cbor::bytes(content.timestamp_token));
  return write_cbor(Cbor::tag(k_tag_sign1, Cbor::array({Cbor::bytes(draft.header), Cbor::map(std::move(header)),
                                                        Cbor::bytes(content.payload), Cbor::bytes(content.signature)})));
}

}  // namespace davit::oci
