// The WIT text of a wasm file.
#pragma once

#include <string>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "wasm/limits.hpp"

namespace davit::wasm {

/// The world of a component; the packages of a binary WIT package, with its documentation; of a core module what its
/// `component-type` sections say.
/// Errors: as summarize; unsupported (a core module without such a section, or a component that WIT cannot express)
Result<std::string> wit_text(ByteView file, const Limits& limits);

}  // namespace davit::wasm
