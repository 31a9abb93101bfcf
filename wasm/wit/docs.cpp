// The `package-docs` section: a version byte, then JSON with the documentation and stability of a package's items.

#include <algorithm>

#include "manifests/json.hpp"
#include "wasm/wit/document.hpp"

namespace davit::wasm {
namespace {

constexpr std::size_t k_depth = 16;

const Json* member(const Json* json, std::string_view name) {
  const JsonObject* object = json == nullptr ? nullptr : json->object();
  return object == nullptr ? nullptr : object->find(name);
}

std::string text(const Json* json, std::string_view name) {
  const Json* found = member(json, name);
  const std::string* value = found == nullptr ? nullptr : found->string();
  return value == nullptr ? "" : *value;
}

void set_stability(WitNotes& notes, const Json* stability) {
  if (const Json* stable = member(stability, "stable"); stable != nullptr) {
    notes.since = text(stable, "since");
    notes.deprecated = text(stable, "deprecated");
  }
  if (const Json* unstable = member(stability, "unstable"); unstable != nullptr) {
    notes.feature = text(unstable, "feature");
    notes.deprecated = text(unstable, "deprecated");
  }
}

// Version 0 says documentation only, and of a function nothing but its text.
void set_notes(WitNotes& notes, const Json* json) {
  const std::string* plain = json == nullptr ? nullptr : json->string();
  notes.docs = plain != nullptr ? *plain : text(json, "docs");
  set_stability(notes, member(json, "stability"));
}

void add_to(WitScope& scope, const Json* json) {
  set_notes(scope.notes, json);
  for (WitType& type : scope.types) {
    const Json* described = member(member(json, "types"), type.name);
    set_notes(type.notes, described);
    for (WitField& field : type.fields) field.docs = text(member(described, "items"), field.name);
  }
  for (WitFunction& function : scope.functions) set_notes(function.notes, member(member(json, "funcs"), function.name));
}

// Interfaces that stand for themselves are known by `ns:pkg/name@version`.
std::string key_of(const WitScope& interface) {
  return interface.package->name + "/" + interface.name + (interface.package->version.empty() ? "" : "@" + interface.package->version);
}

void add_to_references(WitPackage& package, std::vector<WitReference>& list, const Json* world, bool is_import) {
  const std::string way = is_import ? "import" : "export";
  for (WitReference& entry : list) {
    if (entry.is_inline) {
      const Json* described = member(member(world, is_import ? "interfaces" : "interface_exports"), entry.label);
      for (WitScope& scope : package.inlined) {
        if (&scope != entry.interface) continue;
        add_to(scope, described);
        entry.notes = scope.notes;
      }
      continue;
    }
    const std::string key = entry.label.empty() ? key_of(*entry.interface) : entry.label;
    entry.notes.docs = text(member(world, "interface_" + way + "_docs"), key);
    set_stability(entry.notes, member(member(world, "interface_" + way + "_stability"), key));
  }
}

}  // namespace

Result<void> add_docs(WitDocument& document, std::string_view section) {
  if (document.main == nullptr) return {};
  if (section.empty() || (section[0] != '\0' && section[0] != '\1'))
    return fail(ErrorCode::unsupported, "a package-docs section of an unknown version");
  TRY_ASSIGN(const Json json, parse_json(section.substr(1), {.size_bytes = std::size_t{64} << 20U, .depth = k_depth}));
  WitPackage& package = *document.main;
  package.docs = text(&json, "docs");
  for (WitScope& scope : package.interfaces) add_to(scope, member(member(&json, "interfaces"), scope.name));
  for (WitWorld& world : package.worlds) {
    const Json* described = member(member(&json, "worlds"), world.scope.name);
    add_to(world.scope, described);
    for (WitFunction& function : world.exported_functions)
      set_notes(function.notes, member(member(described, "func_exports"), function.name));
    add_to_references(package, world.imports, described, true);
    add_to_references(package, world.exports, described, false);
  }
  return {};
}

}  // namespace davit::wasm
