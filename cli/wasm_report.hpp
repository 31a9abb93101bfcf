// What a wasm file is, as JSON and as text for people.
#pragma once

#include <string>

#include "manifests/digest.hpp"
#include "manifests/json.hpp"
#include "wasm/capabilities.hpp"
#include "wasm/summary.hpp"

namespace davit::cli {

/// One file with everything the report needs.
struct WasmFacts {
  wasm::BinarySummary summary;
  Digest digest;
  std::vector<wasm::ReachedCapability> reach;
  std::optional<CapabilityManifest> manifest{};  ///< from the davit.capabilities section
  std::string manifest_problem{};                ///< why that section could not be read
};

/// Errors: as wasm::summarize
Result<WasmFacts> examine_wasm(ByteView file, wasm::ReadDepth depth);

/// The members that the design promises for `inspect --json`, and more.
Json wasm_facts_json(const WasmFacts& facts);
std::string wasm_facts_text(const WasmFacts& facts, const std::string& name, bool verbose);

/// One entry per class: `{"class":"stdio","parts":["stdout"],"via":[…]}`.
Json reach_json(const std::vector<wasm::ReachedCapability>& reach);
std::string reach_text(const std::vector<wasm::ReachedCapability>& reach, bool verbose);

}  // namespace davit::cli
