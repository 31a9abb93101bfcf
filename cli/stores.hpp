// From a reference to the store it names, with the credentials and transport options of the command line.
#pragma once

#include <memory>
#include <string>

#include "cli/context.hpp"
#include "manifests/reference.hpp"
#include "oci/repository.hpp"

namespace davit::cli {

enum class StoreAccess { read, write };

/// Opens the store of a reference. Nothing is sent or created before it is used.
/// Errors: usage (a file is no store; bad option values), not_found, unsupported, io
Result<std::unique_ptr<oci::Repository>> open_repository(Context& context, const Reference& reference, StoreAccess access);

/// What to ask the store for: digest, else tag, else `latest` of a registry; else the empty name, by which
/// layouts and archives find their only manifest.
std::string selector_of(const Reference& reference);

/// The tag under which a write is stored: the reference's tag, or `latest` when it names neither tag nor digest.
std::optional<std::string> tag_to_write(const Reference& reference);

}  // namespace davit::cli
