#include <algorithm>

#include "oci/formats/writing.hpp"

namespace davit::oci {

const std::vector<Format>& formats() {
  static const std::vector<Format> k_formats = {
      {.name = "wasm", .summary = "CNCF artifact: wkg, wash, runwasi, Spin, Wassette", .shape = FormatShape::bare, .write = &write_wasm},
      {.name = "image",
       .summary = "image with a file system: containerd, Docker, podman",
       .shape = FormatShape::image,
       .write = &write_image},
      {.name = "runwasi",
       .summary = "image whose layer is the bare file: containerd shims",
       .shape = FormatShape::bare,
       .write = &write_runwasi},
      {.name = "compat", .summary = "image with an annotation: crun, youki, podman", .shape = FormatShape::image, .write = &write_compat},
      {.name = "spin", .summary = "Spin application: Spin, SpinKube", .shape = FormatShape::bare, .write = &write_spin},
      {.name = "envoy",
       .summary = "two layers: Istio, Envoy Gateway",
       .shape = FormatShape::bare,
       .takes_components = false,
       .write = &write_envoy},
      {.name = "envoy-compat",
       .summary = "image with plugin.wasm: Istio, Envoy Gateway, Higress",
       .shape = FormatShape::image,
       .takes_components = false,
       .write = &write_envoy_compat},
      {.name = "trivy", .summary = "Trivy module", .shape = FormatShape::bare, .takes_components = false, .write = &write_trivy},
      {.name = "wasm-to-oci",
       .summary = "older type: wasm-to-oci, krustlet, cosign",
       .shape = FormatShape::bare,
       .write = &write_wasm_to_oci},
      {.name = "kubewarden",
       .summary = "Kubewarden policy",
       .shape = FormatShape::bare,
       .takes_components = false,
       .write = &write_kubewarden},
      {.name = "wasmcloud", .summary = "actor of wasmCloud before version 2", .shape = FormatShape::bare, .write = &write_wasmcloud},
      {.name = "oras", .summary = "plain file as oras pushes it", .shape = FormatShape::bare, .write = &write_oras},
      {.name = "fastly",
       .summary = "file: package for Fastly Compute",
       .shape = FormatShape::file,
       .takes_components = false,
       .write_file = &write_fastly},
      {.name = "workers",
       .summary = "folder: Cloudflare Workers, for wrangler",
       .shape = FormatShape::file,
       .takes_components = false,
       .write_file = &write_workers},
      {.name = "wasmer",
       .summary = "file: package for wasmer",
       .shape = FormatShape::file,
       .takes_components = false,
       .write_file = &write_wasmer},
  };
  return k_formats;
}

const Format* find_format(std::string_view name) {
  const auto found = std::ranges::find(formats(), name, &Format::name);
  return found == formats().end() ? nullptr : &*found;
}

std::vector<std::string> format_names(bool with_files) {
  std::vector<std::string> out;
  for (const Format& format : formats()) {
    if (with_files || format.shape != FormatShape::file) out.emplace_back(format.name);
  }
  return out;
}

}  // namespace davit::oci
