#include "wasm/summary.hpp"

#include <algorithm>
#include <iterator>

#include "wasm/component_reader.hpp"
#include "wasm/module_reader.hpp"

namespace davit::wasm {

std::string_view to_text(Kind kind) {
  switch (kind) {
    case Kind::module: return "module";
    case Kind::component: return "component";
  }
  return "";
}

Result<BinarySummary> summarize(ByteView file, const Limits& limits, ReadDepth depth) {
  TRY_ASSIGN(const Kind kind, detect_kind(file));
  TRY_ASSIGN(BinarySummary summary, kind == Kind::module ? read_module(file, 0, limits, depth) : read_component(file, limits, depth));
  const std::vector<std::string> used = features_of(summary.constructs);
  std::ranges::set_union(used, summary.declared_features, std::back_inserter(summary.features));
  return summary;
}

std::vector<std::string> world_imports(const BinarySummary& summary) {
  std::vector<std::string> names;
  if (summary.kind == Kind::module) return names;
  for (const ImportItem& item : summary.imports) {
    if (item.kind == "instance" || item.kind == "func" || item.kind == "type") names.push_back(item.name);
  }
  return names;
}

std::vector<std::string> world_exports(const BinarySummary& summary) {
  if (summary.is_wit_package) return summary.interface_names;
  std::vector<std::string> names;
  if (summary.kind == Kind::module) return names;
  for (const ExportItem& item : summary.exports) {
    if (item.kind == "instance" || item.kind == "func") names.push_back(item.name);
  }
  return names;
}

}  // namespace davit::wasm
