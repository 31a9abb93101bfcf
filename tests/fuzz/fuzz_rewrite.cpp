// Components written again without what nobody needs: the result must be read as well as the input, import no more, export
// the same, keep its links, and have nothing left to drop.
#include <algorithm>

#include "wasm/rewrite/component_writer.hpp"
#include "wasm/rewrite/link_check.hpp"
#include "wasm/summary.hpp"

using namespace davit;

namespace {

struct Opened {
  wasm::ComponentTree tree{};
  std::vector<wasm::ModuleEdges> edges{};
  std::vector<ByteView> modules{};
};

Result<Opened> open(ByteView input, const wasm::Limits& limits) {
  Opened out;
  TRY_ASSIGN(out.tree, wasm::read_component_tree(input, limits));
  for (const wasm::EntryId module : out.tree.modules) {
    out.modules.push_back(out.tree.entries[module].bytes);
    TRY_ASSIGN(wasm::ModuleEdges edges, wasm::read_module_edges(out.modules.back(), limits));
    out.edges.push_back(std::move(edges));
  }
  return out;
}

// Fillers get their slots trimmed as optimize does it, other modules stay.
Bytes rewrite(const Opened& opened, const wasm::Limits& limits) {
  const wasm::Liveness live = wasm::find_live(opened.tree, opened.edges, {}, limits);
  std::vector<Bytes> fillers;
  fillers.reserve(opened.modules.size());
  std::vector<ByteView> modules = opened.modules;
  for (const auto& [module, slots] : live.slots) modules[module] = fillers.emplace_back(wasm::keep_slots(modules[module], slots, limits));
  return wasm::write_component(opened.tree, live, modules);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(reinterpret_cast<const std::byte*>(data), size);
  const wasm::Limits limits;
  const auto before = wasm::summarize(input, limits);
  if (!before || before->kind != wasm::Kind::component) return 0;
  const auto opened = open(input, limits);
  CHECK(opened);
  const Bytes output = rewrite(*opened, limits);
  const auto after = wasm::summarize(output, limits);
  CHECK(after && after->exports == before->exports);
  for (const wasm::ImportItem& item : after->imports) CHECK(std::ranges::find(before->imports, item) != before->imports.end());
  const auto again = open(output, limits);
  CHECK(again);
  if (wasm::check_links(opened->tree, opened->edges)) CHECK(wasm::check_links(again->tree, again->edges));
  return 0;
}
