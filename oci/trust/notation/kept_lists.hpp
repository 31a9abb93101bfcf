// Revocation lists that were fetched once and are kept in a folder for a day. Nothing is believed because it is kept:
// a list is judged anew each time (its signature, its times), and one that says nothing any more is fetched again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"

namespace davit::oci {

inline constexpr std::int64_t k_longest_kept_seconds = 24 * 3600;  ///< so that a certificate that is taken back is refused within a day
inline constexpr std::size_t k_max_kept_lists = 64;

class KeptLists {
 public:
  /// @param folder  made when something is stored; empty: nothing is kept
  explicit KeptLists(std::string folder) : folder_(std::move(folder)) {}

  /// @param place  where it was fetched from
  [[nodiscard]] std::optional<Bytes> find(const std::string& place, std::int64_t now) const;

  /// The oldest ones go when there are too many. Errors: io; nothing depends on it
  Result<void> store(const std::string& place, ByteView list, std::int64_t now) const;

 private:
  [[nodiscard]] std::string path_of(const std::string& place) const;
  std::string folder_;
};

}  // namespace davit::oci
