// Runs an optimizer once, in a process group of its own, under limits of memory, time and output. Request and
// answer go through anonymous files: they cannot deadlock as two pipes can, and the worker maps what it reads.
#pragma once

#include <chrono>
#include <string>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "wasm/worker/protocol.hpp"

namespace davit::cli {

struct WorkerLimits {
  std::uint64_t memory_bytes = std::uint64_t{4} << 30;       ///< address space; 600 MB were seen for 30 MB of wasm
  std::chrono::milliseconds time{std::chrono::minutes(30)};  ///< -O2 of 30 MB takes minutes
  std::uint64_t output_bytes = std::uint64_t{1} << 30;
};

struct WorkerAnswer {
  int status = 0;  ///< exit status; see worker/protocol.hpp
  int signal = 0;  ///< not 0 when a signal ended it
  bool timed_out = false;
  Bytes output{};
  std::string messages{};  ///< what it wrote to standard error, bounded
};

/// A program to hold to the same limits.
struct ConfinedCall {
  std::string program{};
  std::vector<std::string> arguments{};    ///< without the program's name
  std::vector<std::string> environment{};  ///< all of it
  /// Counts memory that is written to instead of address space: engines reserve far more than they ever touch.
  bool may_reserve = false;
};

/// Runs a program once with `input` on its standard input; its standard output is the answer's.
/// Errors: io (no process, no memory for the files)
Result<WorkerAnswer> run_confined(const ConfinedCall& call, const std::vector<ByteView>& input, const WorkerLimits& limits);

/// Errors: as run_confined
Result<WorkerAnswer> run_worker(const std::string& program, const worker::Request& request, const std::vector<ByteView>& module_parts,
                                const WorkerLimits& limits);

}  // namespace davit::cli
