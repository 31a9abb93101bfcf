// What the name of a component's import says of the package it wants (component-model Explainer.md, import names):
//
//   wasi:http/types@0.2.0                      an interface of a package
//   unlocked-dep=<ns:pkg@{>=1.0.0 <2.0.0}>     a component, any of these versions
//   locked-dep=<ns:pkg@1.2.3>,integrity=<…>    one component
//   url=<https://…>,integrity=<…>              a component at a place
//   integrity=<sha256-…>                       a component of this content
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace davit::wasm {

enum class ImportForm { interface, unlocked, locked, url, integrity };

struct ImportDependency {
  ImportForm form = ImportForm::interface;
  std::string package{};     ///< `wasi:http`
  std::string interface {};  ///< `types`
  std::string version{};     ///< for unlocked: the range
  std::string url{};         ///< may be relative
  std::string integrity{};   ///< `sha256-BASE64`
};

/// Nothing for a plain name, which names no package.
std::optional<ImportDependency> parse_import_dependency(std::string_view name);

}  // namespace davit::wasm
