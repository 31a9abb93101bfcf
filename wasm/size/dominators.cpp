#include "wasm/size/dominators.hpp"

#include <algorithm>

namespace davit::wasm {
namespace {

// Nodes by number in preorder of a depth-first search; everything below works on these numbers.
struct Preorder {
  std::vector<std::uint32_t> node{};    // by number
  std::vector<std::uint32_t> number{};  // by node
  std::vector<std::uint32_t> parent{};  // by number
};

Preorder search(const Graph& graph) {
  Preorder out;
  out.number.assign(graph.size(), k_unreachable);
  std::vector<std::uint32_t> next(graph.first.begin(), graph.first.end() - 1);
  std::vector<std::uint32_t> path;
  const auto visit = [&](std::uint32_t node, std::uint32_t parent) {
    out.number[node] = static_cast<std::uint32_t>(out.node.size());
    out.node.push_back(node);
    out.parent.push_back(parent);
    path.push_back(node);
  };
  visit(0, 0);
  while (!path.empty()) {
    const std::uint32_t node = path.back();
    if (next[node] == graph.first[node + 1]) {
      path.pop_back();
      continue;
    }
    const std::uint32_t target = graph.targets[next[node]++];
    if (out.number[target] == k_unreachable) visit(target, out.number[node]);
  }
  return out;
}

// The graph turned round, in numbers; ways from unreachable nodes are left out.
Graph predecessors(const Graph& graph, const Preorder& preorder) {
  Graph out;
  const std::size_t count = preorder.node.size();
  out.first.assign(count + 1, 0);
  const auto each = [&](const auto& visit) {
    for (std::uint32_t from = 0; from < count; ++from) {
      const std::uint32_t node = preorder.node[from];
      for (std::uint32_t i = graph.first[node]; i < graph.first[node + 1]; ++i) visit(from, preorder.number[graph.targets[i]]);
    }
  };
  each([&](std::uint32_t, std::uint32_t to) { ++out.first[to + 1]; });
  for (std::size_t i = 0; i < count; ++i) out.first[i + 1] += out.first[i];
  out.targets.resize(out.first[count]);
  std::vector<std::uint32_t> next(out.first.begin(), out.first.end() - 1);
  each([&](std::uint32_t from, std::uint32_t to) { out.targets[next[to]++] = from; });
  return out;
}

// The forest of processed nodes with path compression: `label` is the least semidominator on the compressed way.
class Forest {
 public:
  explicit Forest(const std::vector<std::uint32_t>& parents) : ancestor_(parents), label_(parents.size()) {
    for (std::uint32_t i = 0; i < label_.size(); ++i) label_[i] = i;
  }
  void set(std::uint32_t node, std::uint32_t label) { label_[node] = label; }
  // Nodes above `last` are linked.
  std::uint32_t least(std::uint32_t node, std::uint32_t last) {
    if (node <= last) return node;
    path_.clear();
    while (ancestor_[node] > last) {
      path_.push_back(node);
      node = ancestor_[node];
    }
    std::uint32_t above = node;
    while (!path_.empty()) {
      const std::uint32_t below = path_.back();
      path_.pop_back();
      label_[below] = std::min(label_[below], label_[above]);
      ancestor_[below] = ancestor_[above];
      above = below;
    }
    return label_[above];
  }

 private:
  std::vector<std::uint32_t> ancestor_;
  std::vector<std::uint32_t> label_;
  std::vector<std::uint32_t> path_{};
};

}  // namespace

Dominators find_dominators(const Graph& graph) {
  Dominators out;
  out.immediate.assign(graph.size(), k_unreachable);
  if (graph.size() == 0) return out;
  Preorder preorder = search(graph);
  const Graph before = predecessors(graph, preorder);
  const auto count = static_cast<std::uint32_t>(preorder.node.size());
  Forest forest(preorder.parent);
  std::vector<std::uint32_t> semi(count, 0);
  for (std::uint32_t node = count; node-- > 1;) {
    semi[node] = preorder.parent[node];
    for (std::uint32_t i = before.first[node]; i < before.first[node + 1]; ++i)
      semi[node] = std::min(semi[node], forest.least(before.targets[i], node));
    forest.set(node, semi[node]);
  }
  std::vector<std::uint32_t> immediate(count, 0);
  for (std::uint32_t node = 1; node < count; ++node) {
    std::uint32_t candidate = preorder.parent[node];
    while (candidate > semi[node]) candidate = immediate[candidate];
    immediate[node] = candidate;
  }
  for (std::uint32_t node = 0; node < count; ++node) out.immediate[preorder.node[node]] = preorder.node[immediate[node]];
  out.order = std::move(preorder.node);
  return out;
}

std::vector<std::uint64_t> retained_sizes(const Dominators& dominators, const std::vector<std::uint64_t>& sizes) {
  std::vector<std::uint64_t> out(sizes.size(), 0);
  for (const std::uint32_t node : dominators.order) out[node] = sizes[node];
  for (std::size_t i = dominators.order.size(); i-- > 1;) {
    const std::uint32_t node = dominators.order[i];
    out[dominators.immediate[node]] += out[node];
  }
  return out;
}

}  // namespace davit::wasm
