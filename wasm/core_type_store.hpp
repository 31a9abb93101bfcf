// What core types mean apart from the module that writes them down: recursion groups that are written alike are one
// (WebAssembly core 3.0 §3.1, "rolling"), so types of different modules can be compared by number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace davit::wasm {

enum class TypeForm : std::uint8_t { function, structure, array, continuation, component_level };

using CoreTypeId = std::uint32_t;
inline constexpr CoreTypeId k_no_core_type = UINT32_MAX;

/// A value, packed or reference type. Shorthands such as `funcref` are spelled out.
struct CoreValueType {
  std::uint8_t code = 0;   ///< 0x7b to 0x7f, 0x77, 0x78, or 0x63 (nullable reference) or 0x64
  bool is_shared = false;  ///< of an abstract heap type
  std::int64_t heap = 0;   ///< of a reference: a CoreTypeId, or minus the code of an abstract heap type
  friend bool operator==(const CoreValueType&, const CoreValueType&) = default;
};

struct CoreField {
  CoreValueType type{};
  bool is_mutable = false;
  friend bool operator==(const CoreField&, const CoreField&) = default;
};

/// One type. Inside a recursion group that is being read, ids from `k_inside_group` on are places in the group.
struct CoreType {
  TypeForm form = TypeForm::function;
  bool is_final = true;
  bool is_shared = false;
  CoreTypeId parent = k_no_core_type;
  CoreTypeId continues = k_no_core_type;   ///< function type of a continuation
  CoreTypeId describes = k_no_core_type;   ///< custom descriptors: what this type describes
  CoreTypeId descriptor = k_no_core_type;  ///< … and what describes it
  std::vector<CoreField> fields{};         ///< of a structure or array; parameters of a function
  std::vector<CoreValueType> results{};    ///< of a function
};
inline constexpr std::int64_t k_inside_group = std::int64_t{1} << 32U;

/// A core import or export with its full type.
struct CoreEntity {
  enum class Kind : std::uint8_t { function, table, memory, global, tag };
  Kind kind = Kind::function;
  CoreTypeId type = k_no_core_type;  ///< of a function or tag
  CoreValueType value{};             ///< of a table's elements or a global
  bool is_mutable = false;
  bool is_wide = false;
  bool is_shared = false;
  std::uint32_t page_bits = 16;
  std::uint64_t minimum = 0;
  std::optional<std::uint64_t> maximum{};
};

struct CoreImport {
  std::string module;
  std::string name;
  CoreEntity entity;
};

struct CoreExport {
  std::string name;
  CoreEntity entity;
};

/// The type of a module, or with no imports of a core instance.
struct CoreModuleType {
  std::vector<CoreImport> imports{};
  std::vector<CoreExport> exports{};
};

class CoreTypeStore {
 public:
  /// Adds a recursion group, or finds an equal one.
  /// @return the id of its first member; the others follow
  CoreTypeId intern(std::vector<CoreType> group);
  CoreTypeId intern_function(const std::vector<std::uint8_t>& parameters, const std::vector<std::uint8_t>& results);
  [[nodiscard]] const CoreType& at(CoreTypeId id) const { return types_[id]; }

  [[nodiscard]] bool is_subtype(const CoreValueType& sub, const CoreValueType& super) const;
  [[nodiscard]] bool is_subtype(CoreTypeId sub, CoreTypeId super) const;
  /// Whether a declared subtype has the shape that its parent asks for.
  [[nodiscard]] bool extends(const CoreType& sub, const CoreType& super) const;
  /// Why an entity cannot stand where another is expected; nothing if it can.
  [[nodiscard]] std::optional<std::string> mismatch(const CoreEntity& actual, const CoreEntity& expected) const;
  [[nodiscard]] std::string describe(CoreTypeId function) const;

 private:
  [[nodiscard]] bool is_heap_subtype(std::int64_t sub, std::int64_t super) const;
  [[nodiscard]] std::uint8_t top_of(CoreTypeId id) const;

  std::vector<CoreType> types_{};
  std::unordered_map<std::string, CoreTypeId> groups_{};
};

std::string_view to_text(CoreEntity::Kind kind);
std::string to_text(const CoreValueType& type);

}  // namespace davit::wasm
