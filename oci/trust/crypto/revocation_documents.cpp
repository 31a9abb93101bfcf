#include "oci/trust/crypto/revocation_documents.hpp"

#include <openssl/ocsp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "oci/trust/clock_tolerance.hpp"
#include "oci/trust/crypto/c_handle.hpp"

namespace davit::oci {
namespace {

using X509Handle = CHandle<X509, X509_free>;
using CrlHandle = CHandle<X509_CRL, X509_CRL_free>;
using RequestHandle = CHandle<OCSP_REQUEST, OCSP_REQUEST_free>;
using AnswerHandle = CHandle<OCSP_RESPONSE, OCSP_RESPONSE_free>;
using BasicHandle = CHandle<OCSP_BASICRESP, OCSP_BASICRESP_free>;
using IdHandle = CHandle<OCSP_CERTID, OCSP_CERTID_free>;
using StoreHandle = CHandle<X509_STORE, X509_STORE_free>;
using ScopeHandle = CHandle<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free>;
using PointsHandle = CHandle<CRL_DIST_POINTS, CRL_DIST_POINTS_free>;
using TimeHandle = CHandle<ASN1_TIME, ASN1_TIME_free>;

constexpr int k_min_strength = 112;

const unsigned char* raw(ByteView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

RevocationStatement nothing(std::string reason) { return {.word = RevocationWord::nothing, .reason = std::move(reason)}; }

X509Handle open_certificate(const Certificate& certificate) {
  const unsigned char* at = raw(certificate.der());
  return X509Handle(d2i_X509(nullptr, &at, static_cast<long>(certificate.der().size())));
}

// `now` lies from the first time to the second; without a second one a document would be good for ever. A document that was
// made while it was asked for may begin a little later than we began.
bool covers(const ASN1_TIME* from, const ASN1_TIME* to, std::int64_t now) {
  if (from == nullptr || to == nullptr) return false;
  const TimeHandle moment(ASN1_TIME_set(nullptr, now));
  const TimeHandle latest_start(ASN1_TIME_set(nullptr, now + k_clock_tolerance_seconds));
  if (!moment || !latest_start) return false;
  const int after_start = ASN1_TIME_compare(from, latest_start.get());
  const int before_end = ASN1_TIME_compare(moment.get(), to);
  return (after_start == -1 || after_start == 0) && (before_end == -1 || before_end == 0);
}

// MD5, SHA-1 and such. Schemes without a hash of their own (EdDSA, PSS) are not weak by name.
bool is_weak(int signature_nid) {
  int digest = NID_undef;
  if (OBJ_find_sigid_algs(signature_nid, &digest, nullptr) != 1) return true;
  const EVP_MD* hash = EVP_get_digestbynid(digest);
  return hash != nullptr && EVP_MD_get_size(hash) * 4 < k_min_strength;
}

// The issuer itself, or a responder for which it vouches, made the signature.
bool is_signed(OCSP_BASICRESP* basic, X509* issuer, std::int64_t now) {
  const StoreHandle store(X509_STORE_new());
  if (!store || X509_STORE_add_cert(store.get(), issuer) != 1) return false;
  X509_VERIFY_PARAM* rules = X509_STORE_get0_param(store.get());
  X509_VERIFY_PARAM_set_time(rules, now);
  X509_VERIFY_PARAM_set_auth_level(rules, 2);
  // The issuer is what is trusted here, whether it is a root or not.
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
  STACK_OF(X509)* helpers = sk_X509_new_null();
  if (helpers == nullptr) return false;
  sk_X509_push(helpers, issuer);
  const bool good = OCSP_basic_verify(basic, helpers, store.get(), 0) == 1;
  sk_X509_free(helpers);
  return good;
}

RevocationStatement read_single(OCSP_BASICRESP* basic, OCSP_CERTID* id, std::int64_t now) {
  int status = V_OCSP_CERTSTATUS_UNKNOWN;
  int reason = 0;
  ASN1_GENERALIZEDTIME* since = nullptr;
  ASN1_GENERALIZEDTIME* from = nullptr;
  ASN1_GENERALIZEDTIME* to = nullptr;
  if (OCSP_resp_find_status(basic, id, &status, &reason, &since, &from, &to) != 1)
    return nothing("its answer is about another certificate");
  if (status == V_OCSP_CERTSTATUS_REVOKED) return {.word = RevocationWord::revoked};
  if (!covers(from, to, now)) return nothing("its answer is not of this time");
  if (status != V_OCSP_CERTSTATUS_GOOD) return nothing("it does not know the certificate");
  return {.word = RevocationWord::good};
}

bool share_a_name(const GENERAL_NAMES* some, const GENERAL_NAMES* others) {
  for (int i = 0; i < sk_GENERAL_NAME_num(some); ++i) {
    for (int j = 0; j < sk_GENERAL_NAME_num(others); ++j) {
      if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(some, i), sk_GENERAL_NAME_value(others, j)) == 0) return true;
    }
  }
  return false;
}

// The certificate names the place that the list says it is of, for every reason and from its own authority.
bool is_of_place(const DIST_POINT_NAME& place, const X509* subject) {
  const PointsHandle points(static_cast<CRL_DIST_POINTS*>(X509_get_ext_d2i(subject, NID_crl_distribution_points, nullptr, nullptr)));
  if (!points || place.type != 0) return false;
  for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT* point = sk_DIST_POINT_value(points.get(), i);
    if (point->distpoint == nullptr || point->distpoint->type != 0 || point->reasons != nullptr || point->CRLissuer != nullptr) continue;
    if (share_a_name(place.name.fullname, point->distpoint->name.fullname)) return true;
  }
  return false;
}

