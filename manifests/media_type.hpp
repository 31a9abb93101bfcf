// Media types and annotation keys on the wire: never change a value.
#pragma once

#include <string_view>

namespace davit::media_type {

inline constexpr std::string_view k_oci_manifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view k_oci_index = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view k_oci_config = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view k_oci_empty = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view k_oci_layer_tar = "application/vnd.oci.image.layer.v1.tar";
inline constexpr std::string_view k_oci_layer_gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr std::string_view k_oci_layer_zstd = "application/vnd.oci.image.layer.v1.tar+zstd";
inline constexpr std::string_view k_docker_manifest = "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view k_docker_index = "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view k_docker_config = "application/vnd.docker.container.image.v1+json";
inline constexpr std::string_view k_docker_layer_tar = "application/vnd.docker.image.rootfs.diff.tar";
inline constexpr std::string_view k_docker_layer_gzip = "application/vnd.docker.image.rootfs.diff.tar.gzip";
inline constexpr std::string_view k_wasm = "application/wasm";
inline constexpr std::string_view k_wasm_config_v0 = "application/vnd.wasm.config.v0+json";
inline constexpr std::string_view k_octet_stream = "application/octet-stream";
inline constexpr std::string_view k_sigstore_bundle = "application/vnd.dev.sigstore.bundle.v0.3+json";
inline constexpr std::string_view k_capabilities = "application/vnd.davit.capabilities.v1+json";

}  // namespace davit::media_type

namespace davit::annotation {

inline constexpr std::string_view k_title = "org.opencontainers.image.title";
inline constexpr std::string_view k_created = "org.opencontainers.image.created";
inline constexpr std::string_view k_ref_name = "org.opencontainers.image.ref.name";
inline constexpr std::string_view k_capabilities = "dev.davit.capabilities";
/// Of an artifact taken out of a container image: what the image said, so that the way back restores it.
inline constexpr std::string_view k_image = "dev.davit.image";

}  // namespace davit::annotation
