#include "cli/policy/content_check.hpp"

#include <algorithm>

#include "cli/input.hpp"
#include "manifests/encoding.hpp"
#include "wasm/capabilities.hpp"
#include "wasm/custom_section.hpp"
#include "wasm/summary.hpp"

namespace davit::cli {
namespace {

oci::Decision check_format(const std::vector<std::string>& allowed, const std::string& format) {
  const bool fits = allowed.empty() || std::ranges::count(allowed, format) != 0;
  std::string list;
  for (const std::string& name : allowed) list += (list.empty() ? "" : ", ") + printable(name);
  return {.passed = fits, .text = "format " + format + (fits ? "" : ", expected " + list)};
}

}  // namespace

Result<oci::Decision> check_grant(const CapabilityRequests& grant, ByteView file) {
  TRY_ASSIGN(const wasm::BinarySummary summary, wasm::summarize(file, wasm::Limits{}));
  oci::Decision out{.passed = true, .text = "capabilities", .code = ErrorCode::capability_refused};
  const wasm::ReachComparison comparison = wasm::compare_reach(wasm::reach_of(summary), grant);
  for (const wasm::ReachedCapability& reached : comparison.not_requested) {
    out.parts.push_back({.text = "it can reach " + to_text(reached.capability) + ", which is not granted", .code = out.code});
  }
  TRY_ASSIGN(const std::optional<ByteView> section, wasm::find_custom_section(file, wasm::k_capability_section));
  if (section) {
    auto manifest = parse_capability_manifest(as_text(*section));
    if (!manifest) return std::move(manifest).error().during("reading the file's own capability manifest");
    for (const std::string& more : excess(manifest->requests, grant)) {
      out.parts.push_back({.text = "it asks for " + printable(more) + ", which is not granted", .code = out.code});
    }
  }
  out.passed = out.parts.empty();
  out.text = out.passed ? "it asks for and can reach nothing beyond the grant" : "capabilities beyond the grant: " + out.parts.front().text;
  return out;
}

oci::ContentCheck make_content_check(Context& context, const PolicyRule& rule, const Reference& reference) {
  if (rule.formats.empty() && !rule.grant) return {};
  return [&context, formats = rule.formats, grant = rule.grant, reference](const Digest& artifact) -> Result<oci::Decision> {
    TRY_ASSIGN(const StoredWasm stored, fetch_stored_wasm(context, with_digest(reference, artifact)));
    oci::Decision out{.passed = true, .text = "the artifact itself"};
    oci::Decision format = check_format(formats, stored.detection.format);
    if (!format.passed) out.text = format.text;
    out.passed = format.passed;
    out.parts.push_back(std::move(format));
    if (!grant) return out;
    TRY_ASSIGN(oci::Decision touches, check_grant(*grant, stored.input.bytes()));
    if (!touches.passed && out.passed) {
      out.text = touches.text;
      out.code = touches.code;
    }
    out.passed = out.passed && touches.passed;
    out.parts.push_back(std::move(touches));
    return out;
  };
}

}  // namespace davit::cli
