// What an optimization is asked for, and what came of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/optimize/cache.hpp"
#include "cli/optimize/worker_process.hpp"
#include "wasm/editor.hpp"

namespace davit::cli {

/// Chosen by measurement over real modules of up to 3 MB; see `optimize` in the manual.
inline constexpr std::string_view k_default_level = "s";

struct OptimizeRequest {
  std::string level{k_default_level};  ///< 0 … 4, s, z
  wasm::StripSelection strip{};
  bool use_cache = true;
  bool strict = false;        ///< what no optimizer here handles is an error instead of being left as it is
  bool keep_imports = false;  ///< of a component, also those that nothing uses
  WorkerLimits limits{};
};

/// One core module inside a component.
struct NestedModule {
  std::uint32_t index = 0;  ///< counts the component's modules in file order, nested components included
  std::string name{};       ///< from its name section
  std::uint64_t size_before = 0;
  std::uint64_t size_after = 0;  ///< 0 when nothing used it
  bool optimized = false;
  std::string reason{};  ///< why it was not
  std::uint64_t exports_dropped = 0;
  std::uint64_t imports_dropped = 0;
};

struct Optimized {
  Bytes made{};                                 ///< by this run
  std::optional<OptimizeCache::Entry> found{};  ///< or by an earlier one
  bool kept_input = false;                      ///< the optimizer's result was not smaller
  bool from_cache = false;
  bool optimized = true;    ///< false: only stripped
  std::string reason{};     ///< why it was not optimized
  std::string optimizer{};  ///< `Binaryen 108`, `wasm-opt 132`
  bool is_component = false;
  std::vector<NestedModule> modules{};         ///< of a component
  std::vector<std::string> imports_dropped{};  ///< of a component
  [[nodiscard]] ByteView bytes() const { return found ? found->content() : ByteView(made); }
};

}  // namespace davit::cli
