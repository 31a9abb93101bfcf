// What is known about a container image or the Dockerfile of one, before anything is concluded from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifests/descriptor.hpp"
#include "oci/elf.hpp"

namespace davit::cli::advise {

/// A statement about the image with where it was read: a path, a symbol, a member of the configuration.
struct Evidence {
  std::string where;
  std::string value;
};

struct ImageFacts {
  std::string subject{};  ///< reference or path
  bool is_dockerfile = false;
  std::optional<Platform> platform{};
  std::vector<std::string> words{};  ///< entrypoint and command
  std::string words_from{"Entrypoint and Cmd of the configuration"};
  std::vector<std::string> ports{};
  std::vector<std::string> volumes{};
  std::vector<std::string> packages{};  ///< installed by a Dockerfile's RUN
  std::vector<std::string> bases{};     ///< images of a Dockerfile's stages, the last one last
  std::size_t layers = 0;
  std::uint64_t stored_bytes = 0;       ///< of all layers as stored; 0: not known
  std::uint64_t unpacked_bytes = 0;     ///< of all files that are visible
  std::string program{};                ///< path of the program, without leading slash; empty: not found
  std::vector<std::string> wrappers{};  ///< scripts and launchers in front of it
  std::uint64_t program_bytes = 0;
  std::string interpreter{};  ///< of a script: from its first line
  bool is_wasm = false;
  std::optional<oci::ElfFacts> elf{};
  std::string elf_problem{};          ///< why it could not be read
  std::vector<std::string> shells{};  ///< paths
  std::vector<std::string> package_managers{};
  std::vector<std::string> native_extensions{};  ///< shared libraries of an interpreter's packages
  std::uint64_t native_extension_count = 0;
};

}  // namespace davit::cli::advise
