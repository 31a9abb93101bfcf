#include "oci/trust/sigstore/authority_chain.hpp"

#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include "oci/trust/crypto/der.hpp"

namespace davit::oci {
namespace {

Result<std::vector<Certificate>> parse_all(const std::vector<Bytes>& certificates) {
  CHECK(!certificates.empty());
  std::vector<Certificate> out;
  for (const Bytes& der : certificates) {
    TRY_ASSIGN(Certificate certificate, Certificate::parse(der));
    out.push_back(std::move(certificate));
  }
  return out;
}

}  // namespace

struct AuthorityChain::State {
  explicit State(std::vector<Bytes> unread) : certificates(std::move(unread)) {}
  std::vector<Bytes> certificates;
  std::once_flag once{};
  std::optional<Result<std::vector<Certificate>>> answer{};
  std::atomic<bool> answered = false;
};

AuthorityChain::AuthorityChain(std::vector<Bytes> certificates) : state_(std::make_shared<State>(std::move(certificates))) {}

const Result<std::vector<Certificate>>& AuthorityChain::read() const {
  std::call_once(state_->once, [this] {
    state_->answer.emplace(parse_all(state_->certificates));
    state_->answered = true;
  });
  return *state_->answer;
}

bool AuthorityChain::was_read() const noexcept { return state_->answered; }

Result<void> check_certificate_shape(ByteView der) {
  TRY(check_certificate_size(der));
  TRY_ASSIGN(const DerItem certificate, parse_der(der, der::k_sequence));
  DerReader parts(certificate.content);
  TRY(parts.expect(der::k_sequence));    // what is signed
  TRY(parts.expect(der::k_sequence));    // the algorithm
  TRY(parts.expect(der::k_bit_string));  // the signature
  return parts.finish();
}

}  // namespace davit::oci
