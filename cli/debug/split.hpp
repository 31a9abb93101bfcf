// What `strip` writes so that a debugger still finds what it took away: the debug file, and the sections that lead to it.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/context.hpp"
#include "wasm/editor.hpp"

namespace davit::cli {

struct DebugLinks {
  std::string split{};       ///< where the debug file goes; empty: nowhere
  std::string debug_url{};   ///< of external_debug_info (default: the name of the debug file)
  std::string source_map{};  ///< of sourceMappingURL
  bool build_id = false;
};

std::vector<Option> debug_link_options(DebugLinks& links);

struct SplitOutcome {
  std::string build_id{};  ///< hexadecimal, when the file has one now
  std::uint64_t debug_bytes = 0;
};

/// Writes the debug file and appends the sections to the stripped file.
/// Errors: usage (addresses that lead nowhere), not_found (nothing to split off), io, malformed, limit
Result<SplitOutcome> add_debug_links(Context& context, ByteView original, const DebugLinks& links, wasm::EditedFileView& stripped);

}  // namespace davit::cli
