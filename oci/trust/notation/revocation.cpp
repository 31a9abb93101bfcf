#include "oci/trust/notation/revocation.hpp"

#include "manifests/encoding.hpp"
#include "oci/trust/crypto/der.hpp"
#include "oci/trust/notation/certificate_rules.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_authority_information = "1.3.6.1.5.5.7.1.1";
constexpr std::string_view k_distribution_points = "2.5.29.31";
constexpr std::string_view k_method_ocsp = "1.3.6.1.5.5.7.48.1";
constexpr std::uint8_t k_uri = der::context_simple(6);  // of a GeneralName

void keep_place(std::string_view uri, std::vector<std::string>& places, RevocationPlaces& all) {
  all.names_any = true;
  const bool can_be_asked = uri.starts_with("http://") || uri.starts_with("https://");
  if (can_be_asked && places.size() < k_max_revocation_places) places.emplace_back(uri);
}

// AuthorityInfoAccess: SEQUENCE OF { method OID, location GeneralName }
Result<void> read_responders(ByteView content, RevocationPlaces& places) {
  TRY_ASSIGN(const DerItem list, parse_der(content, der::k_sequence));
  DerReader items(list.content);
  while (!items.done()) {
    TRY_ASSIGN(const DerItem item, items.expect(der::k_sequence));
    DerReader inside(item.content);
    TRY_ASSIGN(const DerItem method, inside.expect(der::k_oid));
    TRY_ASSIGN(const std::string oid, parse_oid(method.content));
    TRY_ASSIGN(const DerItem location, inside.next());
    if (oid != k_method_ocsp) continue;
    places.names_any = true;
    if (location.tag == k_uri) keep_place(davit::as_text(location.content), places.ocsp, places);
  }
  return {};
}

// CRLDistributionPoints: SEQUENCE OF { [0] { [0] fullName GeneralNames }, … }
Result<void> read_distribution_points(ByteView content, RevocationPlaces& places) {
  TRY_ASSIGN(const DerItem list, parse_der(content, der::k_sequence));
  DerReader items(list.content);
  while (!items.done()) {
    TRY_ASSIGN(const DerItem point, items.expect(der::k_sequence));
    places.names_any = true;
    DerReader inside(point.content);
    TRY_ASSIGN(const auto name, inside.next_if(der::context(0)));
    if (!name) continue;
    DerReader forms(name->content);
    TRY_ASSIGN(const auto full, forms.next_if(der::context(0)));
    if (!full) continue;
    DerReader names(full->content);
    while (!names.done()) {
      TRY_ASSIGN(const DerItem one, names.next());
      if (one.tag == k_uri) keep_place(davit::as_text(one.content), places.crl, places);
    }
  }
  return {};
}

RevocationAnswer check_one(const Certificate& certificate, const Certificate& issuer, const RevocationSource* source, std::int64_t now) {
  const std::string who = "the certificate \"" + printable(certificate.subject_name()) + "\"";
  const auto places = find_revocation_places(certificate);
  if (!places)
    return {.state = RevocationState::unknown, .reason = "where " + who + " is taken back cannot be read: " + places.error().message};
  if (!places->names_any) return {.state = RevocationState::good};
  if (places->ocsp.empty() && places->crl.empty())
    return {.state = RevocationState::unknown,
            .reason = "whether " + who + " was taken back can only be asked in ways that davit does not know"};
  if (source == nullptr) return {.state = RevocationState::unknown, .reason = "whether " + who + " was taken back cannot be asked offline"};
  return source->ask(certificate, issuer, *places, now);
}

}  // namespace

Result<RevocationPlaces> find_revocation_places(const Certificate& certificate) {
  RevocationPlaces places;
  TRY_ASSIGN(const auto information, find_extension(certificate, k_authority_information));
  if (information) TRY(read_responders(information->content, places));
  TRY_ASSIGN(const auto points, find_extension(certificate, k_distribution_points));
  if (points) TRY(read_distribution_points(points->content, places));
  return places;
}

RevocationAnswer check_revocation(std::span<const Certificate> chain, const RevocationSource* source, std::int64_t now) {
  RevocationAnswer worst{.state = RevocationState::good};
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    RevocationAnswer answer = check_one(chain[i], chain[i + 1], source, now);
    if (answer.state == RevocationState::revoked) return answer;
    if (answer.state == RevocationState::unknown && worst.state == RevocationState::good) worst = std::move(answer);
  }
  return worst;
}

}  // namespace davit::oci
