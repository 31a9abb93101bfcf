#include "wasm/component_reader.hpp"

#include <algorithm>
#include <deque>

#include "manifests/encoding.hpp"
#include "wasm/component/canon_reader.hpp"
#include "wasm/component/instance_reader.hpp"
#include "wasm/component_observer.hpp"
#include "wasm/metadata.hpp"
#include "wasm/module_reader.hpp"
#include "wasm/section_id.hpp"

namespace davit::wasm {
namespace {

// One component being read. Its scope is pointed to by the type reader, so frames live in a deque.
struct Frame {
  SectionWalker walker;
  ComponentScope scope{};
  std::size_t nested_index = 0;  ///< of its NestedItem; unused for the outermost
};

class ComponentReader {
 public:
  ComponentReader(const Limits& limits, ReadDepth depth, BinarySummary& summary, ComponentModel& model, ComponentObserver* observer)
      : limits_(limits),
        depth_(depth),
        summary_(summary),
        model_(model),
        types_(limits, model.types),
        instances_(types_, limits),
        canon_(types_, limits),
        observer_(observer) {
    types_.observe(observer);
  }

  Result<void> read(ByteView component);

 private:
  Result<void> read_all(ByteView component);
  Result<void> close();
  Result<void> open(ByteView component, std::uint64_t base);
  Result<void> read_section(const SectionView& section);
  Result<void> read_nested_module(const SectionView& section);
  Result<void> add_nested(Kind kind, const SectionView& section);
  void read_entry(Cursor& cursor, std::uint8_t id);
  void read_entry_of(Cursor& cursor, std::uint8_t id);
  void read_start(Cursor& cursor);
  void read_import(Cursor& cursor);
  void read_export(Cursor& cursor);
  void note_interfaces(const Item& item);
  [[nodiscard]] Error placed(Error error, const std::string& inner) const;
  [[nodiscard]] bool outermost() const { return frames_.size() == 1; }
  void finish();

