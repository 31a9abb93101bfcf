// Metadata that is read has a canonical form that reads the same, and none is believed without its signatures.
#include "oci/trust/tuf/canonical_json.hpp"
#include "oci/trust/tuf/client.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  using namespace davit::oci;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const TufKind kind : {TufKind::root, TufKind::timestamp, TufKind::snapshot, TufKind::targets}) {
    const auto metadata = parse_tuf(text, kind);
    if (!metadata) continue;
    const TufRole nobody{.key_ids = {}, .threshold = 1};
    CHECK(!check_signatures(*metadata, nobody, metadata->keys, "it"));
    for (const TufDelegation& delegation : metadata->delegations) static_cast<void>(is_about(delegation, "a/b.json"));
    for (const auto& [name, file] : metadata->targets) {
      const auto parts = split_target_name(name);
      if (parts) CHECK(!parts->empty() && parts->front() != "..");
    }
  }
  static_cast<void>(TrustedMetadata::begin(text, 0));
  return 0;
}
