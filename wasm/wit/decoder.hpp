// From the resolved types of a component to WIT.
//
// A named type is the node that its export or import made. What a node means in a scope: its name if the scope owns
// it, a `use` if another does, and what it is made of if it has no name.
#pragma once

#include <unordered_map>

#include "wasm/component/matching.hpp"
#include "wasm/component/names.hpp"
#include "wasm/wit/document.hpp"

namespace davit::wasm {

class WitDecoder {
 public:
  explicit WitDecoder(TypeStore& types, const Limits& limits) : types_(types), limits_(limits) {}

  /// A component that exports nothing but types of interfaces and worlds.
  Result<void> add_package(TypeId component);
  /// A component that can be instantiated: becomes world `root` of package `root:component`.
  Result<void> add_component(TypeId component);
  /// Adds a world of all worlds, `root` of package `root:root`.
  void join_worlds();
  WitDocument take() { return std::move(document_); }

 private:
  struct Owned {
    const WitScope* owner;
    std::string name;
  };

  WitPackage& package(std::string_view name, std::string_view version);
  WitScope& interface(const ExternNameView& name);
  WitWorld& world(const ExternNameView& name);
  Result<void> decode_interface(WitScope& scope, TypeId instance);
  Result<void> decode_world(WitWorld& world, const Signature& signature);
  Result<WitReference> reference(WitWorld& world, const Item& item);
  Result<void> add_type(WitScope& scope, const Item& item);
  Result<void> define(WitScope& scope, WitType& type, TypeId id);
  Result<WitFunction> function(WitScope& scope, const Item& item);
  Result<std::string> text(WitScope& scope, TypeId id);
  Result<std::string> structure(WitScope& scope, TypeId id);
  Result<std::string> optional_text(WitScope& scope, TypeId id);
  static Error foreign(const WitScope& scope, const Owned& owned);
  std::string name_in(WitScope& scope, const Owned& owned);
  const Owned* find_owned(TypeId id) const;
  Result<void> spend(std::size_t bytes);

  TypeStore& types_;
  const Limits& limits_;
  WitDocument document_{};
  std::unordered_map<TypeId, Owned> owned_{};
  std::map<std::string, WitPackage*, std::less<>> packages_{};
  std::map<std::pair<const WitPackage*, std::string>, WitScope*> interfaces_{};
  std::size_t written_ = 0;
};

/// A name that is also a word of WIT is written with a `%`.
std::string escape_wit_name(std::string_view name);

}  // namespace davit::wasm
