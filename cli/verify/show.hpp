// A verification in words, in JSON and as SARIF.
#pragma once

#include <string>
#include <vector>

#include "cli/context.hpp"
#include "oci/trust/verifier.hpp"

namespace davit::cli {

/// Every place that was asked and every finding, one line each on standard error; the tree of demands with --verbose.
void say_verification(const Context& context, const oci::Verification& verification);

Json finding_json(const oci::Finding& finding);
Json findings_json(const oci::Verification& verification);
Json places_json(const oci::Verification& verification);
Json decision_json(const oci::Decision& decision);

/// The tree for people, indented, each line with its answer.
std::string decision_text(const oci::Decision& decision);

/// One verification and what to call it.
struct NamedVerification {
  std::string target;
  std::optional<oci::Verification> verification{};
  std::optional<Error> error{};  ///< it could not be verified at all
};

/// SARIF 2.1.0 for code scanning: one result for each artifact that is not accepted and for each refused signature.
Json sarif_of(const std::vector<NamedVerification>& verifications);

}  // namespace davit::cli
