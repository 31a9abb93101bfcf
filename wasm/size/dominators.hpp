// Dominators of a directed graph: node d dominates n when every way from the root to n passes d. What a node dominates
// is what would go if it went. Semi-NCA (Georgiadis, "Linear-Time Algorithms for Dominators and Related Problems").
#pragma once

#include <cstdint>
#include <vector>

namespace davit::wasm {

/// Edges by source: those of node n are `targets[first[n]]` up to `targets[first[n + 1]]`.
struct Graph {
  std::vector<std::uint32_t> first{0};
  std::vector<std::uint32_t> targets{};
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(first.size() - 1); }
};

inline constexpr std::uint32_t k_unreachable = UINT32_MAX;

struct Dominators {
  std::vector<std::uint32_t> immediate{};  ///< by node; the root's is itself, k_unreachable where no way leads
  std::vector<std::uint32_t> order{};      ///< reachable nodes; a node stands after its immediate dominator
};

/// Node 0 is the root. Takes memory of about 32 bytes a node and 4 an edge; does not recurse.
Dominators find_dominators(const Graph& graph);

/// The sum of `sizes` over everything that each node dominates, itself included; 0 for nodes that are not reachable.
std::vector<std::uint64_t> retained_sizes(const Dominators& dominators, const std::vector<std::uint64_t>& sizes);

}  // namespace davit::wasm
