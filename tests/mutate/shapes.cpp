#include "mutate/shapes.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "manifests/encoding.hpp"
#include "manifests/json.hpp"
#include "oci/trust/crypto/der.hpp"

namespace davit::mutate {
namespace {

constexpr unsigned k_max_depth = 4;

void mutate_bytes(std::string_view text, const std::string& place, unsigned depth, const Sink& sink);

// ---- bytes

void flip_each(std::string_view text, const std::string& place, const Sink& sink) {
  std::string copy(text);
  for (std::size_t i = 0; i < copy.size(); ++i) {
    for (const int mask : {0x01, 0x20, 0x80}) {
      copy[i] = static_cast<char>(copy[i] ^ mask);
      sink(copy, place, "flip");
      copy[i] = static_cast<char>(copy[i] ^ mask);
    }
  }
}

// ---- lines

void mutate_lines(std::string_view text, const std::string& place, const Sink& sink) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.emplace_back(text.substr(at, end - at));
    at = end;
  }
  const auto emit = [&](const std::vector<std::string>& changed, const char* how) {
    std::string out;
    for (const std::string& line : changed) out += line;
    sink(std::move(out), place, how);
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::vector<std::string> dropped = lines, doubled = lines;
    dropped.erase(dropped.begin() + static_cast<std::ptrdiff_t>(i));
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), lines[i]);
    emit(dropped, "line-drop");
    emit(doubled, "line-duplicate");
    for (std::size_t j = i + 1; j < lines.size(); ++j) {
      std::vector<std::string> swapped = lines;
      std::swap(swapped[i], swapped[j]);
      emit(swapped, "line-swap");
    }
  }
}

// ---- DER

struct Node {
  std::uint8_t tag = 0;
  Bytes content{};
  std::vector<Node> children{};
};

bool read_nodes(ByteView bytes, std::vector<Node>& out, unsigned depth) {
  oci::DerReader reader(bytes);
  while (!reader.done()) {
    const auto item = reader.next();
    if (!item) return false;
    Node node{.tag = item->tag, .content = to_bytes(item->content)};
    const bool constructed = (item->tag & 0x20U) != 0;
    if (constructed || (item->tag == oci::der::k_octet_string && item->content.size() > 2)) {
      std::vector<Node> children;
      if (depth < 24 && read_nodes(item->content, children, depth + 1)) {
        node.children = std::move(children);
      } else if (constructed) {
        return false;
      }
    }
    out.push_back(std::move(node));
  }
  return !out.empty() || bytes.empty();
}

Bytes write_nodes(const std::vector<Node>& nodes) {
  Bytes out;
  for (const Node& node : nodes) {
    const Bytes one = oci::write_der(node.tag, node.children.empty() ? node.content : write_nodes(node.children));
    out.insert(out.end(), one.begin(), one.end());
  }
  return out;
}

// Drops, doubles and swaps the elements of one list; `root` is the whole that it is part of.
void mutate_nodes(std::vector<Node>& list, const std::vector<Node>& root, const std::string& place, const Sink& sink) {
  const auto emit = [&](const char* how) { sink(std::string(as_text(write_nodes(root))), place, how); };
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto at = [&](std::size_t index) { return list.begin() + static_cast<std::ptrdiff_t>(index); };
    const Node kept = list[i];
    if (list.size() > 1) {
      list.erase(at(i));
      emit("der-drop");
      list.insert(at(i), kept);
    }
    list.insert(at(i), kept);
    emit("der-duplicate");
    list.erase(at(i));
    if (i + 1 < list.size()) {
      std::swap(list[i], list[i + 1]);
      emit("der-swap");
      std::swap(list[i], list[i + 1]);
    }
    if (!list[i].children.empty()) mutate_nodes(list[i].children, root, place, sink);
  }
}

void mutate_der(std::string_view text, const std::string& place, const Sink& sink) {
  std::vector<Node> nodes;
  if (text.size() < 8 || text[0] != 0x30 || !read_nodes(as_bytes(text), nodes, 0)) return;
  if (as_text(write_nodes(nodes)) != text) return;
  mutate_nodes(nodes, nodes, place, sink);
}

// ---- JSON

using Path = std::vector<std::size_t>;
enum class Act { drop, duplicate, reorder, replace };
struct Edit {
  Act act;
  std::string replacement{};
};
using Edits = std::map<Path, Edit>;

