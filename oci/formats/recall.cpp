// What davit remembered in an artifact about facets that its packaging has no place for.
#include <algorithm>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "manifests/remembered.hpp"
#include "oci/formats/readers.hpp"

namespace davit::oci {
namespace {

// The first form of the memory: `{"path":"/app.wasm","config":{…}}`, the configuration of an image as it stood.
Result<PackageDescription> parse_image_memory(const std::string& text) {
  TRY_ASSIGN(const Json json, parse_json(text, JsonLimits{.size_bytes = k_max_remembered_bytes}));
  const JsonView view(json);
  TRY_ASSIGN(const JsonView path_field, view.field("path"));
  TRY_ASSIGN(const std::string path, path_field.as_string());
  TRY_ASSIGN(const JsonView config, view.field("config"));
  TRY_ASSIGN(ImageConfig image, parse_image_config(config.json()));
  if (!path.starts_with('/') || !is_clean_path(std::string_view(path).substr(1)))
    return path_field.complaint("\"" + printable(path) + "\" is not an absolute path");
  image.description.path = path.substr(1);
  return std::move(image.description);
}

constexpr std::string_view k_no_time = "1970-01-01T00:00:00Z";  // how writers say nothing where a time must stand

std::string take(Annotations& table, std::string_view key) {
  auto node = table.extract(std::string(key));
  return node.empty() ? std::string() : std::move(node.mapped());
}

}  // namespace

Result<PackageDescription> recall(PackageDescription said) {
  std::string text = take(said.annotations, annotation::k_package);
  const std::string label = take(said.labels, annotation::k_package);
  if (text.empty()) text = label;
  const std::string image_text = take(said.annotations, annotation::k_image);
  // Found anew in the file, so that no annotation can claim others; and where the data files are is no property of them.
  take(said.annotations, annotation::k_capabilities);
  take(said.annotations, annotation::k_files);
  take(said.labels, annotation::k_capabilities);
  take(said.labels, annotation::k_files);
  if (!text.empty()) {
    auto remembered = parse_remembered(text);
    if (!remembered) return std::move(remembered).error().during("reading what dev.davit.package remembers");
    said = restore(std::move(said), *remembered);
  } else if (!image_text.empty()) {
    auto remembered = parse_image_memory(image_text);
    if (!remembered) return std::move(remembered).error().during("reading the annotation dev.davit.image");
    said = complete(std::move(said), *remembered);
  }
  if (said.created == k_no_time) said.created.clear();
  return said;
}

void settle_files(Package& package, const std::vector<PackageFile>& remembered) {
  package.description.files.clear();
  for (PackagedFile& file : package.files) {
    const auto same = [&](const PackageFile& each) { return each.path == file.entry.path && each.size == file.entry.size; };
    const auto found = std::ranges::find_if(remembered, same);
    if (found != remembered.end()) file.entry.mode = found->mode;
    package.description.files.push_back(file.entry);
  }
}

}  // namespace davit::oci
