#include "wasm/component_reader.hpp"

#include <algorithm>
#include <set>

#include "manifests/encoding.hpp"
#include "wasm/component_observer.hpp"
#include "wasm/component_types.hpp"
#include "wasm/metadata.hpp"
#include "wasm/module_reader.hpp"

namespace davit::wasm {
namespace {

enum SectionId : std::uint8_t {
  k_custom,
  k_core_module,
  k_core_instance,
  k_core_type,
  k_component,
  k_instance,
  k_alias,
  k_type,
  k_canon,
  k_start,
  k_import,
  k_export
};

// One component being read. Its scope is pointed to by the type reader, so frames live in a deque.
struct Frame {
  SectionWalker walker;
  ComponentScope scope{};
  std::set<std::string, std::less<>> imported{};
  std::set<std::string, std::less<>> exported{};
  std::size_t nested_index = 0;  ///< of its NestedItem; unused for the outermost
};

class ComponentReader {
 public:
  ComponentReader(const Limits& limits, ReadDepth depth, BinarySummary& summary, ComponentObserver* observer)
      : limits_(limits), depth_(depth), summary_(summary), types_(limits), observer_(observer) {
    types_.observe(observer);
  }

  Result<void> read(ByteView component);

 private:
  Result<void> open(ByteView component, std::uint64_t base);
  Result<void> read_section(const SectionView& section);
  Result<void> read_nested_module(const SectionView& section);
  Result<void> add_nested(Kind kind, const SectionView& section);
  void read_entry(Cursor& cursor, std::uint8_t id);
  void read_entry_of(Cursor& cursor, std::uint8_t id);
  void read_core_instance(Cursor& cursor);
  void read_instance(Cursor& cursor);
  void read_canon(Cursor& cursor);
  void read_canon_builtin(Cursor& cursor, std::uint8_t code, std::uint64_t offset);
  void read_canon_options(Cursor& cursor);
  void read_flag(Cursor& cursor);
  void read_import(Cursor& cursor);
  void read_export(Cursor& cursor);
  [[nodiscard]] bool outermost() const { return frames_.size() == 1; }
  void finish();

