// Runs another program with bytes on its standard input and bounded output, and never longer than a time limit.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"

namespace davit::oci {

struct ProgramLimits {
  std::uint64_t output_bytes = 64 * 1024;
  std::chrono::milliseconds time{30'000};
};

struct ProgramOutcome {
  int status = 0;  ///< exit status; 128 + signal when it was killed
  Bytes output{};
};

/// Runs `words[0]`, looked up in PATH, with the caller's environment and standard error.
/// Errors: not_found (no such program), limit (output, time), io
Result<ProgramOutcome> run_program(const std::vector<std::string>& words, ByteView input, const ProgramLimits& limits);

}  // namespace davit::oci
