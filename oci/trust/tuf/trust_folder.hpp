// What `trust update` leaves behind, and what verification reads of it:
//
//   FOLDER/metadata/…           what is remembered of the repository (client.hpp)
//   FOLDER/targets/NAME         files that were fetched and checked, by their escaped names
//   FOLDER/update.json          when and from where; for people, nothing is decided by it
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "oci/trust/tuf/client.hpp"

namespace davit::oci {

inline constexpr const char* k_trusted_root_target = "trusted_root.json";

/// Targets that are fetched; those after the first need not exist.
const std::vector<std::string>& fetched_targets();

struct TrustState {
  std::string folder{};
  std::string trusted_root{};  ///< path of the file
  std::string mirror{};
  std::int64_t updated = 0;  ///< seconds since 1970
  std::uint64_t root_version = 0;
  std::int64_t root_expires = 0;
  std::int64_t timestamp_expires = 0;  ///< the soonest sign of a mirror that stands still
  std::vector<std::string> targets{};  ///< paths of all that were fetched
};

struct TrustUpdate {
  std::string folder{};
  std::optional<Bytes> first_root{};  ///< needed when the folder remembers none
  std::int64_t now = 0;
};

/// Brings the folder up to date. Nothing in it changes to what is not signed.
/// Errors: conflict (`first_root` is not the one that the folder began with), and those of TufClient
Result<TrustState> update_trust(TufMirror& mirror, const TrustUpdate& request);

/// Nothing when the folder holds no trusted root. Errors: io, malformed
Result<std::optional<TrustState>> read_trust_state(const std::string& folder);

}  // namespace davit::oci
