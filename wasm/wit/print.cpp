#include <algorithm>

#include "wasm/component/names.hpp"
#include "wasm/wit/decoder.hpp"
#include "wasm/wit/document.hpp"

namespace davit::wasm {
namespace {

class WitPrinter {
 public:
  explicit WitPrinter(const WitDocument& document) : document_(document) {}

  std::string print() {
    if (document_.main == nullptr) return "";
    docs(document_.main->docs);
    line("package " + package_name(*document_.main) + ";");
    body(*document_.main);
    for (const WitPackage& package : document_.packages) {
      if (&package == document_.main || (package.interfaces.empty() && package.worlds.empty())) continue;
      gap();
      open("package " + package_name(package));
      body(package);
      close();
    }
    return std::move(out_);
  }

 private:
  // Parts of package names can be words of WIT as well.
  static std::string package_name(const WitPackage& package) {
    const std::size_t colon = package.name.find(':');
    return escape_wit_name(package.name.substr(0, colon)) + ":" + escape_wit_name(package.name.substr(colon + 1)) +
           (package.version.empty() ? "" : "@" + package.version);
  }

  void line(const std::string& text) {
    out_ += std::string(indent_ * 2, ' ') + text + "\n";
    at_start_ = false;
  }
  void gap() {
    if (!at_start_) out_ += "\n";
  }
  void open(const std::string& head) {
    line(head + " {");
    ++indent_;
    at_start_ = true;
  }
  void close() {
    --indent_;
    line("}");
  }
  void docs(const std::string& text) {
    if (text.empty()) return;
    std::size_t start = 0;
    while (start <= text.size()) {
      const std::size_t end = std::min(text.find('\n', start), text.size());
      const std::string part = text.substr(start, end - start);
      line(part.empty() ? "///" : "/// " + part);
      start = end + 1;
    }
  }
  void notes(const WitNotes& notes) {
    docs(notes.docs);
    if (!notes.since.empty()) line("@since(version = " + notes.since + ")");
    if (!notes.feature.empty()) line("@unstable(feature = " + notes.feature + ")");
    if (!notes.deprecated.empty()) line("@deprecated(version = " + notes.deprecated + ")");
    if (!notes.external_id.empty()) line("@external-id(\"" + notes.external_id + "\")");
  }

  std::string path(const WitScope& target) const {
    if (target.package == current_) return escape_wit_name(target.name);
    const std::string version = target.package->version.empty() ? "" : "@" + target.package->version;
    const std::size_t colon = target.package->name.find(':');
    return escape_wit_name(target.package->name.substr(0, colon)) + ":" + escape_wit_name(target.package->name.substr(colon + 1)) + "/" +
           escape_wit_name(target.name) + version;
  }

  void uses(const WitScope& scope) {
    std::vector<const WitScope*> done;
    for (const WitUse& use : scope.uses) {
      if (std::ranges::find(done, use.owner) != done.end()) continue;
      done.push_back(use.owner);
      std::string names;
      for (const WitUse& other : scope.uses) {
        if (other.owner != use.owner) continue;
        if (!names.empty()) names += ", ";
        names += escape_wit_name(other.name);
        if (other.alias != other.name) names += " as " + escape_wit_name(other.alias);
      }
      line("use " + path(*use.owner) + ".{" + names + "};");
    }
  }

  static std::string signature(const WitFunction& function, bool skip_self) {
    std::string text = "(";
    bool is_first = true;
    for (std::size_t i = skip_self ? 1 : 0; i < function.parameters.size(); ++i) {
      if (!is_first) text += ", ";
      is_first = false;
      text += escape_wit_name(function.parameters[i].name) + ": " + function.parameters[i].type;
    }
    return text + ")";
  }

  static std::string function_type(const WitFunction& function, bool skip_self) {
    return (function.is_async ? "async func" : "func") + signature(function, skip_self) +
           (function.result.empty() ? "" : " -> " + function.result);
  }

