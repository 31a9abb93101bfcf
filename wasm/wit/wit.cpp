#include "wasm/wit/wit.hpp"

#include "wasm/component_reader.hpp"
#include "wasm/custom_section.hpp"
#include "wasm/wit/decoder.hpp"

namespace davit::wasm {
namespace {

constexpr std::string_view k_docs_section = "package-docs";
constexpr std::string_view k_type_section = "component-type";

Result<WitDocument> decode(ByteView component, const Limits& limits) {
  ComponentModel model(limits);
  TRY_ASSIGN(const BinarySummary summary, read_component(component, limits, ReadDepth::structure, nullptr, &model));
  WitDecoder decoder(model.types, limits);
  if (summary.is_wit_package) TRY(decoder.add_package(model.type));
  else TRY(decoder.add_component(model.type));
  WitDocument document = decoder.take();
  TRY_ASSIGN(const std::optional<ByteView> docs, find_custom_section(component, k_docs_section, limits));
  if (docs) TRY(add_docs(document, as_text(*docs)));
  return document;
}

Result<void> add_world(ByteView component, const Limits& limits, ComponentModel& model, WitDecoder& decoder) {
  TRY_ASSIGN(const BinarySummary summary, read_component(component, limits, ReadDepth::structure, nullptr, &model));
  if (!summary.is_wit_package) return fail(ErrorCode::malformed, "a component-type section that holds no world");
  return decoder.add_package(model.type);
}

}  // namespace

Result<std::string> wit_text(ByteView file, const Limits& limits) {
  TRY_ASSIGN(const Kind kind, detect_kind(file));
  if (kind == Kind::component) {
    TRY_ASSIGN(const WitDocument document, decode(file, limits));
    return print_wit(document);
  }
  // What a toolchain wrote into a core module for the tool that will make a component of it; several may be linked together.
  TRY_ASSIGN(SectionWalker walker, SectionWalker::open(file, limits));
  ComponentModel model(limits);
  WitDecoder decoder(model.types, limits);
  bool is_found = false;
  while (true) {
    TRY_ASSIGN(const std::optional<SectionView> section, walker.next());
    if (!section) break;
    if (!section->is_custom() || !section->name.starts_with(k_type_section)) continue;
    auto added = add_world(section->content, limits, model, decoder);
    if (!added) return std::move(added).error().during("reading section " + std::string(section->name));
    is_found = true;
  }
  if (!is_found) {
    return fail(ErrorCode::unsupported, "a core module without a component-type section has no world")
        .hinting("only components, WIT packages and modules made for a component have one");
  }
  decoder.join_worlds();
  return print_wit(decoder.take());
}

}  // namespace davit::wasm
