// What the media types of packagings say, in one table: ours to read, never to trust alone (`oras push` calls a bare
// wasm file a tar, and old tools wrote raw bytes under archive types).
#pragma once

#include <string_view>

namespace davit::oci {

/// The role of one layer, config or artifact type.
enum class TypeRole {
  unknown,
  wasm_v0_config,     ///< CNCF artifact
  plain_wasm,         ///< `application/wasm`
  wasm_v1_config,     ///< wasm-to-oci, kubewarden
  content_wasm,       ///< layer of wasm-to-oci, kubewarden, spin
  spin_lock,          ///< the locked application; in old artifacts the config itself
  spin_archive,       ///< tar of static files
  spin_data,          ///< one static file
  wasmcloud_config,   ///< actor
  provider_archive,   ///< wasmCloud's native providers, config or layer
  module_config,      ///< Solo, Istio, Envoy: runtime-config.json
  module_wasm,        ///< layer of the same, of Trivy and of old wasmCloud
  higress_document,   ///< specification, texts and icon beside a Higress plugin
  runwasi_wasm,       ///< layer of a runwasi image
  superseded_wasm,    ///< runwasi's experiments of 2023
  superseded_config,  ///< the same
  gadget_config,      ///< Inspektor Gadget
  gadget_wasm,        ///< its optional wasm program
  gadget_other,       ///< eBPF programs, text of BTF, metadata
  helm_plugin,        ///< artifact or config type
  helm_chart,         ///< config, layer or provenance
  opa,                ///< Open Policy Agent and conftest
  signature,
  attestation,
  sbom,
  capabilities,     ///< davit's capability manifest as a referrer
  data_files,       ///< davit's data files of a one-layer artifact, as a referrer
  image_config,     ///< OCI and Docker
  tar_layer,        ///< of a container image, whatever the compression
  encrypted_layer,  ///< the same under ocicrypt
};

/// Looks a media type up; parameters after `;` and case do not matter.
TypeRole role_of(std::string_view media_type);

}  // namespace davit::oci
