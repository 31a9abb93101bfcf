// From a wasm file to an artifact in one of the formats, ready to be stored.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "oci/copy.hpp"
#include "oci/formats/writer.hpp"

namespace davit::cli {

struct ArtifactRequest {
  std::string format = "wasm";
  std::string file;                        ///< a path, or `-`
  std::string capability_file{};           ///< goes into the file as its custom section; empty: what is in it stays
  std::vector<std::string> annotations{};  ///< `KEY=VALUE`, over those from the file's metadata
  std::string title{};                     ///< empty: the file's name without folders
  /// Told of the checked file before it is hashed, so that a store may begin to take it; may be empty.
  std::function<std::shared_ptr<oci::EarlyUpload>(const std::string& path)> begin_upload{};
};

struct BuiltArtifact {
  oci::NewArtifact artifact;
  std::string format;
  std::string artifact_type;              ///< by which registries show it
  std::uint64_t size = 0;                 ///< of the wasm file
  std::shared_ptr<oci::OwnedFd> spool{};  ///< keeps a temporary copy alive until everything is sent
};

/// Errors: usage (annotation, title), malformed (no wasm), unsupported (format), limit, io
Result<BuiltArtifact> build_artifact(Context& context, const ArtifactRequest& request);

/// What the writers of formats want to know about a wasm file.
/// @param name  for messages
/// Errors: malformed (no wasm, or a broken capability manifest in it), limit, io
Result<oci::WasmFacts> examine_for_formats(const std::string& path, const std::string& name);

/// Adds `KEY=VALUE` pairs over what is there. Errors: usage
Result<void> add_annotations(const std::vector<std::string>& pairs, Annotations& annotations);

/// Seconds since 1970: SOURCE_DATE_EPOCH, else 0.
/// Errors: usage (SOURCE_DATE_EPOCH is no number)
Result<std::uint64_t> source_date(const Context& context);

/// The same as RFC 3339 time, for `created`.
/// Errors: as source_date
Result<std::string> created_time(const Context& context);

}  // namespace davit::cli
