// WIT (component-model WIT.md) as a document: packages of interfaces and worlds, ready to be printed. Types inside are
// text already, in the names that their scope knows.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "manifests/result.hpp"

namespace davit::wasm {

struct WitPackage;
struct WitScope;

/// What stands above an item.
struct WitNotes {
  std::string docs{};
  std::string since{};    ///< version of `@since`
  std::string feature{};  ///< name in `@unstable`
  std::string deprecated{};
  std::string external_id{};
};

/// A field, case, flag, enum case or parameter.
struct WitField {
  std::string name;
  std::string type{};  ///< empty where there is none
  std::string docs{};
};

enum class WitTypeKind : std::uint8_t { record, variant, flags, enumeration, resource, alias };

struct WitType {
  std::string name;
  WitTypeKind kind = WitTypeKind::alias;
  std::vector<WitField> fields{};
  std::string alias{};  ///< what an alias stands for
  WitNotes notes{};
};

struct WitFunction {
  std::string name;  ///< as in the binary: `[method]r.f`
  std::vector<WitField> parameters{};
  std::string result{};
  bool is_async = false;
  WitNotes notes{};
};

/// `use owner.{name as alias}`
struct WitUse {
  const WitScope* owner;
  std::string name;
  std::string alias;
};

/// What can own types: an interface, or a world by its imports.
struct WitScope {
  const WitPackage* package = nullptr;
  std::string name{};
  bool is_interface = true;  ///< with a name of its own, so that others can use its types
  std::vector<WitUse> uses{};
  std::vector<WitType> types{};
  std::vector<WitFunction> functions{};
  WitNotes notes{};
};

/// An instance that a world imports or exports: an interface, under a name of its own or not, or one written in place.
struct WitReference {
  std::string label{};  ///< empty for an interface under its own name
  const WitScope* interface = nullptr;
  bool is_inline = false;
  WitNotes notes{};
};

struct WitWorld {
  WitScope scope{};  ///< types and imported functions
  std::vector<WitReference> imports{};
  std::vector<WitReference> exports{};
  std::vector<WitFunction> exported_functions{};
};

struct WitPackage {
  std::string name;  ///< `ns:pkg`
  std::string version{};
  std::string docs{};
  std::deque<WitScope> interfaces{};
  std::deque<WitScope> inlined{};  ///< written in place; not interfaces of the package
  std::deque<WitWorld> worlds{};
};

/// Packages in the order in which they were met; their addresses stay.
struct WitDocument {
  std::deque<WitPackage> packages{};
  WitPackage* main = nullptr;
};

/// The text of a whole document: the main package first, others as nested packages.
std::string print_wit(const WitDocument& document);

/// Adds what a `package-docs` section says.
/// Errors: malformed, unsupported (its version)
Result<void> add_docs(WitDocument& document, std::string_view section);

}  // namespace davit::wasm
