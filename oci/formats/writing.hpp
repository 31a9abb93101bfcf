// What the writers of all formats share: blobs, tar layers, the remembered description, the manifest.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "manifests/image_manifest.hpp"
#include "manifests/media_type.hpp"
#include "oci/formats/writer.hpp"

namespace davit::oci {

NewBlob memory_blob(const std::string& text, std::string_view media_type);
/// The two bytes `{}`, as configuration of artifacts that have none.
NewBlob empty_blob(std::string_view media_type);
/// The wasm file as a layer; a title that is not empty becomes its annotation.
NewBlob wasm_blob(const Package& package, std::string_view media_type, const std::string& title);

/// A file that goes into a tar.
struct TarFile {
  std::string name;
  std::uint64_t size = 0;
  unsigned mode = 0644;
  std::shared_ptr<BlobOrigin> origin;
};
TarFile wasm_file(const Package& package, const std::string& name);
TarFile text_file(const std::string& name, const std::string& text);
std::vector<TarFile> data_files(const Package& package, const std::string& folder);

/// Writes files sorted by name, each folder once before what is in it. Does not finish the sink.
Result<void> write_tar(Sink& sink, std::vector<TarFile> files, Compression compression);

/// A tar in a temporary file that lives as long as its origin.
struct PackedTar {
  NewBlob blob;
  Digest diff_id;  ///< of the plain tar
};
Result<PackedTar> pack_tar(const std::vector<TarFile>& files, Compression compression, std::string_view media_type);

/// An artifact in the making.
struct Draft {
  std::string format;
  NewBlob config;
  std::vector<NewBlob> layers{};
  std::string artifact_type{};      ///< member of the manifest; empty: left out
  PackageDescription said{};        ///< what a reader will find, without annotations
  Annotations annotations{};        ///< that the format asks for, over those of the package
  std::set<std::string> refused{};  ///< annotations of the package that would do harm here
  bool holds_files = false;         ///< else data files go into a referrer
  bool says_files = false;          ///< `said` has them, not as they were
  bool is_docker = false;           ///< no annotations; the configuration has said everything
  std::optional<Platform> entry{};  ///< platform for an entry of an index
};

/// The description a writer has to say: the package's, with the annotations that the wasm file's metadata gives.
PackageDescription wanted_of(const Package& package, const WasmFacts& facts);

/// The package with these annotations, for formats whose documents say what annotations say.
Package with_annotations(Package package, const WasmFacts& facts);

/// The difference as text, facets and warnings.
struct Memory {
  std::string text{};
  Facets lost{};
  std::vector<std::string> warnings{};
};
/// Errors: limit (too much for an annotation); unsupported (something is lost, and the options are strict)
Result<Memory> remember(std::string_view format, const PackageDescription& wanted, const PackageDescription& said,
                        const WriteOptions& options);

Result<Written> finish(const Package& package, const WasmFacts& facts, Draft draft, const WriteOptions& options);

/// Files as a packaging has them that keeps no modes.
std::vector<PackageFile> without_modes(std::vector<PackageFile> files);

/// Title of the package, else `app.wasm`.
std::string title_or_default(const Package& package);
/// Last part of a path.
std::string base_of(const std::string& path);
/// A name for what the package makes: its title without `.wasm`, in lower case letters, digits and `-`.
std::string name_of(const Package& package);
Result<Platform> parse_platform(const std::string& text);
/// Whether a reference or title can go where only core modules run. Errors: unsupported
Result<void> refuse_component(const WasmFacts& facts, std::string_view format, std::string_view consumer);
/// A packed file under its final name, as what its writer returns. Errors: io
Result<Written> store_package(const std::string& path, const PackedTar& packed, Memory memory);

Result<Written> write_wasm(const Package&, const WasmFacts&, const WriteOptions&);
Result<Written> write_image(const Package&, const WasmFacts&, const WriteOptions&);
Result<Written> write_compat(const Package&, const WasmFacts&, const WriteOptions&);
Result<Written> write_envoy_compat(const Package&, const WasmFacts&, const WriteOptions&);
Result<Written> write_runwasi(const Package&, const WasmFacts&, const WriteOptions&);
Result<Written> write_envoy(const Package&, const WasmFacts&, const WriteOptions&);
Result<Written> write_trivy(const Package&, const WasmFacts&, const WriteOptions&);
Result<Written> write_oras(const Package&, const WasmFacts&, const WriteOptions&);
Result<Written> write_wasm_to_oci(const Package&, const WasmFacts&, const WriteOptions&);
Result<Written> write_kubewarden(const Package&, const WasmFacts&, const WriteOptions&);
Result<Written> write_wasmcloud(const Package&, const WasmFacts&, const WriteOptions&);
Result<Written> write_spin(const Package&, const WasmFacts&, const WriteOptions&);
Result<Written> write_fastly(const Package&, const WasmFacts&, const WriteOptions&, const std::string& path);
Result<Written> write_workers(const Package&, const WasmFacts&, const WriteOptions&, const std::string& path);
Result<Written> write_wasmer(const Package&, const WasmFacts&, const WriteOptions&, const std::string& path);

}  // namespace davit::oci
