// The readers behind read_package, one for each way in which packagings hold a program. Only this folder includes it.
#pragma once

#include <string>
#include <vector>

#include "oci/formats/file_rules.hpp"
#include "oci/formats/file_tree.hpp"
#include "oci/formats/image_config.hpp"
#include "oci/formats/package.hpp"
#include "oci/formats/spool.hpp"

namespace davit::oci {

/// Documents of ecosystems are small; larger ones are data files.
inline constexpr std::uint64_t k_max_companion_bytes = std::uint64_t{1} << 20;

/// What is read, and how much of it.
struct ReadJob {
  Repository& repository;
  const RawManifest& raw;
  ImageManifest manifest;
  Detection detection;
  const ReadOptions& options;
  bool all = false;  ///< a package for each wasm file, instead of the chosen one
};

/// Layers that are bare wasm files: wasm, runwasi, envoy, trivy, wasm-to-oci, kubewarden, wasmcloud, oras, gadget.
Result<std::vector<Package>> read_bare(const ReadJob& job);

/// A Spin application: one component of its locked app.
Result<std::vector<Package>> read_spin(const ReadJob& job);

/// Archives that are no image: Helm plugins, OPA bundles, folders that `oras push` packed.
Result<std::vector<Package>> read_archive_layers(const ReadJob& job);

/// A program in a stack of layers, whatever stands around it.
struct TreeJob {
  std::string format{};
  std::string variant{};
  ImageConfig config{};
  Annotations annotations{};
  bool for_wasm = false;                 ///< made to run as wasm: its other files are data
  bool is_package = false;               ///< a file or folder of one ecosystem, not an image
  std::vector<std::string> preferred{};  ///< names without folders that win where no entrypoint names a file
  std::string files_folder{};            ///< data files are those in a folder of this name, and nothing else; empty: all
  FileRules rules{};                     ///< where they are said, data files are what they name, and nothing else
  const ReadOptions& options;
  bool all = false;
};
Result<std::vector<Package>> read_tree(const LayerStack& stack, const TreeJob& job);

/// The layers of an image as a stack; a layer that is a bare wasm file counts as an archive of one file.
LayerStack stack_of(ImageSource& image);

/// Completes what a format said by what was remembered in its annotations and labels, and takes davit's own out of them.
/// Errors: malformed, limit
Result<PackageDescription> recall(PackageDescription said);

/// Gives files the modes that are remembered of them, where the packaging keeps none, and lists them in the description.
void settle_files(Package& package, const std::vector<PackageFile>& remembered);

/// A plain file name for messages and titles: the last part of a path, or nothing when it is no decent name.
std::string file_name_of(std::string_view path);

/// Which wasm file of a tree is the program. Errors: unsupported (none, several), not_found, malformed
struct ChosenFile {
  std::string path;  ///< the name by which it was found, clean; the way back puts the file there
  const TreeNode* node;
  bool is_preferred = false;  ///< found by a name that the packaging prescribes
};
Result<ChosenFile> choose_program(const FileTree& tree, const TreeJob& job);
/// Whether the program is known already, so that lower layers need not be read.
bool is_program_settled(const FileTree& tree, const TreeJob& job);

}  // namespace davit::oci
