// Wasm files as commands take them: a path, standard input, or what a store holds under a reference.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "cli/context.hpp"
#include "manifests/bytes.hpp"
#include "manifests/reference.hpp"
#include "oci/formats/package.hpp"
#include "oci/io/file.hpp"
#include "oci/repository.hpp"
#include "wasm/limits.hpp"

namespace davit::cli {

/// Bytes of one input: mapped from a file, or held in memory.
class WasmInput {
 public:
  WasmInput(std::string name, oci::MappedFile file) : name_(std::move(name)), content_(std::move(file)) {}
  WasmInput(std::string name, Bytes bytes) : name_(std::move(name)), content_(std::move(bytes)) {}
  [[nodiscard]] ByteView bytes() const;
  /// What to call it in messages.
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Writes a range of bytes(), or other bytes, with little of it in memory. Errors: io, those of the sink
  /// @param written  bytes that the sink was given before; see oci::MappedFile::write_range
  Result<void> write_range(ByteView range, oci::Sink& sink, std::uint64_t written) const;

 private:
  std::string name_;
  std::variant<oci::MappedFile, Bytes> content_;
};

/// A wasm file that came out of a store, whatever it was packed in, with what the store says of it.
struct StoredWasm {
  WasmInput input;
  Reference reference;
  oci::RawManifest manifest;
  oci::Detection detection;
  oci::Package package;  ///< keeps the bytes of `input` alive
  std::unique_ptr<oci::Repository> repository;
};

/// The store reference that a word names; nothing when it is a file: `-`, the name of a file that is there, what
/// parses as one, or a word without a slash, which nobody means as a name on Docker Hub.
/// Errors: usage (neither)
Result<std::optional<Reference>> store_reference_in(const std::string& text);

/// What a word names where files and stores are both taken: as everywhere, the name of a file that is there is that file.
/// Errors: usage (no reference either)
Result<Reference> reference_or_file(const std::string& text);

/// The bytes of a package's wasm file; the package must outlive them. Errors: io, limit
Result<WasmInput> open_packaged(const oci::Package& package, std::string name);

/// Data files to read with the wasm file: those inside the artifact itself, not those of a referrer.
enum class StoredFiles { none, inside };

/// Errors: those of the store and of oci::read_package
Result<StoredWasm> fetch_stored_wasm(Context& context, const Reference& reference, StoredFiles files = StoredFiles::none);

/// Loads a wasm file: `-` is standard input, a store reference is fetched and checked against its digest, all else
/// is a path.
/// Errors: io, not_found, limit (larger than wasm::Limits::file_bytes), and those of the store
Result<WasmInput> load_wasm_input(Context& context, const std::string& text);

/// Only files and standard input. Errors: usage when `text` names a store
Result<WasmInput> load_wasm_file(Context& context, const std::string& text);

/// Where a command writes its file: `-` is standard output, all else appears under its name only when it is whole.
/// @param size  in bytes, where it is known before
/// Errors: io; usage (binary output to a terminal)
Result<std::unique_ptr<oci::Sink>> open_output(Context& context, const std::string& path, std::uint64_t size = 0);

}  // namespace davit::cli
