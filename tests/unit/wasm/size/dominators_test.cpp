#include "wasm/size/dominators.hpp"

#include <gtest/gtest.h>

#include <random>

namespace davit::wasm {
namespace {

Graph graph_of(std::uint32_t nodes, const std::vector<std::pair<std::uint32_t, std::uint32_t>>& edges) {
  Graph out;
  for (std::uint32_t node = 0; node < nodes; ++node) {
    for (const auto& [from, to] : edges) {
      if (from == node) out.targets.push_back(to);
    }
    out.first.push_back(static_cast<std::uint32_t>(out.targets.size()));
  }
  return out;
}

// Everything that can be reached from the root without passing `without`.
std::vector<bool> reached(const Graph& graph, std::uint32_t without) {
  std::vector<bool> seen(graph.size(), false);
  if (without == 0) return seen;
  std::vector<std::uint32_t> open = {0};
  seen[0] = true;
  while (!open.empty()) {
    const std::uint32_t node = open.back();
    open.pop_back();
    for (std::uint32_t i = graph.first[node]; i < graph.first[node + 1]; ++i) {
      const std::uint32_t target = graph.targets[i];
      if (target == without || seen[target]) continue;
      seen[target] = true;
      open.push_back(target);
    }
  }
  return seen;
}

TEST(dominators, of_a_diamond_are_its_top) {
  const Graph graph = graph_of(5, {{0, 1}, {1, 2}, {1, 3}, {2, 4}, {3, 4}});
  const Dominators dominators = find_dominators(graph);
  EXPECT_EQ(dominators.immediate, (std::vector<std::uint32_t>{0, 0, 1, 1, 1}));
  EXPECT_EQ(retained_sizes(dominators, {1, 10, 100, 1000, 10000}), (std::vector<std::uint64_t>{11111, 11110, 100, 1000, 10000}));
}

TEST(dominators, leave_out_what_nothing_reaches) {
  const Graph graph = graph_of(4, {{0, 1}, {2, 1}, {2, 3}});
  const Dominators dominators = find_dominators(graph);
  EXPECT_EQ(dominators.immediate, (std::vector<std::uint32_t>{0, 0, k_unreachable, k_unreachable}));
  EXPECT_EQ(retained_sizes(dominators, {1, 1, 1, 1}), (std::vector<std::uint64_t>{2, 1, 0, 0}));
}

TEST(dominators, of_one_node_and_of_none) {
  EXPECT_EQ(find_dominators(graph_of(1, {{0, 0}})).immediate, (std::vector<std::uint32_t>{0}));
  EXPECT_TRUE(find_dominators(Graph{}).immediate.empty());
}

TEST(dominators, of_a_long_chain_need_no_deep_stack) {
  constexpr std::uint32_t k_nodes = 1'000'000;
  Graph graph;
  for (std::uint32_t node = 0; node < k_nodes; ++node) {
    if (node + 1 < k_nodes) graph.targets.push_back(node + 1);
    graph.first.push_back(static_cast<std::uint32_t>(graph.targets.size()));
  }
  const Dominators dominators = find_dominators(graph);
  EXPECT_EQ(dominators.immediate[k_nodes - 1], k_nodes - 2);
  EXPECT_EQ(retained_sizes(dominators, std::vector<std::uint64_t>(k_nodes, 1))[0], k_nodes);
}

// The definition itself: what a node retains is what cannot be reached once it is gone.
TEST(dominators, retain_exactly_what_is_lost_without_them) {
  std::mt19937 source(20);  // NOLINT(cert-msc51-cpp): the same graphs every time
  const auto random = [&] { return static_cast<std::uint32_t>(source()); };
  for (int round = 0; round < 300; ++round) {
    const std::uint32_t nodes = 2 + random() % 14;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
    for (std::uint32_t i = random() % (3 * nodes); i > 0; --i) edges.emplace_back(random() % nodes, random() % nodes);
    const Graph graph = graph_of(nodes, edges);
    std::vector<std::uint64_t> sizes(nodes);
    for (auto& size : sizes) size = random() % 100;
    const std::vector<std::uint64_t> retained = retained_sizes(find_dominators(graph), sizes);
    const std::vector<bool> all = reached(graph, nodes);
    for (std::uint32_t node = 1; node < nodes; ++node) {
      const std::vector<bool> left = reached(graph, node);
      std::uint64_t lost = 0;
      for (std::uint32_t other = 0; other < nodes; ++other) lost += all[node] && all[other] && !left[other] ? sizes[other] : 0;
      ASSERT_EQ(retained[node], lost) << "round " << round << ", node " << node;
    }
  }
}

}  // namespace
}  // namespace davit::wasm
