// Points in time as text (RFC 3339 §5.6), the form that certificates' companions, trust roots and envelopes use.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "manifests/result.hpp"

namespace davit {

/// Seconds since 1970, UTC. Any zone offset is understood; a fraction of a second is cut off; years 1 to 9999.
/// Errors: malformed (another form, a day that no calendar has, a leap second)
Result<std::int64_t> parse_time(std::string_view text);

/// `2026-11-21T11:00:00Z`; the same second is always the same text. What lies beyond the years 1 to 9999 is
/// written as their first or last second.
std::string write_time(std::int64_t seconds);

}  // namespace davit
