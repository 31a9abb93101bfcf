// Signatures inside wasm files: the wasm room reads what is signed, the oci room judges who signed it.
#pragma once

#include <optional>
#include <vector>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "oci/trust/wasm_judge.hpp"

namespace davit::cli {

/// Every signature of a file, ready to be judged.
/// @param detached  a signature file, in place of the section inside
/// @param lenient   let a cut file and unsigned parts pass, with a warning in the finding
/// Errors: malformed, unsupported, limit, unsigned_content (there is none)
Result<std::vector<oci::WasmSignature>> read_wasm_signatures(ByteView file, const std::optional<ByteView>& detached, bool lenient);

}  // namespace davit::cli