  void resource(const WitType& type, const std::vector<WitFunction>& functions) {
    std::vector<std::pair<const WitFunction*, ExternNameView>> members;
    for (const WitFunction& function : functions) {
      const std::optional<ExternNameView> name = parse_extern_name(function.name);
      if (name && !name->resource.empty() && name->resource == type.name) members.emplace_back(&function, *name);
    }
    if (members.empty()) return line("resource " + escape_wit_name(type.name) + ";");
    open("resource " + escape_wit_name(type.name));
    for (const auto& [function, name] : members) {
      notes(function->notes);
      if (name.kind == NameKind::constructor) {
        const bool is_plain = function->result == escape_wit_name(type.name);
        line("constructor" + signature(*function, false) + (is_plain ? "" : " -> " + function->result) + ";");
        continue;
      }
      const bool is_static = name.kind == NameKind::static_function;
      line(escape_wit_name(name.label) + ": " + (is_static ? "static " : "") + function_type(*function, !is_static) + ";");
    }
    close();
  }

  void type(const WitType& type, const std::vector<WitFunction>& functions) {
    gap();
    notes(type.notes);
    const std::string name = escape_wit_name(type.name);
    switch (type.kind) {
      case WitTypeKind::alias: return line("type " + name + " = " + type.alias + ";");
      case WitTypeKind::resource: return resource(type, functions);
      case WitTypeKind::record: open("record " + name); break;
      case WitTypeKind::variant: open("variant " + name); break;
      case WitTypeKind::flags: open("flags " + name); break;
      case WitTypeKind::enumeration: open("enum " + name); break;
    }
    for (const WitField& field : type.fields) {
      docs(field.docs);
      std::string text = escape_wit_name(field.name);
      if (type.kind == WitTypeKind::record) text += ": " + field.type;
      else if (!field.type.empty()) text += "(" + field.type + ")";
      line(text + ",");
    }
    close();
  }

  // Functions of resources stand with the resource.
  void functions(const std::vector<WitFunction>& list, const std::string& prefix) {
    for (const WitFunction& function : list) {
      const std::optional<ExternNameView> name = parse_extern_name(function.name);
      if (name && !name->resource.empty()) continue;
      gap();
      notes(function.notes);
      line(prefix + escape_wit_name(function.name) + ": " + function_type(function, false) + ";");
    }
  }

  void content(const WitScope& scope) {
    uses(scope);
    for (const WitType& entry : scope.types) type(entry, scope.functions);
  }

  void reference(const WitReference& entry, const std::string& way) {
    notes(entry.notes);
    if (!entry.is_inline) {
      line(way + " " + (entry.label.empty() ? "" : escape_wit_name(entry.label) + ": ") + path(*entry.interface) + ";");
      return;
    }
    open(way + " " + escape_wit_name(entry.label) + ": interface");
    content(*entry.interface);
    functions(entry.interface->functions, "");
    close();
  }

  void body(const WitPackage& package) {
    current_ = &package;
    for (const WitScope& scope : package.interfaces) {
      gap();
      notes(scope.notes);
      open("interface " + escape_wit_name(scope.name));
      content(scope);
      functions(scope.functions, "");
      close();
    }
    for (const WitWorld& world : package.worlds) {
      gap();
      notes(world.scope.notes);
      open("world " + escape_wit_name(world.scope.name));
      for (const WitReference& entry : world.imports) reference(entry, "import");
      content(world.scope);
      functions(world.scope.functions, "import ");
      for (const WitReference& entry : world.exports) reference(entry, "export");
      functions(world.exported_functions, "export ");
      close();
    }
  }

  const WitDocument& document_;
  const WitPackage* current_ = nullptr;  ///< the one being printed
  std::string out_{};
  std::size_t indent_ = 0;
  bool at_start_ = false;
};

}  // namespace

std::string print_wit(const WitDocument& document) { return WitPrinter(document).print(); }

}  // namespace davit::wasm
