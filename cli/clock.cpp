#include "cli/clock.hpp"

#include <chrono>

namespace davit::cli {

std::int64_t seconds_by_clock() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace davit::cli
