// The single rules of which consumers are made; each answers one question about the facts.
#pragma once

#include "cli/explain/consumers.hpp"

namespace davit::cli::explain {

using Answer = std::optional<Refusal>;

// What the documents say.
Answer holds_wasm(const Facts& facts);         ///< layout: recognised as something else
Answer one_wasm_file(const Facts& facts);      ///< layers: davit pull needs one to take out
Answer index_by_host(const Facts& facts);      ///< index: oci-client takes the entry of its own machine
Answer index_by_go(const Facts& facts);        ///< index: go-containerregistry takes linux/amd64
Answer index_by_kubelet(const Facts& facts);   ///< index: a node pulls for its own platform
Answer manifest_for_shim(const Facts& facts);  ///< index: layers are read from a bare manifest only
Answer shim_layers(const Facts& facts);        ///< layout, layers, platform: runwasi's way to modules
Answer spin_shim_layers(const Facts& facts);   ///< the same for the Spin shim
Answer image_file_system(const Facts& facts);  ///< layout: an image configuration over tar layers
Answer wasm_entrypoint(const Facts& facts);    ///< layout: args[0] ends in .wasm or .wat
Answer wasi_platform(const Facts& facts);      ///< platform: not asked for by --platform
Answer podman_platform(const Facts& facts);    ///< platform: the three that podman maps to crun-wasm
Answer crun_annotation(const Facts& facts);    ///< annotation
Answer youki_annotation(const Facts& facts);   ///< annotation
Answer oci_wasm_pull(const Facts& facts);      ///< layers, layout: what oci-wasm pulls
Answer wasmcloud_layer(const Facts& facts);    ///< layout: type of the first layer
Answer spin_application(const Facts& facts);   ///< layout: a locked app or one layer
Answer envoy_layout(const Facts& facts);       ///< layout, layers
Answer envoy_size(const Facts& facts);         ///< size
Answer trivy_layer(const Facts& facts);        ///< layers, layout
Answer kubewarden_layers(const Facts& facts);  ///< layout

// What the wasm file is.
Answer no_interface_package(const Facts& facts);
Answer wasi_of_wasmtime(const Facts& facts);
Answer only_modules(const Facts& facts);  ///< wasi: no components
Answer no_wasix(const Facts& facts);
Answer only_components(const Facts& facts);
Answer starts(const Facts& facts);  ///< interface: `_start`, wasi:cli/run or wasi:http
Answer proxy_plugin(const Facts& facts);
Answer policy_metadata(const Facts& facts);
Answer features_of_wasmtime(const Facts& facts);
Answer features_of_wasmedge(const Facts& facts);
Answer features_of_wasmer(const Facts& facts);
Answer features_of_node(const Facts& facts);

}  // namespace davit::cli::explain
