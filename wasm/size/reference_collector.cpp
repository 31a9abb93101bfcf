#include "wasm/size/reference_collector.hpp"

#include <algorithm>

namespace davit::wasm {

void ReferenceCollector::entry(Part part, std::uint64_t offset, std::uint64_t size) {
  std::ranges::sort(indirect_);
  const auto repeated = std::unique(indirect_.begin(), indirect_.end());
  Table& table = tables_[at(part)];
  table.references.insert(table.references.end(), pending_.begin(), pending_.end());
  table.references.insert(table.references.end(), indirect_.begin(), repeated);
  table.entries.push_back({.offset = offset, .size = size});
  table.ends.push_back(table.references.size());
  pending_.clear();
  indirect_.clear();
  ++number_;
}

}  // namespace davit::wasm
