#include "cli/stores.hpp"

#include "oci/layout.hpp"

namespace davit::cli {

Result<std::unique_ptr<oci::Repository>> open_repository(Context& context, const Reference& reference, StoreAccess access) {
  static_cast<void>(context);
  static_cast<void>(access);
  if (const auto* local = std::get_if<LocalReference>(&reference)) {
    switch (local->kind) {
      case ArchiveKind::oci_layout: return oci::open_layout(local->path);
      case ArchiveKind::oci_archive:
      case ArchiveKind::docker_archive: break;
    }
  }
  return fail(ErrorCode::unsupported, "\"" + to_text(reference) + "\" is not a store that davit can open");
}

std::string selector_of(const Reference& reference) {
  if (const auto digest = digest_of(reference)) return digest->text();
  if (const auto tag = tag_of(reference)) return *tag;
  return std::holds_alternative<RegistryReference>(reference) ? "latest" : "";
}

std::optional<std::string> tag_to_write(const Reference& reference) {
  if (const auto tag = tag_of(reference)) return tag;
  if (digest_of(reference)) return std::nullopt;
  return "latest";
}

}  // namespace davit::cli