// The list's scope (RFC 5280, 5.2.5) takes the certificate in, and is not one of another authority or of attributes.
bool is_in_scope(const ISSUING_DIST_POINT& scope, X509* subject) {
  if (scope.indirectCRL > 0 || scope.onlyattr > 0 || (scope.onlyuser > 0 && scope.onlyCA > 0)) return false;
  const bool authority = X509_check_ca(subject) == 1;
  if ((scope.onlyuser > 0 && authority) || (scope.onlyCA > 0 && !authority)) return false;
  return scope.distpoint == nullptr || is_of_place(*scope.distpoint, subject);
}

bool is_critical(const X509_EXTENSION* extension) { return X509_EXTENSION_get_critical(extension) == 1; }

// A list that says anything critical which is not understood, of itself or of one entry, says nothing of anybody.
bool is_understood(X509_CRL* list) {
  for (int i = 0; i < X509_CRL_get_ext_count(list); ++i) {
    const X509_EXTENSION* extension = X509_CRL_get_ext(list, i);
    const int kind = OBJ_obj2nid(X509_EXTENSION_get_object(const_cast<X509_EXTENSION*>(extension)));
    if (kind == NID_delta_crl || (is_critical(extension) && kind != NID_issuing_distribution_point)) return false;
  }
  STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(list);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    for (int j = 0; j < X509_REVOKED_get_ext_count(entry); ++j) {
      if (is_critical(X509_REVOKED_get_ext(entry, j))) return false;
    }
  }
  return true;
}

// What a list that is believed says of the certificate.
RevocationStatement read_list(X509_CRL* list, X509* subject) {
  if (!is_understood(list)) return nothing("it is partial, or says what is not understood");
  int critical = 0;
  const ScopeHandle scope(static_cast<ISSUING_DIST_POINT*>(X509_CRL_get_ext_d2i(list, NID_issuing_distribution_point, &critical, nullptr)));
  // -1 stands for "there is none"; what is there and cannot be read, or is there twice, is no scope.
  if (!scope && critical != -1) return nothing("whom it is about cannot be read");
  if (scope && !is_in_scope(*scope, subject)) return nothing("it is about other certificates");
  X509_REVOKED* entry = nullptr;
  // 2 stands for "removed from the list": taken back for a while and then no more.
  if (X509_CRL_get0_by_cert(list, &entry, subject) == 1) return {.word = RevocationWord::revoked};
  if (scope && scope->onlysomereasons != nullptr) return nothing("it is about some reasons only");
  return {.word = RevocationWord::good};
}

}  // namespace

