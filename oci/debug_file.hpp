// Debugging information beside an artifact: a referrer with one layer, the file that was split off the wasm file. It is
// for people who read traces; no runtime looks at it, and no decision about trust rests on it.
#pragma once

#include <string>

#include "manifests/bytes.hpp"
#include "oci/repository.hpp"

namespace davit::oci {

inline constexpr std::uint64_t k_max_debug_file_bytes = std::uint64_t{1} << 30;
inline constexpr std::size_t k_max_debug_files = 100;  ///< referrers of one artifact that are looked at

/// Stores the file as a referrer of `subject`.
/// @param title  the file name that pulling tools give it
/// @return digest of the referrer's manifest
Result<Digest> put_debug_file(Repository& repository, const Descriptor& subject, Bytes content, const std::string& title);

/// The debug files that refer to the artifact, as layers to open; newest last where the store keeps an order.
/// Errors: malformed, limit, and those of the store
Result<std::vector<Descriptor>> find_debug_files(Repository& repository, const Digest& artifact);

}  // namespace davit::oci