  const Limits& limits_;
  ReadDepth depth_;
  BinarySummary& summary_;
  ComponentTypeReader types_;
  ComponentObserver* observer_;
  std::deque<Frame> frames_{};
  bool only_interface_exports_ = true;
  std::vector<std::string> interface_names_{};
};

Result<void> ComponentReader::open(ByteView component, std::uint64_t base) {
  TRY_ASSIGN(SectionWalker walker, SectionWalker::open(component, limits_, base));
  if (walker.kind() != Kind::component) return fail_at(ErrorCode::malformed, "a core module where a component is expected", base);
  if (frames_.size() >= limits_.depth)
    return fail_at(ErrorCode::limit, "components nested deeper than " + std::to_string(limits_.depth), base);
  frames_.push_back({.walker = walker});
  types_.scopes().push_back(&frames_.back().scope);
  if (observer_ != nullptr) observer_->enter_scope(true);
  return {};
}

Result<void> ComponentReader::read(ByteView component) {
  TRY(open(component, 0));
  while (!frames_.empty()) {
    TRY_ASSIGN(const std::optional<SectionView> section, frames_.back().walker.next());
    if (section) {
      TRY(read_section(*section));
      continue;
    }
    frames_.pop_back();
    types_.scopes().pop_back();
    if (observer_ != nullptr) observer_->leave_scope();
    if (frames_.empty()) break;
    Cursor none({});
    types_.append(none, Sort::component);
    TRY(none.status());
  }
  finish();
  return {};
}

Result<void> ComponentReader::add_nested(Kind kind, const SectionView& section) {
  if (summary_.nested.size() >= limits_.nested)
    return fail_at(ErrorCode::limit, "more than " + std::to_string(limits_.nested) + " nested modules and components", section.offset);
  summary_.nested.push_back({kind, {}, section.payload_offset, section.payload.size(), static_cast<std::uint32_t>(frames_.size())});
  return {};
}

Result<void> ComponentReader::read_nested_module(const SectionView& section) {
  TRY(add_nested(Kind::module, section));
  auto inner = read_module(section.payload, section.payload_offset, limits_, depth_);
  if (!inner) return std::move(inner).error();
  summary_.nested.back().name = inner->name;
  summary_.constructs.merge(inner->constructs);
  summary_.function_count += inner->function_count;
  summary_.code_bytes += inner->code_bytes;
  summary_.data_bytes += inner->data_bytes;
  summary_.custom_bytes += inner->custom_bytes;
  summary_.data_segment_count += inner->data_segment_count;
  for (const std::string& feature : inner->declared_features) summary_.declared_features.push_back(feature);
  Cursor none({});
  types_.append(none, Sort::core_module);
  return none.status();
}

Result<void> ComponentReader::read_section(const SectionView& section) {
  if (observer_ != nullptr) observer_->begin_section(section);
  if (outermost()) summary_.sections.push_back({std::string(section.name), section.offset, section.whole.size(), section.is_custom()});
  if (section.is_custom()) {
    summary_.custom_bytes += section.whole.size();
    if (outermost()) {
      read_metadata(section, summary_, limits_);
    } else {
      BinarySummary inner;
      read_metadata(section, inner, limits_);
      if (!inner.name.empty()) summary_.nested[frames_.back().nested_index].name = inner.name;
    }
    return {};
  }
  if (section.id == k_core_module) {
    return read_nested_module(section);
  }
  if (section.id == k_component) {
    TRY(add_nested(Kind::component, section));
    TRY(open(section.payload, section.payload_offset));
    frames_.back().nested_index = summary_.nested.size() - 1;
    return {};
  }
  Cursor cursor(section.payload, section.payload_offset);
  if (section.id == k_start) {
    if (observer_ != nullptr) observer_->begin_entry(cursor.offset());
    (void)types_.read_index(cursor, Sort::function);
    const std::uint32_t arguments = cursor.count(limits_.parameters, "start arguments");
    for (std::uint32_t i = 0; cursor.ok() && i < arguments; ++i) (void)types_.read_index(cursor, Sort::value);
    const std::uint32_t results = cursor.count(limits_.parameters, "start results");
    for (std::uint32_t i = 0; cursor.ok() && i < results; ++i) types_.append(cursor, Sort::value);
    if (observer_ != nullptr) observer_->end_entry(cursor.offset());
  } else {
    const std::uint32_t count = cursor.count(limits_.component_items, "entries");
    for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) read_entry(cursor, section.id);
  }
  cursor.expect_end(std::string(section.name) + " section");
  return cursor.status();
}

void ComponentReader::read_entry(Cursor& cursor, std::uint8_t id) {
  if (observer_ != nullptr) observer_->begin_entry(cursor.offset());
  read_entry_of(cursor, id);
  if (observer_ != nullptr) observer_->end_entry(cursor.offset());
}

void ComponentReader::read_entry_of(Cursor& cursor, std::uint8_t id) {
  switch (id) {
    case k_core_instance: return read_core_instance(cursor);
    case k_core_type: return types_.read_core_type(cursor);
    case k_instance: return read_instance(cursor);
    case k_alias: return types_.read_alias(cursor, false);
    case k_type: return types_.read_type(cursor);
    case k_canon: return read_canon(cursor);
    case k_import: return read_import(cursor);
    case k_export: return read_export(cursor);
    default: CHECK(false);
  }
}

void ComponentReader::read_core_instance(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t form = cursor.byte();
  if (cursor.ok() && form > 1) return cursor.fail_at(ErrorCode::malformed, "malformed core instance", offset);
  if (form == 0) (void)types_.read_index(cursor, Sort::core_module);
  const std::uint32_t count = cursor.count(limits_.component_items, "arguments");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    (void)cursor.name(limits_.name_bytes);
    const Sort sort = types_.read_core_sort(cursor);
    if (cursor.ok() && form == 0 && sort != Sort::core_instance)
      cursor.fail_at(ErrorCode::malformed, "a core instantiation takes instances only", offset);
    (void)types_.read_index(cursor, sort);
  }
  types_.append(cursor, Sort::core_instance);
}

