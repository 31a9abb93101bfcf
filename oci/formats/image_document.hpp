// A description as the configuration of a container image (image-spec 1.1, config.md).
#pragma once

#include <vector>

#include "manifests/digest.hpp"
#include "manifests/package.hpp"

namespace davit::oci {

/// Members in the order of the specification, those that say nothing left out.
JsonObject image_document(const PackageDescription& description, const std::vector<Digest>& diff_ids);

}  // namespace davit::oci
