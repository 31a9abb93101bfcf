// Judges one signature of the in-module form: Ed25519 over the message that the wasm room built from the file.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "manifests/bytes.hpp"
#include "oci/trust/finding.hpp"
#include "oci/trust/keys.hpp"

namespace davit::oci {

struct WasmSignature {
  Bytes signature{};
  Bytes message{};
  std::string record_defect{};    ///< why the record cannot be read; empty: it can
  std::string coverage_defect{};  ///< why it does not speak about this whole file; empty: it does
  std::vector<std::string> warnings{};
  bool detached = false;
};

Finding judge_wasm_signature(const WasmSignature& signature, std::span<const PublicKey> keys);

}  // namespace davit::oci
