// Has a certificate been taken back? The Notary Project asks this of every certificate of a chain but the root: by
// OCSP (RFC 6960) where the certificate names a responder, else, or when that gives no answer, by CRL (RFC 5280).
//
// Asking needs the network, so it is a port. Without one (offline) the answer about a certificate that names a place to
// ask is `unknown`, and that fails wherever the trust policy enforces revocation; it is never taken for `good`. A
// certificate that names no place cannot be taken back, and is good.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "oci/trust/crypto/certificate.hpp"

namespace davit::oci {

inline constexpr std::size_t k_max_revocation_places = 4;  ///< of each kind that are asked for one certificate

enum class RevocationState { good, revoked, unknown };

struct RevocationAnswer {
  RevocationState state = RevocationState::unknown;
  std::string reason{};  ///< names the certificate; empty when good
};

/// Where a certificate says that it can be asked about; only http and https.
struct RevocationPlaces {
  std::vector<std::string> ocsp{};
  std::vector<std::string> crl{};
  bool names_any = false;  ///< also of other schemes, which cannot be asked
};
/// Errors: malformed
Result<RevocationPlaces> find_revocation_places(const Certificate& certificate);

/// The port to those who know.
class RevocationSource {
 public:
  virtual ~RevocationSource() = default;
  /// @param now  seconds since 1970; answers from another time do not count
  [[nodiscard]] virtual RevocationAnswer ask(const Certificate& certificate, const Certificate& issuer, const RevocationPlaces& places,
                                             std::int64_t now) const = 0;
};

/// @param chain   leaf first, root last
/// @param source  null when nobody can be asked
RevocationAnswer check_revocation(std::span<const Certificate> chain, const RevocationSource* source, std::int64_t now);

}  // namespace davit::oci