void ComponentReader::read_instance(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t form = cursor.byte();
  if (cursor.ok() && form > 1) return cursor.fail_at(ErrorCode::malformed, "malformed instance", offset);
  if (form == 0) (void)types_.read_index(cursor, Sort::component);
  const std::uint32_t count = cursor.count(limits_.component_items, "arguments");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    if (form == 0) (void)cursor.name(limits_.name_bytes);
    else (void)types_.read_name(cursor);
    const Sort sort = types_.read_sort(cursor);
    (void)types_.read_index(cursor, sort);
  }
  types_.append(cursor, Sort::instance);
}

void ComponentReader::read_canon_options(Cursor& cursor) {
  const std::uint32_t count = cursor.count(10, "canonical options");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const std::uint64_t offset = cursor.offset();
    switch (const std::uint8_t code = cursor.byte(); code) {
      case 0x00:
      case 0x01:
      case 0x02:
      case 0x06: break;
      case 0x03: (void)types_.read_index(cursor, Sort::core_memory); break;
      case 0x04:
      case 0x05:
      case 0x07: (void)types_.read_index(cursor, Sort::core_function); break;
      default: cursor.fail_at(ErrorCode::malformed, "unknown canonical option " + std::to_string(code), offset);
    }
  }
}

void ComponentReader::read_flag(Cursor& cursor) {
  if (cursor.byte() > 1 && cursor.ok()) cursor.malformed("malformed flag byte");
}

// Component-model Binary.md, "Canonical Definitions". All but lift make one core function.
void ComponentReader::read_canon_builtin(Cursor& cursor, std::uint8_t code, std::uint64_t offset) {
  const auto type = [&] { (void)types_.read_index(cursor, Sort::type); };
  switch (code) {
    case 0x02:
    case 0x03:
    case 0x04:
    case 0x0e:
    case 0x13:
    case 0x14:
    case 0x15:
    case 0x1a:
    case 0x1b: return type();
    case 0x05:
    case 0x0d:
    case 0x1e:
    case 0x1f:
    case 0x22:
    case 0x23:
    case 0x24:
    case 0x25:
    case 0x26:
    case 0x28: return;
    case 0x06:
    case 0x0c:
    case 0x29:
    case 0x2a:
    case 0x2b:
    case 0x2c:
    case 0x2d: return read_flag(cursor);
    case 0x09: {
      const std::uint8_t form = cursor.byte();
      if (form == 0) types_.read_value_type(cursor);
      else if (cursor.ok() && (form != 1 || cursor.byte() != 0))
        return cursor.fail_at(ErrorCode::malformed, "malformed task result", offset);
      return read_canon_options(cursor);
    }
    case 0x0a:
    case 0x0b:
      if (const std::uint8_t value = cursor.byte(); cursor.ok() && value != 0x7f && value != 0x7e)
        cursor.fail_at(ErrorCode::malformed, "malformed context type", offset);
      (void)cursor.u32();
      return;
    case 0x0f:
    case 0x10:
    case 0x16:
    case 0x17: type(); return read_canon_options(cursor);
    case 0x11:
    case 0x12:
    case 0x18:
    case 0x19: type(); return read_flag(cursor);
    case 0x1c:
    case 0x1d: return read_canon_options(cursor);
    case 0x20:
    case 0x21:
      read_flag(cursor);
      (void)types_.read_index(cursor, Sort::core_memory);
      return;
    case 0x27:
      (void)types_.read_index(cursor, Sort::core_type);
      (void)types_.read_index(cursor, Sort::core_table);
      return;
    case 0x40:
      read_flag(cursor);
      (void)types_.read_index(cursor, Sort::core_type);
      return;
    case 0x41:
      read_flag(cursor);
      (void)types_.read_index(cursor, Sort::core_type);
      (void)types_.read_index(cursor, Sort::core_table);
      return;
    case 0x42: return read_flag(cursor);
    default: cursor.fail_at(ErrorCode::malformed, "unknown canonical function " + std::to_string(code), offset);
  }
}

