#include "cli/inspect/treemap.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "cli/inspect/size_report.hpp"
#include "cli/inspect/treemap_page.hpp"
#include "manifests/json.hpp"

namespace davit::cli {
namespace {

constexpr std::size_t k_max_children = 400;  // of one box; the rest is one box

struct Box {
  std::string name;
  std::uint64_t size = 0;
  std::uint64_t retained = 0;
  std::vector<Box> children{};
};

Box gathered(std::string name, std::vector<Box> children) {
  std::ranges::stable_sort(children, [](const Box& a, const Box& b) { return a.size > b.size; });
  Box out{.name = std::move(name)};
  for (const Box& child : children) out.size += child.size;
  if (children.size() > k_max_children) {
    Box rest{.name = std::to_string(children.size() - k_max_children) + " smaller ones"};
    for (std::size_t i = k_max_children; i < children.size(); ++i) rest.size += children[i].size;
    children.resize(k_max_children);
    children.push_back(std::move(rest));
  }
  out.children = std::move(children);
  return out;
}

std::string group_name(wasm::SizeKind kind) {
  if (kind == wasm::SizeKind::memory) return "memories";
  const bool segments = kind == wasm::SizeKind::data || kind == wasm::SizeKind::element;
  return std::string(wasm::to_text(kind)) + (segments ? " segments" : "s");
}

// Sections of a module; of the code its packages, of those their functions.
std::vector<Box> module_boxes(const wasm::SizePart& part) {
  std::map<std::string, std::vector<Box>> sections;
  std::map<std::string, std::vector<Box>> packages;
  for (const wasm::SizeItem& item : part.items) {
    Box box{.name = item_name(item), .size = item.size, .retained = item.retained};
    if (item.size == 0) continue;
    if (item.kind == wasm::SizeKind::function && !item.is_imported) {
      packages[wasm::package_of(item.name, part.language)].push_back(std::move(box));
    } else if (item.kind == wasm::SizeKind::custom) {
      sections["custom sections"].push_back(std::move(box));
    } else if (item.kind == wasm::SizeKind::frame) {
      box.name = std::string(item.name) + " frame";
      sections["frames of sections"].push_back(std::move(box));
    } else {
      sections[item.is_imported ? "imports" : group_name(item.kind)].push_back(std::move(box));
    }
  }
  std::vector<Box> code;
  code.reserve(packages.size());
  for (auto& [name, functions] : packages) code.push_back(gathered(name, std::move(functions)));
  std::vector<Box> out;
  if (!code.empty()) out.push_back(gathered("code", std::move(code)));
  for (auto& [name, boxes] : sections) out.push_back(gathered(name, std::move(boxes)));
  return out;
}

std::vector<Box> component_boxes(const wasm::SizePart& part) {
  std::map<std::string, Box> sections;
  for (const wasm::SizeSection& section : part.sections) {
    Box& box = sections[std::string(section.name)];
    box.name = std::string(section.name);
    box.size += section.size;
  }
  std::vector<Box> out{{.name = "preamble", .size = wasm::k_preamble_bytes}};
  for (auto& [name, box] : sections) out.push_back(std::move(box));
  return {gathered("component sections", std::move(out))};
}

Json to_json(const Box& box) {
  JsonObject out{{"n", box.name}, {"s", box.size}};
  if (box.retained > box.size) out.set("r", box.retained);
  if (!box.children.empty()) {
    JsonArray children;
    children.reserve(box.children.size());
    for (const Box& child : box.children) children.push_back(to_json(child));
    out.set("c", std::move(children));
  }
  return out;
}

// Parts stand in file order, outer ones first: from the last to the first each one is whole before its parent needs it.
Box whole_file(const wasm::SizeProfile& profile, const std::string& name) {
  std::vector<std::vector<Box>> children(profile.parts.size());
  for (std::size_t i = profile.parts.size(); i-- > 0;) {
    const wasm::SizePart& part = profile.parts[i];
    std::vector<Box> own = part.kind == wasm::Kind::module ? module_boxes(part) : component_boxes(part);
    std::ranges::move(children[i], std::back_inserter(own));
    if (i == 0) return gathered(name, std::move(own));
    children[part.parent].push_back(gathered(part.path + (part.name.empty() ? "" : " " + std::string(part.name)), std::move(own)));
  }
  return {.name = name};
}

// Text inside the page's script element: nothing in it may look like markup.
std::string script_text(const Json& json) {
  std::string out;
  for (const char c : write_json(json)) {
    if (c == '<') out += "\\u003c";
    else out += c;
  }
  return out;
}

}  // namespace

std::string size_page(const wasm::SizeProfile& profile, const std::string& name) {
  return std::string(k_treemap_head) + script_text(to_json(whole_file(profile, name))) + std::string(k_treemap_tail);
}

}  // namespace davit::cli
