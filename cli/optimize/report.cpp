#include "cli/optimize/report.hpp"

#include "cli/output/progress.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

Json module_to_json(const NestedModule& module) {
  JsonObject out{{"index", std::uint64_t{module.index}},    {"name", module.name},           {"sizeBefore", module.size_before},
                 {"sizeAfter", module.size_after},          {"optimized", module.optimized}, {"exportsDropped", module.exports_dropped},
                 {"importsDropped", module.imports_dropped}};
  if (!module.reason.empty()) out.set("reason", module.reason);
  return out;
}

}  // namespace

JsonObject optimized_to_json(const Optimized& optimized, const std::string& output, const std::string& level, OptimizedSizes sizes) {
  JsonObject out{{"output", output},
                 {"level", "O" + level},
                 {"sizeBefore", sizes.before},
                 {"sizeAfter", sizes.after},
                 {"optimized", optimized.optimized},
                 {"keptInput", optimized.kept_input},
                 {"fromCache", optimized.from_cache}};
  if (!optimized.optimizer.empty()) out.set("optimizer", optimized.optimizer);
  if (!optimized.reason.empty()) out.set("reason", optimized.reason);
  if (!optimized.is_component) return out;
  JsonArray modules;
  for (const NestedModule& module : optimized.modules) modules.push_back(module_to_json(module));
  out.set("modules", std::move(modules));
  out.set("importsDropped", Json::strings(optimized.imports_dropped));
  return out;
}

std::vector<std::string> optimized_to_lines(const Optimized& optimized, const std::string& output, const std::string& level,
                                            OptimizedSizes sizes) {
  std::vector<std::string> out;
  std::string line = output + ": " + human_size(sizes.before) + " to " + human_size(sizes.after);
  if (!optimized.optimized) line += ", not optimized: " + optimized.reason;
  else line += " with -O" + level;
  if (optimized.optimized && optimized.kept_input) line += "; the optimizer made it no smaller, so the code is as it was";
  if (optimized.from_cache) line += " (from the cache)";
  out.push_back(std::move(line));
  for (const NestedModule& module : optimized.modules) {
    if (module.optimized || module.size_after == 0) continue;
    out.push_back("core module " + std::to_string(module.index) + (module.name.empty() ? "" : " (" + printable(module.name) + ")") +
                  " is as it was: " + module.reason);
  }
  for (const std::string& import : optimized.imports_dropped) out.push_back("no longer imports " + printable(import));
  return out;
}

}  // namespace davit::cli
