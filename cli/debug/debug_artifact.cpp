#include "cli/debug/debug_artifact.hpp"

#include <algorithm>
#include <filesystem>

#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"
#include "wasm/debug/debug_file.hpp"

namespace davit::cli {
namespace {

// Only a plain name beside the file: an address in a file from outside must not make davit read or fetch anything else.
std::optional<std::string> file_beside(const std::string& path, const std::string& address) {
  if (path == "-" || address.find('/') != std::string::npos || address.starts_with('.')) return std::nullopt;
  std::string out = (std::filesystem::path(path).parent_path() / address).string();
  std::error_code problem;
  return std::filesystem::is_regular_file(out, problem) ? std::optional(std::move(out)) : std::nullopt;
}

Result<bool> is_same_build(ByteView file, ByteView debug) {
  TRY_ASSIGN(const auto ours, wasm::find_build_id(file, wasm::Limits{}));
  TRY_ASSIGN(const auto theirs, wasm::find_build_id(debug, wasm::Limits{}));
  return ours && theirs && *ours == *theirs;
}

}  // namespace

Result<DebugFile> load_debug_file(const std::string& path, const std::string& wasm_file) {
  if (wasm_file == "-") {
    return fail(ErrorCode::usage, "standard input cannot be compared with the debug file before it is sent")
        .hinting("give the wasm file by its path");
  }
  TRY_ASSIGN(Bytes debug, oci::read_file(path, oci::k_max_debug_file_bytes));
  TRY_ASSIGN(const Bytes file, oci::read_file(wasm_file, wasm::Limits{}.file_bytes));
  auto same = is_same_build(file, debug);
  if (!same) return std::move(same).error().in(path);
  if (!*same) {
    return fail(ErrorCode::mismatch,
                "\"" + printable(path) + "\" was not split off \"" + printable(wasm_file) + "\": their build_id differs or is missing")
        .hinting("make both with: davit strip IN -o OUT --split-debug FILE");
  }
  return DebugFile{.content = std::move(debug), .title = std::filesystem::path(path).filename().string()};
}

Result<Bytes> find_debug_information(Context& context, ByteView file, const std::string& path, const StoredWasm* stored) {
  if (stored != nullptr) {
    TRY_ASSIGN(const auto layers, oci::find_debug_files(*stored->repository, stored->manifest.descriptor.digest));
    // The last one that fits: whoever pushes again means the newer one.
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
      TRY_ASSIGN(const auto source, stored->repository->open_blob(*layer));
      TRY_ASSIGN(Bytes debug, oci::read_all(*source, oci::k_max_debug_file_bytes));
      TRY_ASSIGN(const bool same, is_same_build(file, debug));
      if (same) return debug;
      context.explain("debug file " + layer->digest.text() + " is of another build");
    }
    return Bytes();
  }
  TRY_ASSIGN(const auto address, wasm::find_address(file, wasm::k_external_debug_section, wasm::Limits{}));
  const auto beside = address ? file_beside(path, *address) : std::nullopt;
  if (!beside) return Bytes();
  context.explain("debugging information from " + *beside);
  return oci::read_file(*beside, oci::k_max_debug_file_bytes);
}

}  // namespace davit::cli
