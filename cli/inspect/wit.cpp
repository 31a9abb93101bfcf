#include "cli/inspect/wit.hpp"

#include "cli/wasm_report.hpp"
#include "wasm/wit/wit.hpp"

namespace davit::cli {

Result<int> show_wit(Context& context, const WasmInput& input) {
  auto text = wasm::wit_text(input.bytes(), wasm::Limits{});
  if (!text) return std::move(text).error().in(input.name());
  if (!context.common.json) {
    TRY(context.print(*text));
    return 0;
  }
  auto facts = examine_wasm(input.bytes(), wasm::ReadDepth::structure);
  if (!facts) return std::move(facts).error().in(input.name());
  Json json = wasm_facts_json(*facts);
  std::get<JsonObject>(json.value()).set("wit", *std::move(text));
  TRY(context.print_json(json));
  return 0;
}

}  // namespace davit::cli
