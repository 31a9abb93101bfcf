// The evidence about an artifact as one page without anything from elsewhere: what it is, what it may touch, who signed
// it and why that counts or does not. Everything in it is escaped; the page runs no script.
#pragma once

#include <string>
#include <vector>

#include "manifests/capability_manifest.hpp"
#include "oci/trust/verifier.hpp"

namespace davit::cli {

struct ReportFacts {
  std::string reference{};
  std::string media_type{};  ///< of the manifest
  std::string format{};
  std::uint64_t wasm_size = 0;
  std::string wasm_digest{};
  std::string kind{};  ///< module or component
  Annotations annotations{};
  std::vector<std::string> imports{};      ///< `module.name`
  std::vector<std::string> reachable{};    ///< `class.part via import`
  std::optional<std::string> requested{};  ///< the file's own capability manifest, as text
  std::string wasm_problem{};              ///< why nothing is known of the wasm file; empty when it is
  std::string trust{};                     ///< what it was held against, for people
  std::string made_at{};                   ///< RFC 3339
};

/// @param error  why there is no verification; null when there is one
std::string report_page(const ReportFacts& facts, const oci::Verification* verification, const Error* error);

}  // namespace davit::cli
