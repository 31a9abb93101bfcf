// Names of the component level (component-model Explainer.md, "Import and Export Definitions"; Binary.md, "externname"):
// labels in kebab case, plain names that tell what a function is to a resource, and names of interfaces.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace davit::wasm {

/// `a-b2-CD`: fragments of one case, each beginning with a letter.
bool is_label(std::string_view text);
/// Semantic Versioning 2.0.0.
bool is_version(std::string_view text);

enum class NameKind : std::uint8_t { label, constructor, method, static_function, interface, dependency };
enum class Accessor : std::uint8_t { none, get, set };

/// The parts view the name.
struct ExternNameView {
  NameKind kind = NameKind::label;
  Accessor accessor = Accessor::none;
  std::string_view resource{};  ///< of constructor, method, static_function
  std::string_view label{};     ///< what remains of a plain name; of an interface name its last part
  std::string_view package{};   ///< `ns:pkg` of an interface name
  std::string_view version{};   ///< after the @ of an interface name
};

/// Nothing when the text is no name of an import or export. Whether a version is a version is not asked here.
std::optional<ExternNameView> parse_extern_name(std::string_view text);

/// Why text is no name, for a message.
std::string explain_bad_name(std::string_view text);

/// Names with the same key may not stand beside each other ("strongly unique").
std::string uniqueness_key(std::string_view text);

/// The canonical part of a full version: `1`, `0.2` or `0.0.3`; nothing if it has none.
std::optional<std::string> canonical_version(std::string_view full);

}  // namespace davit::wasm
