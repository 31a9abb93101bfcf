#include "wasm/metadata.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "wasm/cursor.hpp"
#include "wasm/metadata_editor.hpp"

namespace davit::wasm {
namespace {

// Both name sections begin with subsection 0, the name itself.
void read_name(Cursor cursor, BinarySummary& summary, const Limits& limits) {
  if (cursor.byte() != 0) return;
  const std::uint32_t size = cursor.u32();
  if (!cursor.ok() || size > cursor.remaining()) return;
  const std::string_view name = cursor.name(limits.name_bytes);
  if (cursor.ok()) summary.name = name;
}

void read_producers(Cursor cursor, BinarySummary& summary, const Limits& limits) {
  std::vector<ProducerField> fields;
  const std::uint32_t count = cursor.count(limits.producers, "producer fields");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    ProducerField field{.name = std::string(cursor.name(limits.name_bytes)), .values = {}};
    const std::uint32_t values = cursor.count(limits.producers, "producers");
    for (std::uint32_t j = 0; cursor.ok() && j < values; ++j) {
      std::string name(cursor.name(limits.name_bytes));
      field.values.emplace_back(std::move(name), std::string(cursor.name(limits.name_bytes)));
    }
    fields.push_back(std::move(field));
  }
  if (cursor.ok()) summary.producers = std::move(fields);
}

void read_target_features(Cursor cursor, BinarySummary& summary, const Limits& limits) {
  std::vector<std::string> features;
  const std::uint32_t count = cursor.count(limits.producers, "features");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const std::uint8_t prefix = cursor.byte();
    const std::string_view name = cursor.name(limits.name_bytes);
    if (prefix == '+' || prefix == '=') features.emplace_back(name);
  }
  if (!cursor.ok()) return;
  std::ranges::sort(features);
  summary.declared_features = std::move(features);
}

}  // namespace

void read_metadata(const SectionView& section, BinarySummary& summary, const Limits& limits) {
  const Cursor cursor(section.content, section.payload_offset);
  if (section.name == "name" || section.name == "component-name") {
    read_name(cursor, summary, limits);
  } else if (section.name == "producers") {
    read_producers(cursor, summary, limits);
  } else if (section.name == "target_features") {
    read_target_features(cursor, summary, limits);
  } else if (std::ranges::find(k_text_sections, section.name) != k_text_sections.end()) {
    const std::string_view text = as_text(section.content);
    if (text.size() <= limits.metadata_bytes && is_utf8(text)) summary.metadata.emplace(section.name, text);
  }
}

Bytes make_target_features(const std::vector<std::string>& features) {
  Bytes out;
  append_leb(out, features.size());
  for (const std::string& feature : features) {
    out.push_back(std::byte{'+'});
    append_leb(out, feature.size());
    const ByteView name = as_bytes(feature);
    out.insert(out.end(), name.begin(), name.end());
  }
  return out;
}

}  // namespace davit::wasm
