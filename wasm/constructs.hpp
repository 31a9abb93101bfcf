// The constructs beyond the first WebAssembly version that a reader may meet, and what each means to a toolchain: the
// feature name under which LLVM and Binaryen know it, and whether Binaryen 108 can read it.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace davit::wasm {

enum class Construct : std::uint8_t {
  mutable_global,
  sign_extension,
  saturating_conversion,
  bulk_memory,
  bulk_table,  ///< table.init, table.copy, elem.drop
  table_fill,
  reference_types,
  externref,
  multi_table,
  multi_value,
  block_parameters,  ///< block types that are type indices and take parameters
  simd,
  relaxed_simd,
  tail_call,
  extended_const,
  atomics,
  legacy_exceptions,
  exceptions,        ///< try_table, throw_ref, exnref
  typed_references,  ///< call_ref, (ref $t), non-nullable types
  gc_types,          ///< rec groups, sub types, struct and array types
  gc_instructions,
  memory64,
  table64,
  multi_memory,
  custom_page_size,
  custom_data_memory,   ///< data segment with an explicit memory other than 0
  expression_elements,  ///< element segment of expressions with explicit type
  declarative_elements,
  table_initializer,
  compact_imports,
  stack_switching,
  wide_arithmetic,
  half_floats,
  shared_everything,
  custom_descriptors,
  memory_control,
  memory_order,  ///< acquire-release atomics
  nul_in_name,
  end_marker  ///< count of the others
};

inline constexpr std::size_t k_construct_count = static_cast<std::size_t>(Construct::end_marker);

/// What was met, and where first.
class ConstructSet {
 public:
  void add(Construct construct, std::uint64_t offset) {
    const auto index = static_cast<std::size_t>(construct);
    if (met_[index]) return;
    met_.set(index);
    first_[index] = offset;
  }
  [[nodiscard]] bool has(Construct construct) const { return met_[static_cast<std::size_t>(construct)]; }
  [[nodiscard]] std::uint64_t first_offset(Construct construct) const { return first_[static_cast<std::size_t>(construct)]; }
  /// Takes over everything of another set; where both met a construct the earlier place stays.
  void merge(const ConstructSet& other);

 private:
  std::bitset<k_construct_count> met_{};
  std::array<std::uint64_t, k_construct_count> first_{};
};

/// `multiple memories`, for people.
std::string_view describe(Construct construct);
/// `multimemory`; empty when the construct belongs to no named feature.
std::string_view feature_of(Construct construct);

/// Sorted feature names of all constructs in the set.
std::vector<std::string> features_of(const ConstructSet& constructs);

/// A construct that Binaryen 108 misreads or refuses, if the set has one; the earliest in the file.
std::optional<Construct> first_beyond_binaryen(const ConstructSet& constructs);

}  // namespace davit::wasm
