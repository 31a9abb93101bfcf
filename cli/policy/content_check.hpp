// What a policy rule says about the artifact itself: how it is packaged, and the most that its wasm file may touch.
#pragma once

#include "cli/context.hpp"
#include "manifests/policy.hpp"
#include "manifests/reference.hpp"
#include "oci/trust/verifier.hpp"

namespace davit::cli {

/// Empty when the rule says nothing about it. The context must outlive the check.
oci::ContentCheck make_content_check(Context& context, const PolicyRule& rule, const Reference& reference);

/// What a file asks for, or can reach without asking, beyond a grant; one part for each thing.
Result<oci::Decision> check_grant(const CapabilityRequests& grant, ByteView file);

}  // namespace davit::cli
