#include "wasm/wit/decoder.hpp"

#include <algorithm>
#include <array>

namespace davit::wasm {
namespace {

std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

bool is_named_kind(TypeKind kind) {
  return kind == TypeKind::record || kind == TypeKind::variant || kind == TypeKind::flags || kind == TypeKind::enumeration ||
         kind == TypeKind::resource;
}

std::string_view primitive_name(std::uint8_t code) {
  static constexpr std::array<std::string_view, 13> k_names = {"string", "char", "f64", "f32", "u64", "s64", "u32",
                                                               "s32",    "u16",  "s16", "u8",  "s8",  "bool"};
  return code < 0x73 ? "error-context" : k_names[code - 0x73U];
}

template <typename Items>
bool has_name(const Items& items, std::string_view name) {
  return std::ranges::any_of(items, [&](const auto& item) { return item.name == name; });
}

}  // namespace

Result<void> WitDecoder::spend(std::size_t bytes) {
  written_ += bytes;
  if (written_ > limits_.wit_bytes)
    return fail(ErrorCode::limit, "the WIT text is over the limit of " + std::to_string(limits_.wit_bytes) + " bytes");
  return {};
}

WitPackage& WitDecoder::package(std::string_view name, std::string_view version) {
  const std::string key = std::string(name) + "@" + std::string(version);
  WitPackage*& known = packages_[key];
  if (known == nullptr) {
    document_.packages.push_back({.name = std::string(name), .version = std::string(version)});
    known = &document_.packages.back();
  }
  return *known;
}

WitScope& WitDecoder::interface(const ExternNameView& name) {
  WitPackage& holder = package(name.package, name.version);
  WitScope*& known = interfaces_[{&holder, std::string(name.label)}];
  if (known == nullptr) {
    holder.interfaces.push_back({.package = &holder, .name = std::string(name.label)});
    known = &holder.interfaces.back();
  }
  return *known;
}

WitWorld& WitDecoder::world(const ExternNameView& name) {
  WitPackage& holder = package(name.package, name.version);
  for (WitWorld& known : holder.worlds) {
    if (known.scope.name == name.label) return known;
  }
  holder.worlds.push_back({.scope = {.package = &holder, .name = std::string(name.label), .is_interface = false}});
  return holder.worlds.back();
}

const WitDecoder::Owned* WitDecoder::find_owned(TypeId id) const {
  while (id != k_no_type) {
    if (const auto found = owned_.find(id); found != owned_.end()) return &found->second;
    id = types_.at(id).alias_of;
  }
  return nullptr;
}

std::string WitDecoder::name_in(WitScope& scope, const Owned& owned) {
  if (owned.owner == &scope) return owned.name;
  for (const WitUse& use : scope.uses) {
    if (use.owner == owned.owner && use.name == owned.name) return use.alias;
  }
  std::string alias = owned.name;
  const auto is_taken = [&] {
    return has_name(scope.types, alias) || has_name(scope.functions, alias) ||
           std::ranges::any_of(scope.uses, [&](const WitUse& use) { return use.alias == alias; });
  };
  for (unsigned i = 2; is_taken(); ++i) alias = owned.name + "-x" + std::to_string(i);
  scope.uses.push_back({owned.owner, owned.name, alias});
  return alias;
}

// Only interfaces with a name of their own can lend types.
Error WitDecoder::foreign(const WitScope& scope, const Owned& owned) {
  return fail(ErrorCode::unsupported, "type " + quoted(owned.name) + " of " + quoted(owned.owner->name) + " is used in " +
                                          quoted(scope.name) + ", which WIT cannot express");
}

Result<std::string> WitDecoder::text(WitScope& scope, TypeId id) {
  if (const Owned* owned = find_owned(id); owned != nullptr) {
    if (owned->owner != &scope && !owned->owner->is_interface) return foreign(scope, *owned);
    return escape_wit_name(name_in(scope, *owned));
  }
  return structure(scope, id);
}

Result<std::string> WitDecoder::optional_text(WitScope& scope, TypeId id) {
  if (id == k_no_type) return std::string();
  return text(scope, id);
}

// The text of a type that has no name.
Result<std::string> WitDecoder::structure(WitScope& scope, TypeId id) {
  const Type& type = types_.at(id);
  if (is_named_kind(type.kind))
    return fail(ErrorCode::unsupported, "a " + std::string(to_text(type.kind)) + " without a name, which WIT cannot express");
  TRY_ASSIGN(const std::string first, optional_text(scope, type.first));
  TRY_ASSIGN(const std::string second, optional_text(scope, type.second));
  std::string result;
  switch (type.kind) {
    case TypeKind::primitive: return std::string(primitive_name(type.primitive));
    case TypeKind::list: result = "list<" + first + ">"; break;
    case TypeKind::fixed_list: result = "list<" + first + ", " + std::to_string(type.length) + ">"; break;
    case TypeKind::option: result = "option<" + first + ">"; break;
    case TypeKind::map: result = "map<" + first + ", " + second + ">"; break;
    case TypeKind::own: result = first; break;
    case TypeKind::borrow: result = "borrow<" + first + ">"; break;
    case TypeKind::stream: result = first.empty() ? "stream" : "stream<" + first + ">"; break;
    case TypeKind::future: result = first.empty() ? "future" : "future<" + first + ">"; break;
    case TypeKind::result:
      if (first.empty() && second.empty()) result = "result";
      else if (second.empty()) result = "result<" + first + ">";
      else result = "result<" + (first.empty() ? "_" : first) + ", " + second + ">";
      break;
    case TypeKind::tuple:
      for (const Label& label : type.labels) {
        TRY_ASSIGN(const std::string part, text(scope, label.type));
        result += (result.empty() ? "tuple<" : ", ") + part;
      }
      result += ">";
      break;
    default: return fail(ErrorCode::unsupported, "a " + std::string(to_text(type.kind)) + " as a value, which WIT cannot express");
  }
  TRY(spend(result.size()));
  return result;
}

Result<void> WitDecoder::define(WitScope& scope, WitType& type, TypeId id) {
  const Type& node = types_.at(id);
  switch (node.kind) {
    case TypeKind::record: type.kind = WitTypeKind::record; break;
    case TypeKind::variant: type.kind = WitTypeKind::variant; break;
    case TypeKind::flags: type.kind = WitTypeKind::flags; break;
    case TypeKind::enumeration: type.kind = WitTypeKind::enumeration; break;
    case TypeKind::resource: type.kind = WitTypeKind::resource; return {};
    case TypeKind::function:
    case TypeKind::instance:
    case TypeKind::component:
      return fail(ErrorCode::unsupported,
                  "type " + quoted(type.name) + " is a " + std::string(to_text(node.kind)) + " type, which WIT cannot express");
    default: {
      TRY_ASSIGN(type.alias, structure(scope, id));
      return {};
    }
  }
  for (const Label& label : node.labels) {
    TRY_ASSIGN(std::string part, optional_text(scope, label.type));
    TRY(spend(part.size() + label.name.size()));
    type.fields.push_back({.name = label.name, .type = std::move(part)});
  }
  return {};
}

// A name for a type: the first to have it defines it; in a scope that was met before, it is the same type again.
Result<void> WitDecoder::add_type(WitScope& scope, const Item& item) {
  const bool is_known = has_name(scope.types, item.name) || std::ranges::find(scope.uses, item.name, &WitUse::alias) != scope.uses.end();
  if (is_known) {
    owned_.insert_or_assign(item.type, Owned{&scope, item.name});
    return {};
  }
  TRY(spend(item.name.size()));
  WitType type{.name = item.name, .notes = {.external_id = item.external_id}};
  const TypeId origin = item.referenced == item.type ? types_.at(item.type).alias_of : item.referenced;
  const Owned* owned = find_owned(origin);
  if (owned == nullptr) {
    TRY(define(scope, type, types_.resolve(item.referenced)));
  } else if (owned->owner != &scope && owned->owner->is_interface) {
    scope.uses.push_back({owned->owner, owned->name, item.name});
    owned_.insert_or_assign(item.type, Owned{&scope, item.name});
    return {};
  } else if (owned->owner != &scope) {
    return foreign(scope, *owned);
  } else {
    type.alias = escape_wit_name(name_in(scope, *owned));
  }
  scope.types.push_back(std::move(type));
  owned_.insert_or_assign(item.type, Owned{&scope, item.name});
  return {};
}

Result<WitFunction> WitDecoder::function(WitScope& scope, const Item& item) {
  const Type& type = types_.at(item.type);
  WitFunction function{.name = item.name, .is_async = type.is_async, .notes = {.external_id = item.external_id}};
  for (const Label& label : type.labels) {
    TRY_ASSIGN(std::string part, text(scope, label.type));
    TRY(spend(part.size() + label.name.size()));
    function.parameters.push_back({.name = label.name, .type = std::move(part)});
  }
  TRY_ASSIGN(function.result, optional_text(scope, type.first));
  return function;
}

Result<void> WitDecoder::decode_interface(WitScope& scope, TypeId instance) {
  for (const Item& item : types_.signature(instance).exports.items) {
    if (item.sort == Sort::type) {
      TRY(add_type(scope, item));
    } else if (item.sort == Sort::function) {
      if (has_name(scope.functions, item.name)) continue;
      TRY_ASSIGN(WitFunction added, function(scope, item));
      scope.functions.push_back(std::move(added));
    } else {
      return fail(ErrorCode::unsupported, "interface " + quoted(scope.name) + " exports " + quoted(item.name) + ", a " +
                                              std::string(to_text(item.sort)) + ", which WIT cannot express");
    }
  }
  return {};
}

Result<WitReference> WitDecoder::reference(WitWorld& world, const Item& item) {
  WitReference result{.notes = {.external_id = item.external_id}};
  std::optional<ExternNameView> name = parse_extern_name(item.implements.empty() ? item.name : item.implements);
  if (!name) return fail(ErrorCode::malformed, "instance " + quoted(item.name) + " has no valid name");
  if (name->kind == NameKind::interface) {
    if (!item.implements.empty()) result.label = item.name;
    WitScope& scope = interface(*name);
    TRY(decode_interface(scope, item.type));
    result.interface = &scope;
    return result;
  }
  auto& inlined = packages_[world.scope.package->name + "@" + world.scope.package->version]->inlined;
  inlined.push_back({.package = world.scope.package, .name = item.name, .is_interface = false});
  result.label = item.name;
  result.is_inline = true;
  result.interface = &inlined.back();
  TRY(decode_interface(inlined.back(), item.type));
  return result;
}

Result<void> WitDecoder::decode_world(WitWorld& world, const Signature& signature) {
  const auto is_known = [](const std::vector<WitReference>& list, const WitReference& added) {
    return std::ranges::any_of(list, [&](const WitReference& entry) {
      return entry.label == added.label && (entry.interface == added.interface || (entry.is_inline && added.is_inline));
    });
  };
  for (const bool is_import : {true, false}) {
    for (const Item& item : (is_import ? signature.imports : signature.exports).items) {
      if (item.sort == Sort::instance) {
        TRY_ASSIGN(WitReference added, reference(world, item));
        auto& list = is_import ? world.imports : world.exports;
        if (!is_known(list, added)) list.push_back(std::move(added));
      } else if (item.sort == Sort::type && is_import) {
        TRY(add_type(world.scope, item));
      } else if (item.sort == Sort::function) {
        auto& list = is_import ? world.scope.functions : world.exported_functions;
        if (has_name(list, item.name)) continue;
        TRY_ASSIGN(WitFunction added, function(world.scope, item));
        list.push_back(std::move(added));
      } else if (!is_import) {
        return fail(ErrorCode::unsupported,
                    "the world exports " + quoted(item.name) + ", a " + std::string(to_text(item.sort)) + ", which WIT cannot express");
      }
    }
  }
  return {};
}

Result<void> WitDecoder::add_component(TypeId component) {
  const Signature signature = types_.signature(component);
  WitWorld& root = world({.kind = NameKind::interface, .label = "root", .package = "root:component"});
  document_.main = packages_["root:component@"];
  return decode_world(root, signature);
}

// The tool that makes a component of a module joins the worlds of all its sections; so does this. They stay as they are beside it.
void WitDecoder::join_worlds() {
  WitPackage& holder = package("root:root", "");
  holder.worlds.push_back({.scope = {.package = &holder, .name = "root", .is_interface = false}});
  WitWorld& root = holder.worlds.back();
  const auto append_new = [](auto& to, const auto& from, auto name) {
    for (const auto& entry : from) {
      if (std::ranges::find(to, name(entry), name) == to.end()) to.push_back(entry);
    }
  };
  const auto reference_name = [](const WitReference& entry) { return std::pair(entry.label, entry.is_inline ? nullptr : entry.interface); };
  const auto plain_name = [](const auto& entry) { return entry.name; };
  for (const WitPackage& other : document_.packages) {
    if (&other == &holder) continue;
    for (const WitWorld& world : other.worlds) {
      append_new(root.imports, world.imports, reference_name);
      append_new(root.exports, world.exports, reference_name);
      append_new(root.scope.types, world.scope.types, plain_name);
      append_new(root.scope.functions, world.scope.functions, plain_name);
      append_new(root.exported_functions, world.exported_functions, plain_name);
      append_new(root.scope.uses, world.scope.uses, [](const WitUse& use) { return use.alias; });
    }
  }
  document_.main = &holder;
}

// Older packages hold all in one exported component; now each interface and world has one of its own.
Result<void> WitDecoder::add_package(TypeId component) {
  const Signature outer = types_.signature(component);
  for (const Item& entry : outer.exports.items) {
    const Signature inner = types_.signature(entry.type);
    for (const Item& import : inner.imports.items) {
      const std::optional<ExternNameView> name = parse_extern_name(import.name);
      if (!name || name->kind != NameKind::interface || import.sort != Sort::instance)
        return fail(ErrorCode::unsupported, "a WIT package that imports " + quoted(import.name));
      TRY(decode_interface(interface(*name), import.type));
    }
    for (const Item& item : inner.exports.items) {
      const std::optional<ExternNameView> full = parse_extern_name(item.name);
      std::optional<ExternNameView> name = full;
      if (!full || full->kind != NameKind::interface) {
        // The oldest form: plain names inside an export that is named after the package.
        const std::optional<ExternNameView> outer_name = parse_extern_name(entry.name);
        if (!outer_name || outer_name->kind != NameKind::interface)
          return fail(ErrorCode::unsupported, "a WIT package with an item named " + quoted(item.name));
        name = outer_name;
        name->label = item.name;
      }
      if (item.sort == Sort::instance) TRY(decode_interface(interface(*name), item.type));
      else if (item.sort == Sort::component) TRY(decode_world(world(*name), types_.signature(item.type)));
      else return fail(ErrorCode::unsupported, "a WIT package with " + quoted(item.name) + ", a " + std::string(to_text(item.sort)));
      if (document_.main == nullptr) document_.main = &package(name->package, name->version);
    }
  }
  return {};
}

std::string escape_wit_name(std::string_view name) {
  static constexpr std::array<std::string_view, 47> k_words = {
      "use",    "type",      "func",    "u8",      "u16",    "u32",      "u64",     "s8",     "s16",     "s32",         "s64",
      "f32",    "f64",       "float32", "float64", "char",   "resource", "record",  "flags",  "variant", "enum",        "bool",
      "string", "option",    "result",  "future",  "stream", "list",     "own",     "borrow", "_",       "as",          "from",
      "static", "interface", "tuple",   "world",   "import", "export",   "package", "with",   "include", "constructor", "error-context",
      "async",  "map",       "self"};
  const bool is_word = std::ranges::find(k_words, name) != k_words.end() && name != "self";
  return (is_word ? "%" : "") + std::string(name);
}

}  // namespace davit::wasm
