// The only table from ErrorCode to exit status. Scripts depend on it: never renumber.
#pragma once

#include <span>
#include <string_view>

#include "manifests/error.hpp"

namespace davit::cli {

struct ExitStatus {
  int number;
  std::string_view meaning;
};

int exit_code(ErrorCode code);

/// All statuses in order, 0 first, for help and man pages.
std::span<const ExitStatus> all_exit_statuses();

}  // namespace davit::cli
