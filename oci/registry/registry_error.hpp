// From an answer that is no success to one sentence and a class.
// Error bodies: {"errors":[{"code":"MANIFEST_UNKNOWN","message":"…"}]} (distribution-spec 1.1, "Error Codes").
#pragma once

#include <string>

#include "oci/http/transport.hpp"

namespace davit::oci {

/// Reads what the registry says about its refusal.
/// @param doing  what was wanted, for the sentence: "push to registry.example.com/app"
Error registry_error(HttpResponse& response, const HttpRequest& request, const std::string& doing);

}  // namespace davit::oci
