// The certificates of an authority that a trusted root lists. It lists authorities of the past and of other purposes as
// well, and reading a certificate takes OpenSSL as long as parsing the whole document: each chain is read when a signature
// first needs it.
#pragma once

#include <memory>
#include <vector>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "oci/trust/crypto/certificate.hpp"

namespace davit::oci {

class AuthorityChain {
 public:
  /// @param certificates  DER, issuing (or, of timestamps, signing) first, root last
  explicit AuthorityChain(std::vector<Bytes> certificates);

  /// Never empty. Safe to call from several threads; the answer is kept.
  /// Errors: malformed (one of them is no certificate), limit
  [[nodiscard]] const Result<std::vector<Certificate>>& read() const;
  /// Whether read() only hands out what it has.
  [[nodiscard]] bool was_read() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< owners: every copy
};

/// The outermost structure of a certificate (RFC 5280, section 4.1): what must hold of each before one of them is read.
/// Errors: malformed, limit
Result<void> check_certificate_shape(ByteView der);

}  // namespace davit::oci
