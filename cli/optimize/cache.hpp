// Results of the optimizer, kept under the digest of what they were made from. An entry holds the digest of its own
// content and is believed only if that matches; entries appear whole or not at all, so parallel runs cannot disturb
// each other. The oldest go when the folder grows over its bound.
#pragma once

#include <optional>
#include <string>

#include "manifests/bytes.hpp"
#include "manifests/digest.hpp"
#include "manifests/result.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {

inline constexpr std::uint64_t k_max_cache_bytes = std::uint64_t{1} << 30;

/// Identifies content inside the cache: sha256 over the sha256 of its quarters, which are computed side by side.
/// A second pass over 30 MB in one thread would take as long as writing it.
Digest cache_digest_of(ByteView content);

class OptimizeCache {
 public:
  /// @param folder  created when the first entry is stored
  explicit OptimizeCache(std::string folder) : folder_(std::move(folder)) {}

  /// One found entry; keeps its file mapped.
  class Entry {
   public:
    Entry(oci::MappedFile file, std::size_t header_bytes) : file_(std::move(file)), header_bytes_(header_bytes) {}
    [[nodiscard]] ByteView content() const { return file_.bytes().subspan(header_bytes_); }

   private:
    oci::MappedFile file_;
    std::size_t header_bytes_;
  };

  /// Nothing when there is no entry, or when it is damaged (then it is removed).
  [[nodiscard]] std::optional<Entry> find(const Digest& key) const;
  /// Errors: io. A cache that cannot be written is no reason to fail a command.
  Result<void> store(const Digest& key, ByteView content) const;

 private:
  [[nodiscard]] std::string path_of(const Digest& key) const { return folder_ + "/" + key.hex(); }
  void evict() const;
  std::string folder_;
};

}  // namespace davit::cli
