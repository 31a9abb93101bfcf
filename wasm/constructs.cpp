#include "wasm/constructs.hpp"

#include <algorithm>

namespace davit::wasm {
namespace {

struct Facts {
  std::string_view description;
  std::string_view feature;
  bool binaryen_reads;
};

// In the order of the enumeration. The last column was measured with Debian's Binaryen 108.
constexpr std::array<Facts, k_construct_count> k_facts = {{
    {"mutable globals across the module's edge", "mutable-globals", true},
    {"sign extension", "sign-ext", true},
    {"saturating conversions", "nontrapping-fptoint", true},
    {"bulk memory operations", "bulk-memory", true},
    {"bulk table operations", "bulk-memory", false},
    {"table.fill", "reference-types", false},
    {"reference types", "reference-types", true},
    {"externref", "reference-types", true},
    {"several tables", "reference-types", true},
    {"multiple values", "multivalue", true},
    {"block types with parameters", "multivalue", false},
    {"SIMD", "simd128", true},
    {"relaxed SIMD", "relaxed-simd", false},
    {"tail calls", "tail-call", true},
    {"extended constant expressions", "extended-const", true},
    {"atomics", "atomics", true},
    {"legacy exception handling", "exception-handling", true},
    {"exception handling with try_table", "exception-handling", false},
    {"typed function references", "typed-function-references", false},
    {"garbage-collected types", "gc", false},
    {"garbage-collection instructions", "gc", false},
    {"64-bit memory", "memory64", true},
    {"64-bit tables", "memory64", false},
    {"multiple memories", "multimemory", false},
    {"custom page sizes", "custom-page-sizes", false},
    {"a data segment for another memory", "multimemory", false},
    {"element segments of expressions with a type", "reference-types", false},
    {"declarative element segments", "reference-types", true},
    {"tables with an initial value", "typed-function-references", false},
    {"compact imports", "compact-imports", false},
    {"stack switching", "stack-switching", false},
    {"wide arithmetic", "wide-arithmetic", false},
    {"half-precision floats", "fp16", false},
    {"shared-everything threads", "shared-everything", false},
    {"custom descriptors", "custom-descriptors", false},
    {"memory control", "memory-control", false},
    {"relaxed memory ordering", "acquire-release-atomics", false},
    {"a NUL byte in a name", "", false},
}};

const Facts& facts(Construct construct) { return k_facts[static_cast<std::size_t>(construct)]; }

}  // namespace

void ConstructSet::merge(const ConstructSet& other) {
  for (std::size_t i = 0; i < k_construct_count; ++i) {
    if (!other.met_[i]) continue;
    first_[i] = met_[i] ? std::min(first_[i], other.first_[i]) : other.first_[i];
    met_.set(i);
  }
}

std::string_view describe(Construct construct) { return facts(construct).description; }
std::string_view feature_of(Construct construct) { return facts(construct).feature; }

std::vector<std::string> features_of(const ConstructSet& constructs) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < k_construct_count; ++i) {
    const auto construct = static_cast<Construct>(i);
    if (constructs.has(construct) && !feature_of(construct).empty()) names.emplace_back(feature_of(construct));
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::optional<Construct> first_beyond_binaryen(const ConstructSet& constructs) {
  std::optional<Construct> found;
  for (std::size_t i = 0; i < k_construct_count; ++i) {
    const auto construct = static_cast<Construct>(i);
    if (!constructs.has(construct) || facts(construct).binaryen_reads) continue;
    if (!found || constructs.first_offset(construct) < constructs.first_offset(*found)) found = construct;
  }
  return found;
}

}  // namespace davit::wasm
