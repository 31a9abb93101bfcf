#include "oci/trust/crypto/chain.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"

namespace davit::oci {
namespace {

constexpr int k_least_strength = 112;
// Pairs of certificates looked at: bounds the walk whatever was supplied.
constexpr std::size_t k_max_steps = 1000;

Error refuse(std::string why) { return fail(ErrorCode::untrusted, std::move(why)); }

std::string name_of(const Certificate& certificate) {
  if (!certificate.subject_name().empty()) return "\"" + printable(certificate.subject_name()) + "\"";
  return certificate.fingerprint().text();
}

bool holds(const std::vector<std::string>& purposes, std::string_view purpose) {
  return std::ranges::any_of(purposes, [&](const std::string& one) { return one == purpose || one == k_purpose_any; });
}

// What every certificate must be, whatever its place.
Result<void> check_one(const Certificate& certificate, std::int64_t at) {
  if (at < certificate.not_before()) return refuse("the certificate " + name_of(certificate) + " was not valid yet at the trusted time");
  if (at > certificate.not_after()) return refuse("the certificate " + name_of(certificate) + " had expired at the trusted time");
  if (!certificate.unknown_critical_extensions().empty()) {
    return refuse("the certificate " + name_of(certificate) + " has the critical extension " +
                  certificate.unknown_critical_extensions().front() + ", which is not understood");
  }
  if (certificate.key_strength() < k_least_strength) return refuse("the key of the certificate " + name_of(certificate) + " is too weak");
  return {};
}

// What an issuer must be; `below` counts the issuers between it and the leaf.
Result<void> check_issuer(const Certificate& issuer, std::size_t below, const ChainQuestion& question) {
  TRY(check_one(issuer, question.at));
  if (!issuer.is_ca()) return refuse("the certificate " + name_of(issuer) + " may not issue others");
  if (issuer.has_key_usage() && !issuer.allows(KeyUse::certificate_sign))
    return refuse("the key of the certificate " + name_of(issuer) + " may not sign others");
  if (issuer.path_length() && below > *issuer.path_length())
    return refuse("the certificate " + name_of(issuer) + " allows no chain this long");
  if (!question.purpose.empty() && !issuer.purposes().empty() && !holds(issuer.purposes(), question.purpose))
    return refuse("the certificate " + name_of(issuer) + " is not for this purpose");
  return {};
}

class Walk {
 public:
  explicit Walk(const ChainQuestion& question) : question_(question) {}
  Result<std::vector<Certificate>> from(const Certificate& leaf);

 private:
  struct Step {
    std::size_t depth;  ///< certificates below
    Certificate certificate;
  };
  // Whether `issuer` continues a chain whose last is `last`; keeps the reason when only that is missing.
  bool continues(const Certificate& last, const Certificate& issuer, std::size_t depth);

  const ChainQuestion& question_;
  std::optional<Error> nearest_;
  std::size_t steps_ = 0;
};

bool Walk::continues(const Certificate& last, const Certificate& issuer, std::size_t depth) {
  ++steps_;
  if (!last.is_issued_by(issuer)) return false;
  if (last.signature_strength() < k_least_strength) {
    nearest_ = refuse("the certificate " + name_of(last) + " is signed with a weak algorithm");
    return false;
  }
  auto checked = check_issuer(issuer, depth - 1, question_);
  if (checked) return true;
  nearest_ = std::move(checked).error();
  return false;
}

Result<std::vector<Certificate>> Walk::from(const Certificate& leaf) {
  TRY(check_one(leaf, question_.at));
  if (!question_.purpose.empty() && std::ranges::count(leaf.purposes(), question_.purpose) == 0)
    return refuse("the certificate " + name_of(leaf) + " is not for this purpose");
  if (std::ranges::count(question_.anchors, leaf) != 0) return std::vector{leaf};
  // Depth first, without recursion: `open` holds what is still to be tried, `path` the chain so far.
  std::vector<Step> open{{0, leaf}};
  std::vector<Certificate> path;
  while (!open.empty()) {
    const Step step = std::move(open.back());
    open.pop_back();
    path.erase(path.begin() + static_cast<std::ptrdiff_t>(step.depth), path.end());
    path.push_back(step.certificate);
    const std::size_t depth = step.depth + 1;
    if (depth >= k_max_chain_certificates) continue;
    for (const Certificate& anchor : question_.anchors) {
      if (!continues(step.certificate, anchor, depth)) continue;
      path.push_back(anchor);
      return path;
    }
    for (const Certificate& next : question_.intermediates) {
      if (std::ranges::count(path, next) == 0 && continues(step.certificate, next, depth)) open.push_back({depth, next});
    }
    if (steps_ > k_max_steps) return fail(ErrorCode::limit, "too many certificates have the same names");
  }
  if (nearest_) return *std::move(nearest_);
  return refuse("the certificate " + name_of(leaf) + ", issued by \"" + printable(leaf.issuer_name()) + "\", leads to no trusted root");
}

}  // namespace

Result<std::vector<Certificate>> find_chain(const Certificate& leaf, const ChainQuestion& question) { return Walk(question).from(leaf); }

Result<std::vector<Certificate>> find_chain(const Certificate& leaf, std::span<const Certificate> intermediates,
                                            std::span<const Certificate> anchors, std::int64_t at_seconds) {
  return find_chain(leaf, {.intermediates = intermediates, .anchors = anchors, .at = at_seconds});
}

}  // namespace davit::oci