Result<Bytes> make_ocsp_request(const Certificate& certificate, const Certificate& issuer) {
  const X509Handle subject = open_certificate(certificate);
  const X509Handle above = open_certificate(issuer);
  const RequestHandle request(OCSP_REQUEST_new());
  IdHandle id(
      OCSP_cert_to_id(EVP_sha1(), subject.get(), above.get()));  // the one hash that every responder knows; it names, and proves nothing
  if (!request || !id || OCSP_request_add0_id(request.get(), id.get()) == nullptr)
    return fail(ErrorCode::malformed, "no question can be asked about the certificate");
  static_cast<void>(id.release());  // the request owns it now
  unsigned char* der = nullptr;
  const int length = i2d_OCSP_REQUEST(request.get(), &der);
  if (length <= 0) return fail(ErrorCode::malformed, "no question can be asked about the certificate");
  Bytes out = to_bytes(ByteView(reinterpret_cast<const std::byte*>(der), static_cast<std::size_t>(length)));
  OPENSSL_free(der);
  return out;
}

RevocationStatement read_ocsp_answer(ByteView der, const Certificate& certificate, const Certificate& issuer, std::int64_t now) {
  if (der.size() > k_max_ocsp_bytes) return nothing("its answer is too long");
  const unsigned char* at = raw(der);
  const AnswerHandle answer(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())));
  if (!answer || at != raw(der) + der.size()) return nothing("its answer cannot be read");
  if (OCSP_response_status(answer.get()) != OCSP_RESPONSE_STATUS_SUCCESSFUL) return nothing("it gives no answer");
  const BasicHandle basic(OCSP_response_get1_basic(answer.get()));
  const X509Handle subject = open_certificate(certificate);
  const X509Handle above = open_certificate(issuer);
  if (!basic || !subject || !above) return nothing("its answer cannot be read");
  if (!is_signed(basic.get(), above.get(), now)) return nothing("its answer is not signed by who may give one");
  const IdHandle id(OCSP_cert_to_id(EVP_sha1(), subject.get(), above.get()));
  return id ? read_single(basic.get(), id.get(), now) : nothing("its answer cannot be read");
}

RevocationStatement read_revocation_list(ByteView der, const Certificate& certificate, const Certificate& issuer, std::int64_t now) {
  if (der.size() > k_max_crl_bytes) return nothing("it is too long");
  const unsigned char* at = raw(der);
  const CrlHandle list(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (!list || at != raw(der) + der.size()) return nothing("it cannot be read");
  const X509Handle subject = open_certificate(certificate);
  const X509Handle above = open_certificate(issuer);
  if (!subject || !above) return nothing("it cannot be read");
  if (X509_NAME_cmp(X509_CRL_get_issuer(list.get()), X509_get_subject_name(above.get())) != 0) return nothing("it is of another authority");
  if ((X509_get_key_usage(above.get()) & KU_CRL_SIGN) == 0) return nothing("the authority may not sign lists");
  if (X509_CRL_verify(list.get(), X509_get0_pubkey(above.get())) != 1) return nothing("it is not signed by the authority");
  if (is_weak(X509_CRL_get_signature_nid(list.get()))) return nothing("it is signed with an algorithm that is too weak");
  if (!covers(X509_CRL_get0_lastUpdate(list.get()), X509_CRL_get0_nextUpdate(list.get()), now)) return nothing("it is not of this time");
  return read_list(list.get(), subject.get());
}

}  // namespace davit::oci
