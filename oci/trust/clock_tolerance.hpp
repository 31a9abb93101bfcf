// Times that were read off another's clock.
#pragma once

#include <cstdint>

namespace davit::oci {

/// Another's clock (an authority's, a log's) may be ahead of ours by this much: only what is later is of the future.
inline constexpr std::int64_t k_clock_tolerance_seconds = 300;

}  // namespace davit::oci
