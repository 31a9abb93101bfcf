// From packages to what `convert` stores: each package in each format, as one artifact, as several under one index, or
// under tags of their own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "manifests/reference.hpp"
#include "oci/formats/writer.hpp"

namespace davit::cli {

/// How the words of the command line come to name what is written.
enum class TargetNaming {
  single,        ///< one format of one package under the target's own name
  index,         ///< several formats of one package under one index
  format_tags,   ///< the tag, `-` and the format
  package_tags,  ///< the tag, `-` and the name of the wasm file (and the format, when there are several)
};

struct ConversionPlan {
  std::vector<const oci::Format*> formats{};
  oci::WriteOptions options{};
  std::string target{};  ///< as it was given
  TargetNaming naming = TargetNaming::single;
};

/// One thing that was stored.
struct Converted {
  std::string reference{};
  Descriptor manifest;
  std::string artifact_type{};
  std::string format{};
  std::string from{};
  std::string title{};
  std::uint64_t size = 0;  ///< of the wasm file
  std::vector<std::string> warnings{};
};

/// Writes everything before anything is stored, so that a refusal leaves nothing behind.
/// Errors: usage (target), and those of the writers and the store
Result<std::vector<Converted>> convert_packages(Context& context, const std::vector<oci::Package>& packages, const ConversionPlan& plan);

}  // namespace davit::cli
