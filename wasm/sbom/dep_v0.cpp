#include "wasm/sbom/dep_v0.hpp"

#include "manifests/encoding.hpp"
#include "manifests/json.hpp"

namespace davit::wasm {
namespace {

constexpr std::size_t k_max_json_depth = 16;

Result<CargoPackage> read_package(const JsonView& json, std::size_t count) {
  CargoPackage package;
  TRY_ASSIGN(const auto name, json.field("name"));
  TRY_ASSIGN(package.name, name.as_string());
  TRY_ASSIGN(const auto version, json.field("version"));
  TRY_ASSIGN(package.version, version.as_string());
  TRY_ASSIGN(const auto source, json.field("source"));
  TRY_ASSIGN(package.source, source.as_string());
  if (package.name.empty()) return name.complaint("expected the name of a crate");
  if (const auto kind = json.find("kind")) {
    TRY_ASSIGN(const std::string word, kind->as_string());
    if (word != "runtime" && word != "build") return kind->complaint("\"" + printable(word) + "\" is neither runtime nor build");
    package.is_build = word == "build";
  }
  if (const auto root = json.find("root")) {
    TRY_ASSIGN(package.is_root, root->as_bool());
  }
  if (const auto dependencies = json.find("dependencies")) {
    TRY_ASSIGN(const auto items, dependencies->as_items());
    for (const JsonView& item : items) {
      TRY_ASSIGN(const std::uint64_t index, item.as_unsigned());
      if (index >= count) return item.complaint("there is no package " + std::to_string(index) + "; the list has " + std::to_string(count));
      package.dependencies.push_back(static_cast<std::size_t>(index));
    }
  }
  return package;
}

// Takes away packages on which nothing left depends, until none is left or a cycle is.
bool is_acyclic(const std::vector<CargoPackage>& packages) {
  std::vector<std::size_t> users(packages.size());
  for (const CargoPackage& package : packages) {
    for (const std::size_t index : package.dependencies) ++users[index];
  }
  std::vector<std::size_t> free;
  for (std::size_t at = 0; at < packages.size(); ++at) {
    if (users[at] == 0) free.push_back(at);
  }
  std::size_t taken = 0;
  while (!free.empty()) {
    const std::size_t at = free.back();
    free.pop_back();
    ++taken;
    for (const std::size_t index : packages[at].dependencies) {
      if (--users[index] == 0) free.push_back(index);
    }
  }
  return taken == packages.size();
}

}  // namespace

Result<std::vector<CargoPackage>> parse_cargo_packages(std::string_view json) {
  TRY_ASSIGN(const Json document, parse_json(json, {.size_bytes = k_max_cargo_list_bytes, .depth = k_max_json_depth}));
  const JsonView view(document);
  TRY_ASSIGN(const auto list, view.field("packages"));
  TRY_ASSIGN(const auto items, list.as_items());
  if (items.size() > k_max_cargo_packages)
    return fail(ErrorCode::limit,
                "the list has " + std::to_string(items.size()) + " packages; at most " + std::to_string(k_max_cargo_packages));
  std::vector<CargoPackage> packages;
  std::size_t roots = 0;
  for (const JsonView& item : items) {
    TRY_ASSIGN(CargoPackage package, read_package(item, items.size()));
    roots += package.is_root ? 1 : 0;
    packages.push_back(std::move(package));
  }
  if (roots != 1) return list.complaint("expected one root package; there are " + std::to_string(roots));
  if (!is_acyclic(packages)) return list.complaint("a package depends on itself");
  return packages;
}

}  // namespace davit::wasm
