// What davit and its optimizer worker say to each other. The worker reads one request from standard input (a regular
// file, mapped), writes the new module to standard output and ends. Its exit status tells how it went. Both sides are
// built together, so the layout needs no versions; the magic only catches a worker of another build.
#pragma once

#include <array>
#include <cstdint>

namespace davit::worker {

inline constexpr std::array<char, 8> k_magic = {'d', 'v', 't', 'o', 'p', 't', '0', '1'};

/// Our own feature bits; the worker maps them to Binaryen's.
enum Feature : std::uint32_t {
  k_atomics = 1U << 0,
  k_bulk_memory = 1U << 1,
  k_mutable_globals = 1U << 2,
  k_nontrapping = 1U << 3,
  k_sign_extension = 1U << 4,
  k_simd = 1U << 5,
  k_exceptions = 1U << 6,
  k_tail_call = 1U << 7,
  k_reference_types = 1U << 8,
  k_multivalue = 1U << 9,
  k_memory64 = 1U << 10,
  k_extended_const = 1U << 11,
};

struct Request {
  std::array<char, 8> magic = k_magic;
  std::uint32_t features = 0;
  std::int32_t optimize_level = 0;
  std::int32_t shrink_level = 0;
  std::uint32_t keep_names = 0;
  std::uint64_t module_bytes = 0;  ///< the module follows at once
};

/// Exit statuses. Binaryen itself ends with 1 when it cannot parse.
inline constexpr int k_done = 0;
inline constexpr int k_cannot_parse = 1;
inline constexpr int k_invalid = 20;  ///< read, but not valid wasm
inline constexpr int k_out_of_memory = 21;
inline constexpr int k_bad_request = 22;
inline constexpr int k_cannot_write = 23;
inline constexpr int k_cannot_start = 24;  ///< set by the parent's fork when exec fails

}  // namespace davit::worker
