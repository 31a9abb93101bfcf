// Debug files on their way to and from a store.
#pragma once

#include <optional>
#include <string>

#include "cli/context.hpp"
#include "cli/input.hpp"
#include "oci/debug_file.hpp"

namespace davit::cli {

struct DebugFile {
  Bytes content;
  std::string title;
};

/// Loads what was split off `wasm_file` and checks that it was.
/// Errors: mismatch (another build, or no build_id to tell by), malformed, limit, io
Result<DebugFile> load_debug_file(const std::string& path, const std::string& wasm_file);

/// What there is to read addresses in this file by: its own sections (then empty), a referrer of the stored artifact, or
/// the file beside it that its external_debug_info names.
/// Errors: those of the store
Result<Bytes> find_debug_information(Context& context, ByteView file, const std::string& path, const StoredWasm* stored);

}  // namespace davit::cli
