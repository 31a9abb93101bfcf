// In-module signatures: no input harms, what is read is written again as it was, and no key accepts what it never signed.
#include "cli/wasm_signatures.hpp"
#include "wasm/signature_section.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  const ByteView input(reinterpret_cast<const std::byte*>(data), size);
  static const oci::PrivateKey key = *oci::PrivateKey::generate(oci::KeyKind::ed25519);
  if (const auto sets = wasm::parse_signature_data(input)) {
    const auto again = wasm::parse_signature_data(wasm::write_signature_data(*sets));
    CHECK(again && again->size() == sets->size());
  }
  for (const bool lenient : {false, true}) {
    const auto found = cli::read_wasm_signatures(input, std::nullopt, lenient);
    if (!found) continue;
    for (const auto& each : *found) CHECK(!oci::judge_wasm_signature(each, std::span(&key.public_key(), 1)).verified);
  }
  auto module = wasm::open_signable_module(input, std::nullopt);
  if (!module) return 0;
  wasm::add_signature(*module, Bytes(64));
  // One preamble and its signature section may be gone and come back; what was signed stays as it is.
  CHECK(wasm::open_signable_module(wasm::write_signed_module(*module), std::nullopt)->hashes == module->hashes);
  return 0;
}
