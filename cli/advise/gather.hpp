// Reads the facts out of an image, its layers as streams, or out of a Dockerfile.
#pragma once

#include <string>

#include "cli/advise/facts.hpp"
#include "oci/image_source.hpp"

namespace davit::cli::advise {

/// The entry program is spooled to a temporary file and mapped, so memory does not grow with it.
/// Errors: malformed, limit, and those of the source
Result<ImageFacts> facts_of_image(oci::ImageSource& image);

/// Only what the instructions say: the last stage, and the images that all stages begin from.
/// Errors: malformed (an instruction before FROM, no FROM), limit
Result<ImageFacts> facts_of_dockerfile(std::string_view text);

}  // namespace davit::cli::advise
