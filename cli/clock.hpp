// The one place where commands ask what time it is.
#pragma once

#include <cstdint>

namespace davit::cli {

/// Seconds since 1970, UTC, by this machine's clock.
std::int64_t seconds_by_clock();

}  // namespace davit::cli
