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
/// Withdrawn before image-spec 1.1 and still found in registries; read, never written.
inline constexpr std::string_view k_oci_artifact_manifest = "application/vnd.oci.artifact.manifest.v1+json";
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

// Data files of a one-layer artifact: a referrer with this artifact type, whose config is the capability manifest that
// requests their folders and whose one layer is a tar.
/// Debugging information that was split off a wasm file.
inline constexpr std::string_view k_davit_debug = "application/vnd.davit.debug.v1+wasm";
inline constexpr std::string_view k_davit_files = "application/vnd.davit.files.v1+tar";

// Packagings of other ecosystems.
inline constexpr std::string_view k_wasm_config_v1 = "application/vnd.wasm.config.v1+json";
inline constexpr std::string_view k_wasm_content = "application/vnd.wasm.content.layer.v1+wasm";
inline constexpr std::string_view k_runwasi_layer = "application/vnd.bytecodealliance.wasm.component.layer.v0+wasm";
inline constexpr std::string_view k_module_config = "application/vnd.module.wasm.config.v1+json";
inline constexpr std::string_view k_module_content = "application/vnd.module.wasm.content.layer.v1+wasm";
inline constexpr std::string_view k_wasmcloud_config = "application/vnd.wasmcloud.actor.archive.config";
inline constexpr std::string_view k_spin_lock = "application/vnd.fermyon.spin.application.v1+config";
inline constexpr std::string_view k_spin_data = "application/vnd.wasm.content.layer.v1+data";
inline constexpr std::string_view k_spin_archive = "application/vnd.wasm.content.bundle.v1.tar+gzip";
inline constexpr std::string_view k_oras_artifact = "application/vnd.unknown.artifact.v1";

}  // namespace davit::media_type

namespace davit::annotation {

inline constexpr std::string_view k_title = "org.opencontainers.image.title";
inline constexpr std::string_view k_created = "org.opencontainers.image.created";
inline constexpr std::string_view k_ref_name = "org.opencontainers.image.ref.name";
inline constexpr std::string_view k_capabilities = "dev.davit.capabilities";
/// An earlier form of `dev.davit.package`: what a container image said. Read, never written.
inline constexpr std::string_view k_image = "dev.davit.image";
/// What the packaging could not hold (manifests/package.hpp); a label where there are no annotations.
inline constexpr std::string_view k_package = "dev.davit.package";
/// Of an artifact whose data files are a referrer: the digest of the tar layer that holds them, so that a signature of
/// the artifact covers them.
inline constexpr std::string_view k_files = "dev.davit.files";
/// Of container images for crun and youki.
inline constexpr std::string_view k_image_variant = "module.wasm.image/variant";

}  // namespace davit::annotation

namespace davit::package_file {

/// In packages that are files: what the packaging could not hold, and the folder of data files, both beside the
/// package's own manifest.
inline constexpr std::string_view k_remembered = "davit.json";
inline constexpr std::string_view k_files_folder = "files";

}  // namespace davit::package_file
