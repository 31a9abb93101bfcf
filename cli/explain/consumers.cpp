#include "cli/explain/consumers.hpp"

#include <algorithm>

#include "cli/explain/rules.hpp"

namespace davit::cli::explain {
namespace {

// What is in a local store has to reach a registry first.
std::string with_image(const Facts& facts, const std::string& before, const std::string& after = "") {
  if (facts.origin == Origin::registry) return before + facts.reference + after;
  const std::string name = "REGISTRY/NAME:TAG";
  return "davit copy " + facts.reference + " " + name + " && " + before + name + after;
}

std::string platform_option(const Facts& facts) {
  const Platform& platform = facts.entry && facts.entry->platform ? *facts.entry->platform : facts.platform;
  return "--platform " + to_text(platform) + " ";
}

// containerd matches the platform of an index entry and not that of a bare manifest.
std::string shim_command(const Facts& facts, const std::string& shim) {
  const std::string platform = facts.entries.empty() ? "" : platform_option(facts);
  if (facts.detection.format == "wasm")
    return with_image(facts, "kubectl run app --restart=Never --overrides='{\"spec\":{\"runtimeClassName\":\"" + shim + "\"}}' --image=");
  const std::string run = "ctr run --rm --runtime io.containerd." + shim + " ";
  if (facts.origin == Origin::registry) return "ctr image pull " + platform + facts.reference + " && " + run + facts.reference + " app";
  return with_image(facts, run, " app");
}
std::string run_in_wasmtime_shim(const Facts& facts) { return shim_command(facts, "wasmtime.v1"); }
std::string run_in_wasmedge_shim(const Facts& facts) { return shim_command(facts, "wasmedge.v1"); }
std::string run_in_wasmer_shim(const Facts& facts) { return shim_command(facts, "wasmer.v1"); }
std::string run_in_spin_shim(const Facts& facts) { return shim_command(facts, "spin.v2"); }

std::string run_in_docker(const Facts& facts) {
  return with_image(facts, "docker run --rm --runtime io.containerd.wasmtime.v1 " + platform_option(facts));
}
std::string run_in_podman(const Facts& facts) {
  if (facts.origin == Origin::local_store) return "podman run --rm " + platform_option(facts) + facts.reference;
  return "podman run --rm " + platform_option(facts) + facts.reference;
}
std::string run_in_crun(const Facts& facts) {
  return with_image(facts, "podman --runtime crun run --rm --annotation run.oci.handler=wasm ");
}
std::string run_in_youki(const Facts& facts) {
  return with_image(facts, "podman --runtime youki run --rm --annotation module.wasm.image/variant=compat ");
}
std::string run_in_crio(const Facts& facts) { return with_image(facts, "kubectl run app --restart=Never --image="); }
std::string run_in_spin(const Facts& facts) { return with_image(facts, "spin up -f "); }
std::string pull_with_wash(const Facts& facts) { return with_image(facts, "wash oci pull "); }
std::string pull_with_wkg(const Facts& facts) { return with_image(facts, "wkg oci pull ", " -o app.wasm"); }
std::string load_in_wassette(const Facts& facts) { return with_image(facts, "wassette component load oci://"); }
std::string install_in_trivy(const Facts& facts) { return with_image(facts, "trivy module install "); }
std::string pull_with_kwctl(const Facts& facts) { return with_image(facts, "kwctl pull registry://"); }
std::string apply_to_istio(const Facts& facts) {
  return with_image(facts,
                    "echo '{\"apiVersion\":\"extensions.istio.io/v1alpha1\",\"kind\":\"WasmPlugin\",\"metadata\":{\"name\":\"app\"},"
                    "\"spec\":{\"url\":\"oci://",
                    "\"}}' | kubectl apply -f -");
}
std::string apply_to_envoy_gateway(const Facts& facts) {
  return with_image(facts,
                    "kubectl patch envoyextensionpolicy app --type merge -p "
                    "'{\"spec\":{\"wasm\":[{\"name\":\"app\",\"code\":{\"type\":\"Image\",\"image\":{\"url\":\"",
                    "\"}}}]}}'");
}

std::string on_file(const Facts& facts, const std::string& before) {
  if (facts.origin == Origin::file) return before + facts.reference;
  const bool bare = facts.detection.wasm_layers.size() == 1;
  const std::string take = bare ? "davit pull " + facts.reference + " -o app.wasm"
                                : "davit convert " + facts.reference + " oci:app:1 --format wasm && davit pull oci:app:1 -o app.wasm";
  return take + " && " + before + "app.wasm";
}
std::string run_in_wasmtime(const Facts& facts) {
  const bool serves = facts.module && facts.module->serves_http && !facts.module->runs_as_command;
  const bool threads = facts.module && facts.module->features.contains("atomics") && !facts.module->is_component;
  const std::string words = threads ? " -W threads=y,shared-memory=y -S threads=y " : " ";
  return on_file(facts, serves ? "wasmtime serve " : "wasmtime run" + words);
}
std::string run_in_wasmer(const Facts& facts) { return on_file(facts, "wasmer run "); }
std::string run_in_wasmedge(const Facts& facts) { return on_file(facts, "wasmedge "); }
std::string run_in_node(const Facts& facts) { return on_file(facts, "davit run --runtime node "); }

// On the wire for `--only` and `--json`: names stay.
std::vector<Consumer> make_consumers() {
  const std::vector<Rule> module_of_wasmtime{no_interface_package, wasi_of_wasmtime, starts, features_of_wasmtime};
  const std::vector<Rule> module_of_wasmedge{no_interface_package, only_modules, no_wasix, starts, features_of_wasmedge};
  const std::vector<Rule> module_of_wasmer{no_interface_package, only_modules, starts, features_of_wasmer};
  const std::vector<Rule> module_of_node{no_interface_package, only_modules, no_wasix, starts, features_of_node};
  const std::vector<Rule> module_of_crun{no_interface_package, only_modules, no_wasix, starts};
  const std::vector<Rule> shim{holds_wasm, manifest_for_shim, shim_layers};
  const std::vector<Rule> envoy{index_by_go, envoy_layout, envoy_size};
  const std::vector<Rule> file{holds_wasm, one_wasm_file};
  return {
      {"containerd-shim-wasmtime", "container", shim, module_of_wasmtime, run_in_wasmtime_shim},
      {"containerd-shim-wasmedge", "container", shim, module_of_wasmedge, run_in_wasmedge_shim},
      {"containerd-shim-wasmer", "container", shim, module_of_wasmer, run_in_wasmer_shim},
      {"containerd-shim-spin", "container", {holds_wasm, manifest_for_shim, spin_shim_layers}, {}, run_in_spin_shim},
      {"docker", "container", {holds_wasm, image_file_system, wasm_entrypoint, wasi_platform}, module_of_wasmtime, run_in_docker},
      {"podman", "container", {holds_wasm, image_file_system, podman_platform}, module_of_crun, run_in_podman},
      {"crun", "container", {holds_wasm, image_file_system, crun_annotation, wasm_entrypoint}, module_of_crun, run_in_crun},
      {"youki", "container", {holds_wasm, image_file_system, youki_annotation}, module_of_crun, run_in_youki},
      {"cri-o",
       "cluster",
       {holds_wasm, index_by_kubelet, image_file_system, crun_annotation, wasm_entrypoint},
       module_of_crun,
       run_in_crio},
      {"spin", "tool", {holds_wasm, index_by_host, spin_application}, {}, run_in_spin},
      {"wasmcloud", "cluster", {holds_wasm, index_by_host, wasmcloud_layer}, {no_interface_package, only_components}, pull_with_wash},
      {"wkg", "tool", {holds_wasm, index_by_host, oci_wasm_pull}, {}, pull_with_wkg},
      {"envoy-gateway", "cluster", envoy, {only_modules, proxy_plugin}, apply_to_envoy_gateway},
      {"istio", "cluster", envoy, {only_modules, proxy_plugin}, apply_to_istio},
      {"trivy", "tool", {holds_wasm, index_by_go, trivy_layer}, {only_modules}, install_in_trivy},
      {"kubewarden", "cluster", {holds_wasm, index_by_host, kubewarden_layers}, {policy_metadata}, pull_with_kwctl},
      {"wassette", "tool", {holds_wasm, index_by_host, oci_wasm_pull}, {no_interface_package, only_components}, load_in_wassette},
      {"wasmtime", "runtime", file, module_of_wasmtime, run_in_wasmtime, true},
      {"wasmer", "runtime", file, module_of_wasmer, run_in_wasmer, true},
      {"wasmedge", "runtime", file, module_of_wasmedge, run_in_wasmedge, true},
      {"node", "runtime", file, module_of_node, run_in_node, true},
  };
}

Answer first_refusal(const std::vector<Rule>& rules, const Facts& facts) {
  for (const Rule rule : rules) {
    if (auto refusal = rule(facts)) return refusal;
  }
  return std::nullopt;
}

}  // namespace

std::span<const Consumer> consumers() {
  static const std::vector<Consumer> k_consumers = make_consumers();
  return k_consumers;
}

bool needs_module(const Consumer& consumer, const Facts& facts) {
  return !consumer.module.empty() && !first_refusal(consumer.packaging, facts);
}

Verdict judge(const Consumer& consumer, const Facts& facts) {
  Verdict out{.consumer = consumer.name, .kind = consumer.kind};
  Answer refusal = first_refusal(consumer.packaging, facts);
  if (!refusal && !consumer.module.empty()) {
    CHECK(facts.module || !facts.module_problem.empty());
    refusal = facts.module ? first_refusal(consumer.module, facts) : Answer(Refusal{"layout", facts.module_problem});
  }
  if (refusal) {
    out.aspect = refusal->aspect;
    out.reason = std::move(refusal->reason);
    return out;
  }
  out.accepts = true;
  out.command = consumer.command(facts);
  return out;
}

}  // namespace davit::cli::explain
