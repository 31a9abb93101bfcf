#include <algorithm>

#include "manifests/encoding.hpp"
#include "manifests/lower_case.hpp"
#include "oci/formats/detect.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_max_listed_bytes = 200;

// buildx adds entries that only describe others; their platform is unknown on purpose.
bool is_note(const Descriptor& entry) {
  if (entry.annotations.contains("vnd.docker.reference.type")) return true;
  return entry.platform && (entry.platform->os == "unknown" || entry.platform->architecture == "unknown");
}

std::string platform_text(const Descriptor& entry) {
  if (!entry.platform) return "no platform";
  return printable(entry.platform->os, 40) + "/" + printable(entry.platform->architecture, 40);
}

}  // namespace

bool is_wasm_platform(const Platform& platform) {
  const std::string architecture = lower_case(platform.architecture);
  return architecture == "wasm" || architecture == "wasm32" || architecture == "wasm64" || lower_case(platform.os).starts_with("wasi");
}

Result<Descriptor> choose_entry(const ImageIndex& index) {
  std::vector<Descriptor> usable;
  for (const Descriptor& entry : index.manifests) {
    if (!is_note(entry) && is_manifest_type(entry.media_type)) usable.push_back(entry);
  }
  const auto wasm = std::ranges::find_if(usable, [](const Descriptor& each) { return each.platform && is_wasm_platform(*each.platform); });
  if (wasm != usable.end()) return *wasm;
  if (usable.size() == 1) return usable.front();
  if (usable.empty()) return fail(ErrorCode::not_found, "the index names no manifest of a program");
  std::string platforms;
  for (const Descriptor& entry : usable) {
    if (platforms.size() > k_max_listed_bytes) break;
    platforms += (platforms.empty() ? "" : ", ") + platform_text(entry);
  }
  return fail(ErrorCode::unsupported, "the index has no entry for wasm, only for " + platforms)
      .hinting("add @DIGEST of the entry you mean");
}

}  // namespace davit::oci
