#include "oci/trust/notation/revocation_online.hpp"

#include "manifests/encoding.hpp"
#include "oci/http/exchange.hpp"
#include "oci/trust/crypto/revocation_documents.hpp"
#include "oci/trust/notation/kept_lists.hpp"

namespace davit::oci {
namespace {

// On the wire: never change.
constexpr const char* k_ocsp_request_type = "application/ocsp-request";

class OnlineRevocation : public RevocationSource {
 public:
  explicit OnlineRevocation(RevocationTransports transports) : transports_(std::move(transports)), kept_(transports_.kept_lists) {}

  [[nodiscard]] RevocationAnswer ask(const Certificate& certificate, const Certificate& issuer, const RevocationPlaces& places,
                                     std::int64_t now) const override {
    const std::string who = "the certificate \"" + printable(certificate.subject_name()) + "\"";
    std::string obstacles;
    const auto settled = [&](const std::string& place, const RevocationStatement& statement) {
      if (statement.word == RevocationWord::nothing)
        obstacles += (obstacles.empty() ? "" : "; ") + printable(place) + ": " + statement.reason;
      return statement.word != RevocationWord::nothing;
    };
    const auto answer = [&](const RevocationStatement& statement, const std::string& place) -> RevocationAnswer {
      if (statement.word == RevocationWord::good) return {.state = RevocationState::good};
      return {.state = RevocationState::revoked, .reason = who + " was taken back, says " + printable(place)};
    };
    for (const std::string& place : places.ocsp) {
      const RevocationStatement statement = ask_responder(place, certificate, issuer, now);
      if (settled(place, statement)) return answer(statement, place);
    }
    for (const std::string& place : places.crl) {
      const RevocationStatement statement = ask_list(place, certificate, issuer, now);
      if (settled(place, statement)) return answer(statement, place);
    }
    return {.state = RevocationState::unknown, .reason = "whether " + who + " was taken back is not known (" + obstacles + ")"};
  }

 private:
  [[nodiscard]] RevocationStatement ask_responder(const std::string& place, const Certificate& certificate, const Certificate& issuer,
                                                  std::int64_t now) const {
    const auto question = make_ocsp_request(certificate, issuer);
    if (!question) return {.reason = question.error().message};
    const auto answer = fetch(*transports_.ocsp, place, *question, k_max_ocsp_bytes);
    return answer ? read_ocsp_answer(*answer, certificate, issuer, now) : RevocationStatement{.reason = answer.error().message};
  }

  [[nodiscard]] RevocationStatement ask_list(const std::string& place, const Certificate& certificate, const Certificate& issuer,
                                             std::int64_t now) const {
    if (const auto kept = kept_.find(place, now)) {
      RevocationStatement statement = read_revocation_list(*kept, certificate, issuer, now);
      if (statement.word != RevocationWord::nothing) return statement;
    }
    const auto list = fetch(*transports_.crl, place, {}, k_max_crl_bytes);
    if (!list) return {.reason = list.error().message};
    RevocationStatement statement = read_revocation_list(*list, certificate, issuer, now);
    // Only what is believed is kept, and where nothing can be kept it is fetched each time.
    if (statement.word != RevocationWord::nothing) static_cast<void>(kept_.store(place, *list, now));
    return statement;
  }

  static Result<Bytes> fetch(Transport& transport, const std::string& place, Bytes body, std::uint64_t limit) {
    TRY_ASSIGN(const Url url, Url::parse(place));
    TRY_ASSIGN(SmallAnswer answer,
               exchange(transport, {.url = url, .content_type = k_ocsp_request_type, .body = std::move(body), .limit_bytes = limit}));
    if (answer.status == 200) return std::move(answer.body);
    return fail(ErrorCode::network, "it answered " + std::to_string(answer.status));
  }

  RevocationTransports transports_;
  KeptLists kept_;
};

}  // namespace

std::shared_ptr<const RevocationSource> make_online_revocation(RevocationTransports transports) {
  return std::make_shared<const OnlineRevocation>(std::move(transports));
}

}  // namespace davit::oci