  const Limits& limits_;
  ReadDepth depth_;
  BinarySummary& summary_;
  ComponentModel& model_;
  ComponentTypeReader types_;
  InstanceReader instances_;
  CanonReader canon_;
  ComponentObserver* observer_;
  std::deque<Frame> frames_{};
  std::string failed_module_{};
  std::uint64_t end_ = 0;  ///< of the section that was read last
  bool has_start_ = false;
  bool only_interface_exports_ = true;
  std::vector<std::string> interface_names_{};
};

Result<void> ComponentReader::open(ByteView component, std::uint64_t base) {
  TRY_ASSIGN(SectionWalker walker, SectionWalker::open(component, limits_, base));
  if (walker.kind() != Kind::component) return fail_at(ErrorCode::malformed, "a core module where a component is expected", base);
  if (frames_.size() >= limits_.depth)
    return fail_at(ErrorCode::limit, "components nested deeper than " + std::to_string(limits_.depth), base);
  frames_.push_back({.walker = walker});
  if (!outermost()) frames_.back().scope.place = "component " + std::to_string(types_.scope().space(Sort::component).size());
  types_.scopes().push_back(&frames_.back().scope);
  if (observer_ != nullptr) observer_->enter_scope(true);
  return {};
}

// Where in the nesting a failure was; the offset alone says little to a reader of a component.
Error ComponentReader::placed(Error error, const std::string& inner) const {
  std::string place = types_.failed_place().empty() ? types_.place() : types_.failed_place();
  if (!inner.empty()) place += (place.empty() ? "" : ", ") + inner;
  if (!place.empty()) error.message = "in " + place + ": " + error.message;
  return error;
}

Result<void> ComponentReader::read(ByteView component) {
  auto done = read_all(component);
  if (!done) return placed(std::move(done).error(), failed_module_);
  return {};
}

Result<void> ComponentReader::read_all(ByteView component) {
  TRY(open(component, 0));
  while (!frames_.empty()) {
    TRY_ASSIGN(const std::optional<SectionView> section, frames_.back().walker.next());
    if (section) TRY(read_section(*section));
    else TRY(close());
  }
  finish();
  return {};
}

// The end of a component: its type becomes an entry of the one around it.
Result<void> ComponentReader::close() {
  Cursor none({}, end_);
  TypeId type = 0;
  types_.refuse_if(none, finish_scope(model_.types, types_.scope(), type), end_);
  types_.refuse_if(none, std::nullopt, end_);
  TRY(none.status());
  frames_.pop_back();
  types_.scopes().pop_back();
  if (observer_ != nullptr) observer_->leave_scope();
  if (frames_.empty()) {
    model_.type = type;
    return {};
  }
  types_.append(none, Sort::component, type);
  return none.status();
}

Result<void> ComponentReader::add_nested(Kind kind, const SectionView& section) {
  if (summary_.nested.size() >= limits_.nested)
    return fail_at(ErrorCode::limit, "more than " + std::to_string(limits_.nested) + " nested modules and components", section.offset);
  summary_.nested.push_back({kind, {}, section.payload_offset, section.payload.size(), static_cast<std::uint32_t>(frames_.size())});
  return {};
}

Result<void> ComponentReader::read_nested_module(const SectionView& section) {
  TRY(add_nested(Kind::module, section));
  CoreModuleType shape;
  auto inner = read_module(section.payload, section.payload_offset, limits_, depth_, {.store = &model_.types.core, .shape = &shape});
  Cursor none({}, section.payload_offset);
  if (inner) types_.refuse_if(none, find_duplicate(shape), section.payload_offset);
  if (!inner || !none.ok()) failed_module_ = "module " + std::to_string(types_.scope().space(Sort::core_module).size());
  if (!inner) return std::move(inner).error();
  TRY(none.status());
  summary_.nested.back().name = inner->name;
  summary_.constructs.merge(inner->constructs);
  summary_.function_count += inner->function_count;
  summary_.code_bytes += inner->code_bytes;
  summary_.data_bytes += inner->data_bytes;
  summary_.custom_bytes += inner->custom_bytes;
  summary_.data_segment_count += inner->data_segment_count;
  for (const std::string& feature : inner->declared_features) summary_.declared_features.push_back(feature);
  model_.types.core_shapes.push_back(std::move(shape));
  types_.append(none, Sort::core_module, static_cast<std::uint32_t>(model_.types.core_shapes.size() - 1));
  return none.status();
}

Result<void> ComponentReader::read_section(const SectionView& section) {
  end_ = section.offset + section.whole.size();
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
  if (section.id == component_section::k_core_module) {
    return read_nested_module(section);
  }
  if (section.id == component_section::k_component) {
    TRY(add_nested(Kind::component, section));
    TRY(open(section.payload, section.payload_offset));
    frames_.back().nested_index = summary_.nested.size() - 1;
    return {};
  }
  Cursor cursor(section.payload, section.payload_offset);
  if (section.id == component_section::k_start) {
    if (observer_ != nullptr) observer_->begin_entry(cursor.offset());
    read_start(cursor);
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
    case component_section::k_core_instance: return instances_.read_core(cursor);
    case component_section::k_core_type: return types_.read_core_type(cursor);
    case component_section::k_instance: return instances_.read(cursor);
    case component_section::k_alias: return types_.read_alias(cursor, false);
    case component_section::k_type: return types_.read_type(cursor);
    case component_section::k_canon: return canon_.read(cursor);
    case component_section::k_import: return read_import(cursor);
    case component_section::k_export: return read_export(cursor);
    default: CHECK(false);
  }
}

void ComponentReader::read_start(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const TypeId function = types_.read_reference(cursor, Sort::function);
  if (cursor.ok() && has_start_) return cursor.fail_at(ErrorCode::malformed, "component cannot have more than one start function", offset);
  has_start_ = outermost();
  const std::uint32_t arguments = cursor.count(limits_.parameters, "start arguments");
  if (!cursor.ok()) return;
  const Type type = model_.types.at(function);
  if (arguments != type.labels.size()) {
    return cursor.fail_at(
        ErrorCode::malformed,
        "component start function requires " + std::to_string(type.labels.size()) + " arguments but was given " + std::to_string(arguments),
        offset);
  }
  Matcher matcher(model_.types);
  for (std::uint32_t i = 0; cursor.ok() && i < arguments; ++i) {
    const TypeId value = types_.read_value(cursor);
    if (cursor.ok()) types_.refuse_if(cursor, matcher.mismatch(value, type.labels[i].type), offset);
  }
  const std::uint32_t results = cursor.count(limits_.parameters, "start results");
  if (cursor.ok() && results != (type.first == k_no_type ? 0U : 1U))
    return cursor.fail_at(ErrorCode::malformed, "component start function has another number of results than " + std::to_string(results),
                          offset);
  for (std::uint32_t i = 0; cursor.ok() && i < results; ++i) types_.append(cursor, Sort::value, type.first);
}

void ComponentReader::read_import(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const NameView name = types_.read_name(cursor);
  const Item described = types_.read_extern_type(cursor);
  types_.declare(cursor, name, described, true, offset);
  if (!cursor.ok() || !outermost()) return;
  ImportItem item{.name = std::string(name.text), .kind = std::string(to_text(described.sort))};
  if (described.sort == Sort::instance) {
    item.is_typed = true;
    for (const Item& member : model_.types.signature(described.type).exports.items) {
      if (member.sort == Sort::function) item.members.push_back(member.name);
    }
  }
  summary_.imports.push_back(std::move(item));
}

void ComponentReader::read_export(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const NameView name = types_.read_name(cursor);
  Item item = instances_.read_item(cursor);
  if (cursor.ok() && item.sort == Sort::type) item.type = model_.types.add_alias(item.referenced);
  const std::uint8_t ascribed = cursor.byte();
  if (cursor.ok() && ascribed > 1) return cursor.fail_at(ErrorCode::malformed, "malformed export", offset);
  if (ascribed == 1) {
    Item described = types_.read_extern_type(cursor);
    if (!cursor.ok()) return;
    const Mismatch why = Matcher(model_.types).mismatch(item, described);
    types_.refuse_if(cursor, why ? Mismatch("ascribed type of export is not compatible with the item's type: " + *why) : std::nullopt,
                     offset);
    item = std::move(described);
  }
  types_.declare(cursor, name, item, false, offset);
  if (!cursor.ok() || !outermost()) return;
  summary_.exports.push_back({std::string(name.text), std::string(to_text(item.sort))});
  note_interfaces(item);
}

// A WIT package: every exported type holds one interface (an instance) or world (a component).
void ComponentReader::note_interfaces(const Item& item) {
  if (item.sort != Sort::type || model_.types.at(item.type).kind != TypeKind::component) {
    only_interface_exports_ = false;
    return;
  }
  for (const Item& member : model_.types.signature(item.type).exports.items) {
    interface_names_.push_back(member.name);
    if (member.sort != Sort::component) continue;
    for (const Item& of_world : model_.types.signature(member.type).exports.items) interface_names_.push_back(of_world.name);
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

Result<BinarySummary> read_component(ByteView component, const Limits& limits, ReadDepth depth, ComponentObserver* observer,
                                     ComponentModel* model) {
  BinarySummary summary{.kind = Kind::component};
  summary.size = component.size();
  summary.code_was_read = depth == ReadDepth::code;
  ComponentModel own(limits);
  ComponentReader reader(limits, depth, summary, model != nullptr ? *model : own, observer);
  TRY(reader.read(component));
  return summary;
}

}  // namespace davit::wasm
