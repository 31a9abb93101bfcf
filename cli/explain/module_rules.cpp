#include <algorithm>
#include <array>

#include "cli/explain/rules.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli::explain {
namespace {

Answer refuse(std::string_view aspect, std::string reason) { return Refusal{aspect, std::move(reason)}; }

// Features that a runtime does not have, or not without being told.
Answer without_features(const Facts& facts, std::string_view who, std::initializer_list<std::string_view> missing) {
  // No released runtime has these switched on.
  static constexpr auto k_proposals =
      std::to_array<std::string_view>({"stack-switching", "shared-everything", "custom-descriptors", "memory-control", "fp16",
                                       "custom-page-sizes", "acquire-release-atomics", "wide-arithmetic"});
  std::string names;
  const auto note = [&](std::string_view feature) {
    if (facts.module->features.contains(std::string(feature))) names += (names.empty() ? "" : ", ") + std::string(feature);
  };
  std::ranges::for_each(k_proposals, note);
  std::ranges::for_each(missing, note);
  if (names.empty()) return std::nullopt;
  return refuse("features", std::string(who) + " does not have switched on what the file uses: " + names);
}

}  // namespace

ModuleFacts module_facts(const wasm::BinarySummary& summary) {
  ModuleFacts out{.is_component = summary.kind == wasm::Kind::component, .target = summary.target, .size = summary.size};
  out.features.insert(summary.features.begin(), summary.features.end());
  out.is_interface_only = summary.is_wit_package;
  for (const wasm::ExportItem& item : summary.exports) {
    out.has_start = out.has_start || (item.name == "_start" && item.kind == "func");
    out.is_proxy_plugin = out.is_proxy_plugin || item.name.starts_with("proxy_abi_version_");
    out.runs_as_command = out.runs_as_command || item.name.starts_with("wasi:cli/run");
    out.serves_http = out.serves_http || item.name.starts_with("wasi:http/incoming-handler") || item.name.starts_with("wasi:http/handler");
  }
  out.has_policy_metadata = std::ranges::any_of(
      summary.sections, [](const wasm::SectionItem& section) { return section.custom && section.name == "io.kubewarden.metadata"; });
  return out;
}

Answer no_interface_package(const Facts& facts) {
  if (!facts.module->is_interface_only) return std::nullopt;
  return refuse("interface", "the file is a WIT package: interfaces without a program");
}

Answer wasi_of_wasmtime(const Facts& facts) {
  if (facts.module->target == "wasip3")
    return refuse("wasi", "the component is for WASI 0.3, which is not switched on without being asked for");
  return no_wasix(facts);
}

Answer only_modules(const Facts& facts) {
  if (!facts.module->is_component) return std::nullopt;
  return refuse("wasi",
                "the file is a component (" + printable(facts.module->target, 20) + "), and it runs core modules of preview 1 only");
}

Answer no_wasix(const Facts& facts) {
  if (facts.module->target != "wasix") return std::nullopt;
  return refuse("wasi", "the module is for WASIX, which only wasmer has");
}

Answer only_components(const Facts& facts) {
  if (facts.module->is_component) return std::nullopt;
  return refuse("wasi", "the file is a core module, and it runs components only");
}

Answer starts(const Facts& facts) {
  const ModuleFacts& module = *facts.module;
  if (module.has_start || module.runs_as_command || module.serves_http) return std::nullopt;
  if (module.is_component) return refuse("interface", "the component exports neither wasi:cli/run nor a handler of wasi:http");
  return refuse("interface", "the module exports no _start; it is a library");
}

Answer proxy_plugin(const Facts& facts) {
  if (facts.module->is_proxy_plugin) return std::nullopt;
  return refuse("interface", "the module exports no proxy_abi_version_…, so it is no plugin for a proxy");
}

Answer policy_metadata(const Facts& facts) {
  if (facts.module->has_policy_metadata) return std::nullopt;
  return refuse("interface", "the module has no custom section io.kubewarden.metadata, which says how to run the policy");
}

Answer features_of_wasmtime(const Facts& facts) { return without_features(facts, "wasmtime", {}); }
Answer features_of_wasmedge(const Facts& facts) {
  return without_features(
      facts, "WasmEdge",
      {"gc", "typed-function-references", "tail-call", "multimemory", "memory64", "atomics", "exception-handling", "relaxed-simd"});
}
Answer features_of_wasmer(const Facts& facts) {
  return without_features(facts, "wasmer", {"gc", "typed-function-references", "multimemory", "memory64", "tail-call"});
}
Answer features_of_node(const Facts& facts) {
  return without_features(facts, "Node", {"gc", "typed-function-references", "multimemory", "memory64", "relaxed-simd"});
}

}  // namespace davit::cli::explain
