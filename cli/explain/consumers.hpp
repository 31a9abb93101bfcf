// Who runs or fetches WebAssembly out of a registry, and by which rules each accepts or refuses an artifact.
//
// The rules are those that the projects' sources show, with these versions in view: containerd-shim-wasm of 2025, Spin 3
// and 4, wasmCloud 2, oci-wasm 0.3 (wkg, Wassette), crun 1.8 and later, podman 5, Istio and Envoy Gateway of 2025, Trivy
// 0.50 and later, Kubewarden 1.x; wasmtime 30, wasmer 5, WasmEdge 0.14 and Node 20 with their default settings.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/explain/facts.hpp"

namespace davit::cli::explain {

/// Why something is not accepted: one word for the kind of reason, and the sentence.
struct Refusal {
  std::string_view aspect;  ///< layout, layers, platform, index, annotation, size, wasi, features, interface
  std::string reason;
};

/// Nothing when the facts pass.
using Rule = std::optional<Refusal> (*)(const Facts&);

struct Consumer {
  std::string_view name;
  std::string_view kind;          ///< `runtime`, `container`, `cluster`, `tool`
  std::vector<Rule> packaging{};  ///< asked in order; the first that refuses gives the reason
  std::vector<Rule> module{};     ///< those that need the wasm file
  std::string (*command)(const Facts&);
  bool takes_files = false;  ///< also started on a file
};

std::span<const Consumer> consumers();

struct Verdict {
  std::string_view consumer;
  std::string_view kind;
  bool accepts = false;
  std::string_view aspect{};  ///< of the refusal
  std::string reason{};
  std::string command{};  ///< of those that accept
};

/// Whether the wasm file has to be read before this consumer's answer is known.
bool needs_module(const Consumer& consumer, const Facts& facts);

/// The facts must hold the module when `needs_module` says so.
Verdict judge(const Consumer& consumer, const Facts& facts);

}  // namespace davit::cli::explain
