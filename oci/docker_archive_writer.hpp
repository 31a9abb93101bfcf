// Writes the file format of `docker save`, in the form that every Docker, podman and skopeo reads.
#pragma once

#include <optional>
#include <string>

#include "oci/copy.hpp"

namespace davit::oci {

/// @param image  whose layers are plain tars
/// @param name   `name:tag`; without it the image has no name
/// Errors: io; usage (a name that is no `name:tag`)
Result<void> write_docker_archive(const std::string& path, const std::optional<std::string>& name, const NewArtifact& image);

}  // namespace davit::oci
