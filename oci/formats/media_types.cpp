#include "oci/formats/media_types.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "manifests/media_type.hpp"

namespace davit::oci {
namespace {

struct Known {
  std::string_view type;  ///< lower case; a trailing `*` matches any rest
  TypeRole role;
};

// On the wire: never change a type. The first match counts, so longer names stand before their prefixes.
constexpr std::array k_known = {
    Known{media_type::k_wasm_config_v0, TypeRole::wasm_v0_config},
    Known{media_type::k_wasm, TypeRole::plain_wasm},
    Known{media_type::k_wasm_config_v1, TypeRole::wasm_v1_config},
    Known{media_type::k_wasm_content, TypeRole::content_wasm},
    Known{media_type::k_spin_lock, TypeRole::spin_lock},
    Known{media_type::k_spin_archive, TypeRole::spin_archive},
    Known{media_type::k_spin_data, TypeRole::spin_data},
    Known{media_type::k_wasmcloud_config, TypeRole::wasmcloud_config},
    Known{"application/vnd.wasmcloud.provider.*", TypeRole::provider_archive},
    Known{media_type::k_module_config, TypeRole::module_config},
    Known{media_type::k_module_content, TypeRole::module_wasm},
    Known{"application/vnd.module.wasm.spec.*", TypeRole::higress_document},
    Known{"application/vnd.module.wasm.doc.*", TypeRole::higress_document},
    Known{"application/vnd.module.wasm.icon.*", TypeRole::higress_document},
    Known{media_type::k_runwasi_layer, TypeRole::runwasi_wasm},
    Known{"application/vnd.bytecodealliance.wasm.module.layer.v0+wasm", TypeRole::runwasi_wasm},
    Known{"application/vnd.w3c.wasm.module.v1+wasm", TypeRole::superseded_wasm},
    Known{"application/vnd.w3c.wasm.component.v1+wasm", TypeRole::superseded_wasm},
    Known{"application/vnd.wasm.component.v1+wasm", TypeRole::superseded_wasm},
    Known{"application/vnd.wasm.component.config.v1+json", TypeRole::superseded_config},
    Known{"application/vnd.wasm.component.config.v1+yaml", TypeRole::superseded_config},
    Known{"application/vnd.gadget.config.*", TypeRole::gadget_config},
    Known{"application/vnd.gadget.wasm.*", TypeRole::gadget_wasm},
    Known{"application/vnd.gadget.*", TypeRole::gadget_other},
    Known{"application/vnd.helm.plugin.*", TypeRole::helm_plugin},
    Known{"application/vnd.cncf.helm.*", TypeRole::helm_chart},
    Known{"application/tar+helm", TypeRole::helm_chart},
    Known{"application/vnd.cncf.openpolicyagent.*", TypeRole::opa},
    Known{"application/vnd.dev.cosign.simplesigning.v1+json", TypeRole::signature},
    Known{"application/vnd.dev.cosign.artifact.sig.*", TypeRole::signature},
    Known{"application/vnd.dev.sigstore.bundle*", TypeRole::signature},
    Known{"application/vnd.cncf.notary.*", TypeRole::signature},
    Known{"application/jose+json", TypeRole::signature},
    Known{"application/cose", TypeRole::signature},
    Known{"application/vnd.dsse.envelope.*", TypeRole::attestation},
    Known{"application/vnd.in-toto*", TypeRole::attestation},
    Known{"application/vnd.dev.cosign.attestation.*", TypeRole::attestation},
    Known{"application/vnd.docker.attestation.*", TypeRole::attestation},
    Known{"application/vnd.dev.cosign.artifact.sbom.*", TypeRole::sbom},
    Known{"application/spdx+*", TypeRole::sbom},
    Known{"text/spdx*", TypeRole::sbom},
    Known{"application/vnd.cyclonedx*", TypeRole::sbom},
    Known{"application/vnd.syft+json", TypeRole::sbom},
    Known{media_type::k_capabilities, TypeRole::capabilities},
    Known{media_type::k_davit_files, TypeRole::data_files},
    Known{media_type::k_oci_config, TypeRole::image_config},
    Known{media_type::k_docker_config, TypeRole::image_config},
    Known{"application/vnd.docker.image.rootfs.*", TypeRole::tar_layer},
};

bool matches(std::string_view type, std::string_view pattern) {
  if (!pattern.ends_with('*')) return type == pattern;
  return type.starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace

TypeRole role_of(std::string_view media_type) {
  std::string type(media_type.substr(0, media_type.find(';')));
  while (type.ends_with(' ')) type.pop_back();
  std::ranges::transform(type, type.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  constexpr std::string_view k_image_layer = "application/vnd.oci.image.layer.";  // also `.nondistributable.v1.…`
  if (type.ends_with("+encrypted")) return TypeRole::encrypted_layer;
  if (type.starts_with(k_image_layer) && type.find("tar") != std::string::npos) return TypeRole::tar_layer;
  const auto found = std::ranges::find_if(k_known, [&](const Known& known) { return matches(type, known.type); });
  return found == k_known.end() ? TypeRole::unknown : found->role;
}

}  // namespace davit::oci
