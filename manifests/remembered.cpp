#include "manifests/remembered.hpp"

#include <algorithm>

namespace davit {
namespace {

constexpr std::string_view k_no_time = "1970-01-01T00:00:00Z";
constexpr std::string_view k_invented = "invented";

// Facets that are one value each, in their written form.
bool says_the_same(const PackageDescription& one, const PackageDescription& other, Facet facet) {
  return write_json(to_json(keep_facets(one, {facet}))) == write_json(to_json(keep_facets(other, {facet})));
}

bool is_table(Facet facet) {
  return facet == Facet::labels || facet == Facet::annotations || facet == Facet::companions || facet == Facet::other_config;
}

Annotations without(const Annotations& table, const Annotations& same) {
  Annotations out;
  std::ranges::set_difference(table, same, std::inserter(out, out.end()));
  return out;
}

JsonObject without(const JsonObject& object, const JsonObject& same) {
  JsonObject out;
  for (const auto& [name, value] : object.members()) {
    const Json* twin = same.find(name);
    if (twin == nullptr || write_json_sorted(*twin) != write_json_sorted(value)) out.set(name, value);
  }
  return out;
}

// The facets of one description that another does not say in the same way.
PackageDescription without(const PackageDescription& description, const PackageDescription& same) {
  Facets kept;
  for (const Facet facet : facets_of(description)) {
    if (!is_table(facet) && !says_the_same(description, same, facet)) kept.insert(facet);
  }
  PackageDescription out = keep_facets(description, kept);
  out.labels = without(description.labels, same.labels);
  out.annotations = without(description.annotations, same.annotations);
  out.companions = without(description.companions, same.companions);
  out.other_config = without(description.other_config, same.other_config);
  return out;
}

void digest_texts(Annotations& texts) {
  for (auto& [name, text] : texts) text = digest_of(std::string_view(text)).text();
}

}  // namespace

Remembered difference(const PackageDescription& wanted, const PackageDescription& said) {
  Remembered out{.lost = without(wanted, said), .invented = without(said, wanted)};
  digest_texts(out.invented.companions);
  if (out.lost.created == k_no_time) out.lost.created.clear();
  out.invented.created.clear();
  return out;
}

std::string to_text(const Remembered& remembered) {
  Json json = to_json(remembered.lost);
  const Json invented = to_json(remembered.invented);
  JsonObject& object = std::get<JsonObject>(json.value());
  if (!invented.object()->empty()) object.set(std::string(k_invented), invented);
  return object.empty() ? std::string() : write_json(json);
}

Result<Remembered> parse_remembered(std::string_view text) {
  Remembered out;
  TRY_ASSIGN(out.lost, parse_package_description(text));
  TRY_ASSIGN(const Json json, parse_json(text, {.size_bytes = k_max_remembered_bytes}));
  const auto invented = JsonView(json).find(k_invented);
  if (!invented) return out;
  TRY_ASSIGN(out.invented, parse_package_description(write_json(invented->json())));
  return out;
}

PackageDescription restore(PackageDescription said, const Remembered& remembered) {
  PackageDescription invented = remembered.invented;
  std::erase_if(said.companions, [&](const auto& companion) {
    const auto found = invented.companions.find(companion.first);
    return found != invented.companions.end() && found->second == digest_of(std::string_view(companion.second)).text();
  });
  invented.companions.clear();
  return complete(without(said, invented), remembered.lost);
}

}  // namespace davit
