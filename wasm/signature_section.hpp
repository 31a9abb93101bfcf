// Signatures inside a module, in the layout that wasmsign2 writes (tool-conventions Signatures.md, with its own length
// prefixes, which the document does not show):
//
//   custom section "signature", the first of the file; the same payload in a file of its own is a detached signature
//     01 version · 01 content (module) · 01 SHA-256 · u32 count · sets
//     set     u32 bytes · u32 count · 32-byte hashes · u32 count · records
//     record  u32 bytes · u32 length · key id · 01 (Ed25519) · u32 length · signature
//   custom section "signature_delimiter" ends each part that may be signed by itself
//
// Hash i is SHA-256 over every section after the signature section, through delimiter i; the last part ends with the
// file. What is signed is "wasmsig" 01 01 01 and all hashes of the set. The eight bytes of the preamble are not covered,
// so the file must be well-formed as the kind that its preamble says: no file with any code or type is both.
//
// Raw bytes are hashed, never sections written anew. Reading is strict: the section is first and stands alone, the
// hashes are as many as the parts, and they cover the file to its end. What a lenient reader lets pass it says.
// No cryptography but the hash is here: oci/trust/wasm_judge.hpp judges the records.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/bytes.hpp"
#include "manifests/digest.hpp"
#include "manifests/result.hpp"

namespace davit::wasm {

// On the wire: never change.
inline constexpr std::string_view k_signature_section = "signature";
inline constexpr std::string_view k_signature_delimiter = "signature_delimiter";
inline constexpr std::uint8_t k_wasm_signature_ed25519 = 1;

inline constexpr std::uint32_t k_max_signed_parts = 64;        ///< wasmsign2's bounds
inline constexpr std::uint32_t k_max_module_signatures = 256;  ///< of one set
inline constexpr std::uint32_t k_max_signature_sets = 64;
inline constexpr std::size_t k_max_signature_data_bytes = std::size_t{1} << 20;

struct SignatureRecord {
  Bytes key_id{};
  std::uint8_t algorithm = 0;
  Bytes signature{};
  std::string defect{};  ///< why the record cannot be read; then the rest of it means nothing
  Bytes raw{};           ///< exactly as it was read
};

/// Hashes of parts, and who signed them.
struct SignatureSet {
  std::vector<Digest> hashes{};
  std::vector<SignatureRecord> records{};
};

/// Errors: malformed (frame), unsupported (version, content, hash), limit
Result<std::vector<SignatureSet>> parse_signature_data(ByteView payload);
Bytes write_signature_data(const std::vector<SignatureSet>& sets);

/// One signature of a file, with what it is over.
struct ModuleSignature {
  SignatureRecord record{};
  Bytes message{};                      ///< what the signature must be over
  std::string defect{};                 ///< why the hashes do not speak about this whole file; empty: they do
  std::vector<std::string> warnings{};  ///< what was let pass
};

struct SignatureReading {
  bool lenient = false;                ///< let a cut file, unsigned parts and a section that is not first pass, with a warning
  std::optional<ByteView> detached{};  ///< a signature file, in place of the section
};

/// Every signature of a file.
/// Errors: malformed (file or signature data), unsupported, limit, unsigned_content (there is none)
Result<std::vector<ModuleSignature>> read_module_signatures(ByteView file, const SignatureReading& reading);

/// A file ready to be signed. The file must outlive it.
struct SignableModuleView {
  ByteView preamble{};
  ByteView sections{};               ///< all but the signature section, as they stand; views the file
  std::vector<Digest> hashes{};      ///< one for each part
  std::vector<SignatureSet> sets{};  ///< signatures that are there, kept
  Bytes message{};                   ///< to be signed
};

/// Errors: malformed (file, signature section that is not first or not alone), unsupported, limit
Result<SignableModuleView> open_signable_module(ByteView file, const std::optional<ByteView>& detached);

/// Adds a record to the set with this file's hashes. @return false when the very same record is there
bool add_signature(SignableModuleView& module, Bytes signature);

/// The file with its signature section first.
Bytes write_signed_module(const SignableModuleView& module);

}  // namespace davit::wasm
