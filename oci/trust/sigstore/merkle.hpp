// Proofs in append-only trees (RFC 9162 section 2.1, RFC 6962): SHA-256, a zero byte before leaves, a one before nodes.
#pragma once

#include <cstdint>
#include <vector>

#include "manifests/bytes.hpp"

namespace davit::oci {

/// 32 bytes.
Bytes merkle_leaf_hash(ByteView leaf);
Bytes merkle_node_hash(ByteView left, ByteView right);

/// Whether `hashes` lead from the leaf at `index` to the root of a tree with `size` leaves.
bool is_included(std::uint64_t index, std::uint64_t size, ByteView leaf_hash, const std::vector<Bytes>& hashes, ByteView root);

}  // namespace davit::oci