void ComponentReader::read_canon(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t code = cursor.byte();
  if (!cursor.ok()) return;
  if (code == 0x00) {
    if (cursor.byte() != 0 && cursor.ok()) return cursor.fail_at(ErrorCode::malformed, "malformed lift", offset);
    (void)types_.read_index(cursor, Sort::core_function);
    read_canon_options(cursor);
    (void)types_.read_index(cursor, Sort::type);
    return types_.append(cursor, Sort::function);
  }
  if (code == 0x01) {
    if (cursor.byte() != 0 && cursor.ok()) return cursor.fail_at(ErrorCode::malformed, "malformed lower", offset);
    (void)types_.read_index(cursor, Sort::function);
    read_canon_options(cursor);
  } else {
    read_canon_builtin(cursor, code, offset);
  }
  if (cursor.ok()) types_.append(cursor, Sort::core_function);
}

void ComponentReader::read_import(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::string_view name = types_.read_name(cursor);
  const ExternType described = types_.read_extern_type(cursor);
  if (!cursor.ok()) return;
  if (!frames_.back().imported.emplace(name).second)
    return cursor.fail_at(ErrorCode::malformed, "duplicate import \"" + printable(name) + "\"", offset);
  types_.append(cursor, described.sort, described.type);
  if (!outermost()) return;
  ImportItem item{.name = std::string(name), .kind = std::string(to_text(described.sort))};
  if (const ComponentTypeInfo* info = types_.info(described.type); info != nullptr && described.sort == Sort::instance) {
    item.is_typed = info->form == ComponentForm::instance;
    for (const TypeMember& member : info->exports) {
      if (member.sort == Sort::function) item.members.push_back(member.name);
    }
  }
  summary_.imports.push_back(std::move(item));
}

void ComponentReader::read_export(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::string_view name = types_.read_name(cursor);
  const Sort sort = types_.read_sort(cursor);
  const std::uint32_t index = types_.read_index(cursor, sort);
  int type = sort == Sort::type ? types_.type_at(index) : -1;
  const std::uint8_t ascribed = cursor.byte();
  if (cursor.ok() && ascribed > 1) return cursor.fail_at(ErrorCode::malformed, "malformed export", offset);
  if (ascribed == 1) {
    const ExternType described = types_.read_extern_type(cursor);
    if (sort == Sort::type && type < 0) type = described.type;
  }
  if (!cursor.ok()) return;
  if (!frames_.back().exported.emplace(name).second)
    return cursor.fail_at(ErrorCode::malformed, "duplicate export \"" + printable(name) + "\"", offset);
  types_.append(cursor, sort, type);
  if (!outermost()) return;
  summary_.exports.push_back({std::string(name), std::string(to_text(sort))});
  const ComponentTypeInfo* info = types_.info(type);
  if (sort != Sort::type || info == nullptr || info->form != ComponentForm::component) {
    only_interface_exports_ = false;
    return;
  }
  // A WIT package: every exported type holds one interface (an instance) or world (a component).
  for (const TypeMember& member : info->exports) {
    interface_names_.push_back(member.name);
    const ComponentTypeInfo* world = types_.info(member.type);
    if (member.sort != Sort::component || world == nullptr) continue;
    for (const TypeMember& of_world : world->exports) interface_names_.push_back(of_world.name);
  }
}

void ComponentReader::finish() {
  summary_.is_wit_package = only_interface_exports_ && summary_.imports.empty() && !summary_.exports.empty();
  if (summary_.is_wit_package) {
    std::ranges::sort(interface_names_);
    interface_names_.erase(std::unique(interface_names_.begin(), interface_names_.end()), interface_names_.end());
    summary_.interface_names = std::move(interface_names_);
  }
  const auto is_third = [](const auto& item) { return item.name.starts_with("wasi:") && item.name.find("@0.3.") != std::string::npos; };
  const bool third = std::ranges::any_of(summary_.imports, is_third) || std::ranges::any_of(summary_.exports, is_third);
  summary_.target = third ? "wasip3" : "wasip2";
  std::ranges::sort(summary_.declared_features);
  summary_.declared_features.erase(std::unique(summary_.declared_features.begin(), summary_.declared_features.end()),
                                   summary_.declared_features.end());
}

}  // namespace

Result<BinarySummary> read_component(ByteView component, const Limits& limits, ReadDepth depth, ComponentObserver* observer) {
  BinarySummary summary{.kind = Kind::component};
  summary.size = component.size();
  summary.code_was_read = depth == ReadDepth::code;
  ComponentReader reader(limits, depth, summary, observer);
  TRY(reader.read(component));
  return summary;
}

}  // namespace davit::wasm
