// What the rules of consumers are asked about: an artifact's documents and, where a rule needs it, what its wasm file is.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "manifests/image_manifest.hpp"
#include "oci/formats/detect.hpp"
#include "wasm/summary.hpp"

namespace davit::cli::explain {

/// What runtimes look at in the wasm file itself.
struct ModuleFacts {
  bool is_component = false;
  std::string target{};  ///< wasip1, wasip2, wasip3, wasix or core
  std::set<std::string> features{};
  std::uint64_t size = 0;
  bool has_start = false;            ///< exports `_start`
  bool runs_as_command = false;      ///< exports wasi:cli/run
  bool serves_http = false;          ///< exports a handler of wasi:http
  bool is_proxy_plugin = false;      ///< exports proxy_abi_version_…
  bool is_interface_only = false;    ///< a WIT package
  bool has_policy_metadata = false;  ///< section io.kubewarden.metadata
};

ModuleFacts module_facts(const wasm::BinarySummary& summary);

enum class Origin { registry, local_store, file };

struct Facts {
  Origin origin = Origin::registry;
  std::string reference{};            ///< as commands name it, quoted for a shell
  std::vector<Descriptor> entries{};  ///< of the index that the reference names; empty when it names a manifest
  std::optional<Descriptor> entry{};  ///< the one of them that holds the wasm
  ImageManifest manifest{.config = {.media_type = "", .digest = digest_of(std::string_view())}};
  std::string media_type{};  ///< of the manifest as stored
  oci::Detection detection{};
  Platform platform{};                  ///< of the configuration
  std::vector<std::string> words{};     ///< entrypoint and command
  bool last_layer_has_plugin = false;   ///< a file called plugin.wasm
  std::string plugin_path{};            ///< where it lies
  std::optional<ModuleFacts> module{};  ///< when it was read
  std::string module_problem{};         ///< why it could not be
  oci::RawManifest raw{.bytes = {}, .descriptor = {.media_type = "", .digest = digest_of(std::string_view())}};
};

}  // namespace davit::cli::explain
