#include "oci/trust/secret.hpp"

#include <cstring>

namespace davit::oci {

void wipe_memory(std::span<std::byte> memory) noexcept {
  if (!memory.empty()) ::explicit_bzero(memory.data(), memory.size());
}

void SecretBytes::wipe() noexcept {
  wipe_memory(bytes_);
  bytes_.clear();
}

void SecretBytes::truncate(std::size_t size) noexcept {
  if (size >= bytes_.size()) return;
  wipe_memory(std::span(bytes_).subspan(size));
  bytes_.resize(size);
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  bytes_ = std::move(other.bytes_);
  other.bytes_.clear();
  return *this;
}

}  // namespace davit::oci
