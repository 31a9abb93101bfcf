#include "cli/wasm_signatures.hpp"

#include "wasm/signature_section.hpp"

namespace davit::cli {

Result<std::vector<oci::WasmSignature>> read_wasm_signatures(ByteView file, const std::optional<ByteView>& detached, bool lenient) {
  TRY_ASSIGN(auto found, wasm::read_module_signatures(file, {.lenient = lenient, .detached = detached}));
  std::vector<oci::WasmSignature> out;
  for (wasm::ModuleSignature& each : found) {
    out.push_back({.signature = std::move(each.record.signature),
                   .message = std::move(each.message),
                   .record_defect = std::move(each.record.defect),
                   .coverage_defect = std::move(each.defect),
                   .warnings = std::move(each.warnings),
                   .detached = detached.has_value()});
  }
  return out;
}

}  // namespace davit::cli
