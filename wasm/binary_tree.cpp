#include "wasm/binary_tree.hpp"

#include <algorithm>

#include "wasm/metadata.hpp"
#include "wasm/section_id.hpp"

namespace davit::wasm {
namespace {

// A binary whose sections are being walked. Indices, since the tree grows meanwhile.
struct Open {
  SectionWalker walker;
  std::size_t index;
};

Result<BinaryView> begin(ByteView bytes, std::uint64_t offset, std::size_t parent, std::uint32_t depth) {
  TRY_ASSIGN(const Kind kind, detect_kind(bytes));
  return BinaryView{.kind = kind, .parent = parent, .depth = depth, .offset = offset, .bytes = bytes};
}

void take_custom(const SectionView& section, BinaryView& binary, const Limits& limits) {
  BinarySummary said;
  read_metadata(section, said, limits);
  const bool own_name = section.name == (binary.kind == Kind::module ? "name" : "component-name");
  if (own_name && !said.name.empty()) binary.name = std::move(said.name);
  if (!said.producers.empty()) binary.producers = std::move(said.producers);
  binary.metadata.merge(said.metadata);
  binary.customs.push_back(section);
}

}  // namespace

std::optional<ByteView> BinaryView::custom(std::string_view section) const {
  const auto found = std::ranges::find(customs, section, &SectionView::name);
  return found == customs.end() ? std::nullopt : std::optional(found->content);
}

Result<std::vector<BinaryView>> read_binary_tree(ByteView file, const Limits& limits) {
  std::vector<BinaryView> tree;
  TRY_ASSIGN(BinaryView root, begin(file, 0, 0, 0));
  tree.push_back(std::move(root));
  std::vector<Open> stack;
  TRY_ASSIGN(SectionWalker outermost, SectionWalker::open(file, limits));
  stack.push_back({outermost, 0});
  while (!stack.empty()) {
    TRY_ASSIGN(const auto section, stack.back().walker.next());
    if (!section) {
      stack.pop_back();
      continue;
    }
    const std::size_t index = stack.back().index;
    BinaryView& binary = tree[index];
    if (section->is_custom()) {
      take_custom(*section, binary, limits);
    } else if (binary.kind == Kind::module && section->id == module_section::k_data) {
      binary.data_sections.push_back(*section);
    } else if (binary.kind == Kind::component &&
               (section->id == component_section::k_core_module || section->id == component_section::k_component)) {
      if (tree.size() >= limits.nested)
        return fail(ErrorCode::limit, "more than " + std::to_string(limits.nested) + " modules and components in one file");
      if (stack.size() >= limits.depth) return fail(ErrorCode::limit, "nested more than " + std::to_string(limits.depth) + " deep");
      const auto depth = static_cast<std::uint32_t>(stack.size());
      TRY_ASSIGN(SectionWalker inner, SectionWalker::open(section->payload, limits, section->payload_offset));
      TRY_ASSIGN(BinaryView nested, begin(section->payload, section->payload_offset, index, depth));
      tree.push_back(std::move(nested));
      stack.push_back({inner, tree.size() - 1});
    }
  }
  return tree;
}

}  // namespace davit::wasm
