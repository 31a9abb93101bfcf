#include "wasm/size/reference_collector.hpp"

#include <algorithm>

namespace davit::wasm {

void ReferenceCollector::entry(Part part, std::uint64_t offset, std::uint64_t size) {
  std::ranges::sort(pending_);
  const auto repeated = std::ranges::unique(pending_);
  Table& table = tables_[at(part)];
  table.references.insert(table.references.end(), pending_.begin(), repeated.begin());
  table.entries.push_back({.offset = offset, .size = size});
  table.ends.push_back(table.references.size());
  pending_.clear();
}

}  // namespace davit::wasm
