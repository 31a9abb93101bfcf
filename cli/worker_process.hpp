// Runs the optimizer worker once, in a process group of its own, under limits of memory, time and output. Request and
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

/// Errors: io (no process, no memory for the files)
Result<WorkerAnswer> run_worker(const std::string& program, const worker::Request& request, const std::vector<ByteView>& module_parts,
                                const WorkerLimits& limits);

}  // namespace davit::cli
