// Whether one type can stand where another is expected (component-model Subtyping.md), and what an instantiation's
// arguments make of a component's resources.
#pragma once

#include <optional>
#include <string>

#include "wasm/component/type_store.hpp"

namespace davit::wasm {

/// Why not, or nothing if it can.
using Mismatch = std::optional<std::string>;

class Matcher {
 public:
  explicit Matcher(TypeStore& types) : types_(types) {}

  Mismatch mismatch(const Item& actual, const Item& expected);
  Mismatch mismatch(TypeId actual, TypeId expected);
  Mismatch module_mismatch(const CoreModuleType& actual, const CoreModuleType& expected);

  /// Checks given items against the wanted ones of a signature, whose resources at `places` are bound by what is given.
  /// @param map  takes what each resource and type of the signature stands for
  Mismatch open(const ItemList& given, const ItemList& wanted, const std::vector<ResourcePlace>& places, std::string_view what,
                Remapping& map);

 private:
  Mismatch labels(const Type& actual, const Type& expected);
  Mismatch function(const Type& actual, const Type& expected);
  Mismatch instance(TypeId actual, TypeId expected);
  Mismatch component(TypeId actual, TypeId expected);
  Mismatch optional(TypeId actual, TypeId expected, std::string_view what);
  void bind(const ItemList& given, const ItemList& wanted, const ResourcePlace& place, Remapping& map);
  void rename(const Item& given, const Item& wanted, Remapping& map);

  TypeStore& types_;
};

/// A module inside a component may name each import and export once only.
Mismatch find_duplicate(const CoreModuleType& shape);

std::string_view to_text(TypeKind kind);

}  // namespace davit::wasm
