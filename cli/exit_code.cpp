#include "cli/exit_code.hpp"

#include <array>

namespace davit::cli {

int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::internal: return 1;
    case ErrorCode::usage: return 2;
    case ErrorCode::io: return 3;
    case ErrorCode::not_found: return 4;
    case ErrorCode::denied: return 5;
    case ErrorCode::network: return 6;
    case ErrorCode::registry: return 7;
    case ErrorCode::malformed: return 8;
    case ErrorCode::limit: return 9;
    case ErrorCode::mismatch: return 10;
    case ErrorCode::untrusted: return 11;
    case ErrorCode::unsupported: return 12;
    case ErrorCode::conflict: return 13;
    case ErrorCode::capability_refused: return 14;
    case ErrorCode::unsigned_content: return 15;
  }
  return 1;
}

std::span<const ExitStatus> all_exit_statuses() {
  static constexpr std::array<ExitStatus, 16> k_statuses{{
      {0, "ok"},
      {1, "unexpected internal error"},
      {2, "usage"},
      {3, "input or output"},
      {4, "not found"},
      {5, "access denied"},
      {6, "network, worth retrying"},
      {7, "registry broke the protocol"},
      {8, "malformed input"},
      {9, "over a limit"},
      {10, "content does not match its digest"},
      {11, "not trusted (signature or identity)"},
      {12, "unsupported"},
      {13, "conflict"},
      {14, "capability refused"},
      {15, "unsigned"},
  }};
  return k_statuses;
}

}  // namespace davit::cli
