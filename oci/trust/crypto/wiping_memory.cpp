#include "oci/trust/crypto/wiping_memory.hpp"

#include <malloc.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "manifests/result.hpp"

namespace davit::oci {
namespace {

void* take(std::size_t size, const char*, int) { return std::malloc(size); }

void give_back(void* block, const char*, int) {
  if (block == nullptr) return;
  ::explicit_bzero(block, ::malloc_usable_size(block));
  std::free(block);
}

// Never in place: what shrinks or moves would leave its old bytes behind.
void* resize(void* block, std::size_t size, const char* file, int line) {
  if (block == nullptr) return take(size, file, line);
  if (size == 0) {
    give_back(block, file, line);
    return nullptr;
  }
  void* moved = std::malloc(size);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, std::min(size, ::malloc_usable_size(block)));
  give_back(block, file, line);
  return moved;
}

}  // namespace

void wipe_what_openssl_frees() { CHECK(CRYPTO_set_mem_functions(take, resize, give_back) == 1); }

}  // namespace davit::oci
