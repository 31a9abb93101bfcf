#include "oci/trust/sigstore/merkle.hpp"

#include <algorithm>

#include "manifests/digest.hpp"

namespace davit::oci {

Bytes merkle_leaf_hash(ByteView leaf) {
  Hasher hasher;
  hasher.update(Bytes{std::byte{0}});
  hasher.update(leaf);
  return hasher.finish().raw();
}

Bytes merkle_node_hash(ByteView left, ByteView right) {
  Hasher hasher;
  hasher.update(Bytes{std::byte{1}});
  hasher.update(left);
  hasher.update(right);
  return hasher.finish().raw();
}

// RFC 9162 section 2.1.3.2. `node` and `last` are the positions of the way and of the last node on each level.
bool is_included(std::uint64_t index, std::uint64_t size, ByteView leaf_hash, const std::vector<Bytes>& hashes, ByteView root) {
  if (index >= size) return false;
  std::uint64_t node = index;
  std::uint64_t last = size - 1;
  Bytes hash = to_bytes(leaf_hash);
  for (const Bytes& sibling : hashes) {
    if (last == 0) return false;
    if ((node & 1U) == 1 || node == last) {
      hash = merkle_node_hash(sibling, hash);
      while ((node & 1U) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      hash = merkle_node_hash(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && std::ranges::equal(hash, root);
}

}  // namespace davit::oci
