// The types of a component, resolved: what an index of any scope, an alias or an import means.
//
// Types are nodes, named by number. A type that is imported, exported or aliased under a name of its own gets a node
// of its own that is linked to the one it equals (`alias_of`), since the names decide what may stand in a signature
// and what WIT calls a type. Resources are abstract: two are the same only if their ResourceId is. Signatures that
// bring resources along (instance types, components) are opened by substituting fresh ones: `remap`.
//
// The work that a file can ask for is bounded by a budget, since a small file may describe types of exponential size.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "wasm/component/sort.hpp"
#include "wasm/core_type_store.hpp"
#include "wasm/limits.hpp"

namespace davit::wasm {

using TypeId = std::uint32_t;
using ResourceId = std::uint32_t;
inline constexpr TypeId k_no_type = UINT32_MAX;

enum class TypeKind : std::uint8_t {
  primitive,
  record,
  variant,
  list,
  fixed_list,
  tuple,
  flags,
  enumeration,
  option,
  result,
  own,
  borrow,
  stream,
  future,
  map,
  function,
  resource,
  instance,
  component
};

/// A field, case, flag, enum case or parameter.
struct Label {
  std::string name;
  TypeId type = k_no_type;
};

/// An import or export with its type.
struct Item {
  std::string name;
  Sort sort = Sort::type;
  std::uint32_t type = k_no_type;        ///< a TypeId; of a core module its number in the store
  std::uint32_t referenced = k_no_type;  ///< of a type: the node that it was declared equal to, or itself
  std::string implements{};              ///< the interface that a plainly named instance stands for
  std::string external_id{};
};

/// Items in file order that can be found by name.
struct ItemList {
  std::vector<Item> items{};
  std::vector<std::uint32_t> by_name{};  ///< set by `sort_names`

  void sort_names();
  [[nodiscard]] const Item* find(std::string_view name) const;
};

/// A resource of a signature and where in it the resource is: an item, then an export of it, and so on.
struct ResourcePlace {
  ResourceId resource;
  std::vector<std::uint32_t> path{};
};

/// What an instance type or component type says.
struct Signature {
  ItemList imports{};
  ItemList exports{};
  std::vector<ResourcePlace> imported{};
  std::vector<ResourcePlace> defined{};  ///< fresh with every instance
};

struct Type {
  TypeKind kind = TypeKind::primitive;
  std::uint8_t primitive = 0;  ///< the byte on the wire
  bool is_async = false;
  bool has_resource = false;
  bool has_borrow = false;
  bool has_handle = false;
  bool has_pointer = false;  ///< a string or list somewhere
  std::uint32_t length = 0;  ///< of a fixed list
  std::uint32_t size = 1;    ///< nodes, counted as often as they are met
  std::uint32_t depth = 1;
  TypeId first = k_no_type;   ///< element, ok, key, the resource of a handle, or the result of a function
  TypeId second = k_no_type;  ///< error, value
  TypeId alias_of = k_no_type;
  ResourceId resource = 0;
  std::uint32_t signature = 0;  ///< of an instance or component
  std::vector<Label> labels{};
};

/// What to put in place of what. `types` is a memory of what was done as well.
struct Remapping {
  std::unordered_map<ResourceId, ResourceId> resources{};
  std::unordered_map<TypeId, TypeId> types{};
  bool renames_types = false;  ///< whether `types` held something to begin with
};

class TypeStore {
 public:
  explicit TypeStore(const Limits& limits);

  [[nodiscard]] const Type& at(TypeId id) const { return types_[id]; }
  [[nodiscard]] const Signature& signature(TypeId id) const { return signatures_[types_[id].signature]; }
  /// The node of a primitive that stands without a definition.
  [[nodiscard]] TypeId primitive(std::uint8_t code) const;
  [[nodiscard]] bool is_primitive(TypeId id, std::uint8_t code) const {
    return types_[id].kind == TypeKind::primitive && types_[id].primitive == code;
  }
  TypeId add(Type type);
  TypeId add_signature(TypeKind kind, Signature signature);
  TypeId add_resource();
  /// A node of its own for the same type.
  TypeId add_alias(TypeId of);
  /// The last node of a chain of aliases.
  [[nodiscard]] TypeId resolve(TypeId id) const;

  TypeId remap(TypeId id, Remapping& map);
  void remap(Item& item, Remapping& map);
  ResourceId fresh_resource() { return next_resource_++; }
  /// Resources that a type mentions and does not define itself.
  void collect_free(TypeId id, std::unordered_set<ResourceId>& found) const;
  void collect_free(const ItemList& items, std::unordered_set<ResourceId>& found) const;
  /// Where each of the wanted resources is exported.
  [[nodiscard]] std::vector<ResourcePlace> places(const ItemList& exports, const std::vector<ResourceId>& wanted) const;

  /// Set when a file asks for types that are too many, too large or too deep. Then answers mean nothing.
  [[nodiscard]] const std::optional<std::string>& failure() const { return failure_; }
  /// Takes from the budget; false when there is none left.
  bool spend(std::uint64_t steps) const;

  CoreTypeStore core{};
  std::vector<CoreModuleType> core_shapes{};  ///< of core modules, and of core instances as exports only
  std::vector<CoreEntity> core_entities{};

 private:
  void measure(Type& type, TypeId part);
  void measure(Type& type, const ItemList& items);
  void free_of(TypeId id, std::unordered_set<ResourceId>& found, std::unordered_set<TypeId>& seen) const;
  void free_of(const ItemList& items, std::unordered_set<ResourceId>& found, std::unordered_set<TypeId>& seen) const;
  TypeId remap_signature(TypeId id, Remapping& map);
  void fail(std::string why) const;

  Limits limits_;
  std::vector<Type> types_{};
  std::vector<Signature> signatures_{};
  ResourceId next_resource_ = 1;
  mutable std::uint64_t budget_;
  mutable std::optional<std::string> failure_{};
};

}  // namespace davit::wasm
