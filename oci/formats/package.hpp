// A packaged program between two formats: its description, its wasm file and its data files, read once from one store
// and ready to be written as often as needed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "manifests/package.hpp"
#include "oci/copy.hpp"
#include "oci/formats/detect.hpp"
#include "oci/image_source.hpp"
#include "oci/io/file.hpp"

namespace davit::oci {

struct PackagedWasm {
  Descriptor blob;  ///< media type `application/wasm`
  std::shared_ptr<BlobOrigin> origin;
  std::string path;  ///< opens the bytes as a regular file (`/proc/self/fd/N` of a spool)
};

/// A data file with its bytes: a range of the one spool that reading filled.
struct PackagedFile {
  PackageFile entry;
  Digest digest;
  std::shared_ptr<BlobOrigin> origin;
};

struct Package {
  std::string from{};     ///< format it was read from
  std::string variant{};  ///< of that format; empty: the usual one
  PackageDescription description{};
  PackagedWasm wasm;
  std::vector<PackagedFile> files{};    ///< in the order of `description.files`
  std::shared_ptr<OwnedFd> spool{};     ///< keeps temporary files alive
  std::vector<std::string> oddities{};  ///< deviations that only reading showed
  std::string left_behind{};            ///< a sentence on devices, links and folders that no package holds; empty: none
  bool leaves_files = false;            ///< `automatic` left other files of the image behind
};

enum class KeepFiles { automatic, all, none };

struct ReadOptions {
  std::string path{};                      ///< chooses among several wasm files; empty: found
  KeepFiles files = KeepFiles::automatic;  ///< automatic: all of an image made for wasm (by its platform, or by annotation and
                                           ///< without native programs), none of another
};

/// Reads an artifact of any format. The repository must stay open as long as the package is used.
/// Errors: unsupported (holds no wasm: says what it is; several wasm files: lists them), not_found, malformed, limit
Result<Package> read_package(Repository& repository, const RawManifest& manifest, const ReadOptions& options);

/// The layers that are bare wasm files. Detection looks into one layer at most; files that `oras push` put beside it are
/// looked at here. Errors: those of the store
Result<std::vector<Descriptor>> find_bare_layers(Repository& repository, const ImageManifest& manifest, const Detection& detection);

/// What was detected already is not detected again. Errors: as above
Result<Package> read_detected(Repository& repository, const RawManifest& manifest, const Detection& detection, const ReadOptions& options);

/// One package for each wasm file, sorted by path.
Result<std::vector<Package>> read_all_packages(Repository& repository, const RawManifest& manifest, const ReadOptions& options);

/// A container image from anywhere (a store, `docker save`). Its layers are read once, from the highest down, and lower
/// ones not at all when the program is found and no data file is asked for.
Result<Package> read_image_package(ImageSource& image, const ReadOptions& options);
Result<std::vector<Package>> read_all_image_packages(ImageSource& image, const ReadOptions& options);

/// What a package file or folder is, told by its bytes and the names in it; `oci-archive`, `docker-archive` and
/// `oci-layout` for stores. Nothing for what is neither a folder nor an archive. Errors: unsupported (an archive or folder
/// that is no package), malformed, limit, io
Result<std::optional<Detection>> detect_package_file(const std::string& path);

/// A package that is a file or folder: Fastly and wasmer tarballs, a Workers folder, a folder with `spin.toml`, an OPA
/// bundle, a Helm or Traefik plugin, an OCI or Docker archive, or a bare wasm file. Errors: as above; unsupported names what the file is
Result<Package> read_package_file(const std::string& path, const ReadOptions& options);
Result<std::vector<Package>> read_all_package_files(const std::string& path, const ReadOptions& options);

}  // namespace davit::oci
