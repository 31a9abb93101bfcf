// Wasm files as commands take them: a path, standard input, or what a store holds under a reference.
#pragma once

#include <string>
#include <variant>

#include "cli/context.hpp"
#include "manifests/bytes.hpp"
#include "oci/io/file.hpp"
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
  /// Gives pages that were read back to the system.
  void drop_pages() const;

 private:
  std::string name_;
  std::variant<oci::MappedFile, Bytes> content_;
};

/// Loads a wasm file: `-` is standard input, a store reference is fetched and checked against its digest, all else
/// is a path.
/// Errors: io, not_found, limit (larger than wasm::Limits::file_bytes), and those of the store
Result<WasmInput> load_wasm_input(Context& context, const std::string& text);

/// Only files and standard input. Errors: usage when `text` names a store
Result<WasmInput> load_wasm_file(Context& context, const std::string& text);

/// Where a command writes its file: `-` is standard output, all else appears under its name only when it is whole.
/// Errors: io; usage (binary output to a terminal)
Result<std::unique_ptr<oci::Sink>> open_output(Context& context, const std::string& path);

}  // namespace davit::cli
