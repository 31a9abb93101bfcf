// Notes the entries of one module and what each refers to, for the graph of what keeps what in the file.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "wasm/module_visitor.hpp"

namespace davit::wasm {

inline constexpr std::size_t k_part_count = 12;

struct EntryRange {
  std::uint64_t offset;
  std::uint64_t size;
};

/// What an entry refers to: a part and an index in one number.
class ReferenceKey {
 public:
  static ReferenceKey to(Part part, std::uint32_t index) {
    return ReferenceKey((std::uint64_t{static_cast<std::uint8_t>(part)} << 56U) | index);
  }
  static ReferenceKey indirect(std::uint32_t type, std::uint32_t table) {
    return ReferenceKey((k_indirect << 56U) | (std::uint64_t{table} << 32U) | type);
  }
  [[nodiscard]] bool is_indirect() const { return value_ >> 56U == k_indirect; }
  [[nodiscard]] Part part() const { return static_cast<Part>(value_ >> 56U); }
  [[nodiscard]] std::uint32_t index() const { return static_cast<std::uint32_t>(value_); }  ///< of an indirect call the type
  [[nodiscard]] std::uint32_t table() const { return static_cast<std::uint32_t>(value_ >> 32U) & 0xffffffU; }
  friend auto operator<=>(const ReferenceKey&, const ReferenceKey&) = default;

 private:
  static constexpr std::uint64_t k_indirect = 255;
  explicit ReferenceKey(std::uint64_t value) : value_(value) {}
  std::uint64_t value_;
};

class ReferenceCollector : public ModuleVisitor {
 public:
  void entry(Part part, std::uint64_t offset, std::uint64_t size) override;
  void refer(Part part, std::uint32_t index) override {
    std::vector<std::uint32_t>& last = last_entry_[at(part)];
    if (index >= last.size()) last.resize(index + std::size_t{1});
    if (last[index] == number_) return;
    last[index] = number_;
    pending_.push_back(ReferenceKey::to(part, index));
  }
  void call_indirect(std::uint32_t type, std::uint32_t table) override { indirect_.push_back(ReferenceKey::indirect(type, table)); }

  [[nodiscard]] const std::vector<EntryRange>& entries(Part part) const { return tables_[at(part)].entries; }
  /// Calls `visit` with every reference of one entry, each once.
  template <typename Visit>
  void for_each_reference(Part part, std::size_t entry, const Visit& visit) const {
    const Table& table = tables_[at(part)];
    const std::size_t begin = entry == 0 ? 0 : table.ends[entry - 1];
    for (std::size_t i = begin; i < table.ends[entry]; ++i) visit(table.references[i]);
  }

 private:
  struct Table {
    std::vector<EntryRange> entries{};
    std::vector<std::size_t> ends{};  // of each entry's references
    std::vector<ReferenceKey> references{};
  };
  static std::size_t at(Part part) { return static_cast<std::size_t>(part); }

  std::array<Table, k_part_count> tables_{};
  std::vector<ReferenceKey> pending_{};
  std::vector<ReferenceKey> indirect_{};
  std::array<std::vector<std::uint32_t>, k_part_count> last_entry_{};  // that referred to each index
  std::uint32_t number_ = 1;                                           // of the entry being read; at most a few millions
};

}  // namespace davit::wasm
