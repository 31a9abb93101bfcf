// The inventory as a document. Neither holds a clock or a random number: what has to be unique is derived from the
// digest of the file.
#pragma once

#include <string>

#include "cli/sbom/inventory.hpp"
#include "manifests/json.hpp"

namespace davit::cli {

/// A UUID (RFC 9562 version 8) that depends on these texts only.
std::string make_stable_uuid(std::string_view purpose, const Digest& digest);

/// CycloneDX 1.6. @param time  RFC 3339; empty to leave it out, as the format allows
Json make_cyclonedx(const Inventory& inventory, const std::string& time);

/// SPDX 2.3. @param time  RFC 3339; the format asks for one
Json make_spdx(const Inventory& inventory, const std::string& time);

}  // namespace davit::cli
