#include "cli/sbom/purl.hpp"

#include <array>

#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

// The specification leaves `:` as it is, also in qualifiers.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == ':' ? std::string(1, c) : encode_percent(std::string_view(&c, 1));
  return out;
}

struct ToolEntry {
  std::string_view producer;
  KnownTool tool;
};

constexpr auto k_tools = std::to_array<ToolEntry>({{"wit-component", {"cargo", "wit-component"}},
                                                   {"wit-bindgen-rust", {"cargo", "wit-bindgen"}},
                                                   {"wit-bindgen-c", {"cargo", "wit-bindgen-c"}},
                                                   {"cargo-component", {"cargo", "cargo-component"}},
                                                   {"wasm-bindgen", {"cargo", "wasm-bindgen"}},
                                                   {"walrus", {"cargo", "walrus"}},
                                                   {"wac", {"cargo", "wac-cli"}},
                                                   {"jco", {"npm", "@bytecodealliance/jco"}},
                                                   {"componentize-js", {"npm", "@bytecodealliance/componentize-js"}},
                                                   {"ComponentizeJS", {"npm", "@bytecodealliance/componentize-js"}},
                                                   {"AssemblyScript", {"npm", "assemblyscript"}},
                                                   {"componentize-py", {"pypi", "componentize-py"}}});

}  // namespace

std::string make_purl(std::string_view type, std::string_view name, std::string_view version,
                      const std::vector<std::pair<std::string, std::string>>& qualifiers) {
  std::string purl = "pkg:" + std::string(type);
  while (true) {
    const std::size_t slash = name.find('/');
    purl += "/" + escaped(name.substr(0, slash));
    if (slash == std::string_view::npos) break;
    name.remove_prefix(slash + 1);
  }
  if (!version.empty()) purl += "@" + escaped(version);
  char between = '?';
  for (const auto& [key, value] : qualifiers) {
    purl += between + key + "=" + escaped(value);
    between = '&';
  }
  return purl;
}

KnownTool tool_named(std::string_view producer) {
  for (const ToolEntry& entry : k_tools) {
    if (entry.producer == producer) return entry.tool;
  }
  return {"generic", producer};
}

}  // namespace davit::cli