std::string write_edited(const Json& json, const Path& path, const Edits& edits) {
  const auto own = edits.find(path);
  if (own != edits.end() && own->second.act == Act::replace) return own->second.replacement;
  std::vector<std::string> items;
  const auto add = [&](std::size_t index, const std::string& head, const Json& child) {
    Path below = path;
    below.push_back(index);
    const auto edit = edits.find(below);
    if (edit != edits.end() && edit->second.act == Act::drop) return;
    items.push_back(head + write_edited(child, below, edits));
    if (edit != edits.end() && edit->second.act == Act::duplicate) items.push_back(items.back());
  };
  const JsonObject* object = json.object();
  if (object == nullptr && json.array() == nullptr) return write_json(json);
  std::size_t index = 0;
  if (object != nullptr) {
    for (const auto& [name, value] : object->members()) add(index++, write_json(Json(name)) + ":", value);
  } else {
    for (const Json& value : *json.array()) add(index++, "", value);
  }
  if (own != edits.end() && own->second.act == Act::reorder) std::ranges::reverse(items);
  std::string out(object != nullptr ? "{" : "[");
  for (std::size_t i = 0; i < items.size(); ++i) out += (i == 0 ? "" : ",") + items[i];
  return out + (object != nullptr ? "}" : "]");
}

struct Place {
  Path path;
  std::string pointer;
  const Json* json;
};

void collect(const Json& json, const Path& path, const std::string& pointer, std::vector<Place>& out) {
  out.push_back({path, pointer, &json});
  std::size_t index = 0;
  const auto go = [&](const Json& child, const std::string& name) {
    Path below = path;
    below.push_back(index++);
    collect(child, below, pointer + "/" + name, out);
  };
  if (const JsonObject* object = json.object()) {
    for (const auto& [name, value] : object->members()) go(value, name);
  } else if (const JsonArray* array = json.array()) {
    for (const Json& value : *array) go(value, std::to_string(index));
  }
}

// What a string may hold in base64 or as it is.
void open_string(const Json& root, const Place& at, const std::string& place, unsigned depth, const Sink& sink) {
  const std::string& text = *at.json->string();
  const auto put = [&](const std::string& changed) {
    return write_edited(root, {}, {{at.path, {Act::replace, write_json(Json(changed))}}});
  };
  if (text.find('\n') != std::string::npos)
    mutate_lines(text, place,
                 [&](const std::string& changed, const std::string& where, const char* how) { sink(put(changed), where, how); });
  const auto bytes = decode_base64(text);
  if (text.size() < 8 || !bytes) return;
  mutate_bytes(as_text(*bytes), place + ">", depth + 1, [&](const std::string& changed, const std::string& where, const char* how) {
    sink(put(encode_base64(as_bytes(changed))), where, how);
  });
}

void mutate_json(const Json& root, const std::string& prefix, unsigned depth, const Sink& sink) {
  std::vector<Place> places;
  collect(root, {}, "", places);
  for (const Place& at : places) {
    const std::string place = prefix + at.pointer;
    if (!at.path.empty()) {
      sink(write_edited(root, {}, {{at.path, {Act::drop}}}), place, "drop");
      sink(write_edited(root, {}, {{at.path, {Act::duplicate}}}), place, "duplicate");
    }
    if (at.json->object() != nullptr || at.json->array() != nullptr)
      sink(write_edited(root, {}, {{at.path, {Act::reorder}}}), place, "reorder");
    if (at.json->string() != nullptr) open_string(root, at, place, depth, sink);
  }
  for (std::size_t i = 1; i < places.size(); ++i) {
    for (std::size_t j = i + 1; j < places.size(); ++j) {
      const Path &a = places[i].path, &b = places[j].path;
      if (a.size() < b.size() && std::equal(a.begin(), a.end(), b.begin())) continue;
      const Edits edits{{a, {Act::replace, write_json(*places[j].json)}}, {b, {Act::replace, write_json(*places[i].json)}}};
      sink(write_edited(root, {}, edits), prefix + places[i].pointer + "~" + places[j].pointer, "swap");
    }
  }
}

void mutate_bytes(std::string_view text, const std::string& place, unsigned depth, const Sink& sink) {
  flip_each(text, place, sink);
  if (depth > k_max_depth) return;
  const auto json = parse_json(text, JsonLimits{});
  if (json && (json->object() != nullptr || json->array() != nullptr)) {
    mutate_json(*json, place, depth, sink);
  } else if (text.find("-----BEGIN") != std::string_view::npos) {
    mutate_lines(text, place, sink);
  } else if (const auto bytes = decode_base64(text); bytes && text.size() >= 8) {
    mutate_bytes(as_text(*bytes), place + ">", depth + 1, [&](const std::string& changed, const std::string& where, const char* how) {
      sink(encode_base64(as_bytes(changed)), where, how);
    });
  } else {
    mutate_der(text, place, sink);
  }
}

}  // namespace

void mutate_text(std::string_view text, const Sink& sink) { mutate_bytes(text, "", 0, sink); }

}  // namespace davit::mutate
