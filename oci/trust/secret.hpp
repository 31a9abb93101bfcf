// Bytes that must not outlive their use: private keys and passwords.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "manifests/bytes.hpp"

namespace davit::oci {

/// Owns secret bytes and overwrites them when it is destroyed or moved from.
class SecretBytes {
 public:
  SecretBytes() = default;
  /// Takes the buffer over; the caller keeps no copy.
  explicit SecretBytes(Bytes bytes) noexcept : bytes_(std::move(bytes)) {}
  explicit SecretBytes(std::string_view text) : bytes_(to_bytes(text)) {}
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() { wipe(); }

  [[nodiscard]] ByteView view() const noexcept { return bytes_; }
  /// For filling; the size is fixed.
  [[nodiscard]] std::span<std::byte> room() noexcept { return bytes_; }
  /// Keeps the first `size` bytes and wipes the others.
  void truncate(std::size_t size) noexcept;
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }

 private:
  void wipe() noexcept;
  Bytes bytes_;
};

/// Overwrites memory in a way the compiler keeps.
void wipe_memory(std::span<std::byte> memory) noexcept;
inline void wipe_text(std::string& text) noexcept { wipe_memory(std::as_writable_bytes(std::span(text))); }

}  // namespace davit::oci
