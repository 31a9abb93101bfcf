#include "cli/explain/gather.hpp"

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "oci/archive.hpp"
#include "oci/formats/package.hpp"
#include "oci/image_source.hpp"
#include "oci/io/file.hpp"

namespace davit::cli::explain {
namespace {

constexpr int k_max_depth = 4;
constexpr std::string_view k_plugin_name = "plugin.wasm";
// The largest layer that a proxy's fetcher takes.
constexpr std::uint64_t k_max_plugin_layer = std::uint64_t{256} << 20;

void take_words(const JsonView& settings, std::string_view name, std::vector<std::string>& out) {
  const auto member = settings.find(name);
  if (!member) return;
  if (auto words = member->as_strings()) out.insert(out.end(), words->begin(), words->end());
}

// A configuration that cannot be read says nothing; who needs one then refuses.
void take_config(const Json& config, Facts& facts) {
  const JsonView view(config);
  if (config.object() == nullptr) return;
  if (auto platform = parse_platform(view)) facts.platform = *std::move(platform);
  const auto settings = view.find("config");
  if (!settings) return;
  take_words(*settings, "Entrypoint", facts.words);
  take_words(*settings, "Cmd", facts.words);
}

Result<void> read_config(oci::Repository& repository, Facts& facts) {
  if (facts.detection.config.object() != nullptr) {
    take_config(facts.detection.config, facts);
    return {};
  }
  const Descriptor& config = facts.manifest.config;
  if (!config.media_type.ends_with("json") || config.size > oci::k_max_image_config_bytes) return {};
  TRY_ASSIGN(const auto source, repository.open_blob(config));
  TRY_ASSIGN(const Bytes bytes, oci::read_all(*source, oci::k_max_image_config_bytes));
  if (const auto json = parse_json(as_text(bytes), JsonLimits{})) take_config(*json, facts);
  return {};
}

Result<oci::RawManifest> choose_manifest(oci::Repository& repository, const std::string& selector, Facts& facts) {
  std::string name = selector;
  for (int depth = 0; depth < k_max_depth; ++depth) {
    TRY_ASSIGN(auto raw, repository.fetch_manifest(name));
    auto parsed = parse_manifest(raw.bytes);
    const auto* index = parsed ? std::get_if<ImageIndex>(&*parsed) : nullptr;
    if (index == nullptr) return raw;  // a withdrawn form is read further on
    TRY_ASSIGN(const Descriptor entry, oci::choose_entry(*index));
    if (depth == 0) facts.entries = index->manifests;
    facts.entry = entry;
    name = entry.digest.text();
  }
  return fail(ErrorCode::limit, "indexes are nested deeper than " + std::to_string(k_max_depth) + " levels");
}

// As the fetchers of Istio and Envoy Gateway do: the first file of that name in the last layer, in any folder.
Result<std::string> find_plugin(oci::Repository& repository, const Facts& facts) {
  std::string found;
  if (facts.manifest.layers.empty()) return found;
  const Descriptor& last = facts.manifest.layers.back();
  const bool typed = last.media_type == media_type::k_oci_layer_gzip || last.media_type == media_type::k_docker_layer_gzip;
  if (!typed || last.size > k_max_plugin_layer) return found;
  TRY_ASSIGN(const auto source, repository.open_blob(last));
  const auto visit = [&](const oci::ArchiveEntry& entry, oci::Source&) -> Result<bool> {
    const std::string_view name(entry.name);
    if (entry.type != oci::EntryType::file || name.substr(name.find_last_of('/') + 1) != k_plugin_name) return true;
    found = entry.name;
    return false;
  };
  auto walked = oci::walk_archive(*source, oci::ArchiveLimits{}, visit);
  // A layer that is no archive is no plugin either.
  if (!walked && walked.error().code != ErrorCode::malformed) return std::move(walked).error();
  return found;
}

bool is_about_content(ErrorCode code) {
  return code == ErrorCode::unsupported || code == ErrorCode::not_found || code == ErrorCode::malformed || code == ErrorCode::limit;
}

Result<ModuleFacts> read_module(const std::string& path) {
  TRY_ASSIGN(const auto file, oci::MappedFile::open(path, wasm::Limits{}.file_bytes));
  TRY_ASSIGN(const auto summary, wasm::summarize(file.bytes(), wasm::Limits{}, wasm::ReadDepth::code));
  return module_facts(summary);
}

}  // namespace

Result<Facts> gather_facts(oci::Repository& repository, const std::string& selector, bool for_proxies) {
  Facts facts;
  TRY_ASSIGN(facts.raw, choose_manifest(repository, selector, facts));
  TRY_ASSIGN(facts.manifest, oci::parse_packaging(facts.raw));
  facts.media_type = facts.raw.descriptor.media_type;
  TRY_ASSIGN(facts.detection, oci::detect_format(repository, facts.raw));
  TRY(read_config(repository, facts));
  if (for_proxies) {
    TRY_ASSIGN(facts.plugin_path, find_plugin(repository, facts));
    facts.last_layer_has_plugin = !facts.plugin_path.empty();
  }
  return facts;
}

Result<void> gather_module(oci::Repository& repository, Facts& facts) {
  const auto package =
      oci::read_detected(repository, facts.raw, facts.detection, {.path = facts.plugin_path, .files = oci::KeepFiles::none});
  if (!package && !is_about_content(package.error().code)) return package.error();
  if (!package) {
    facts.module_problem = package.error().message;
    return {};
  }
  auto module = read_module(package->wasm.path);
  if (!module && !is_about_content(module.error().code)) return std::move(module).error();
  if (!module) {
    facts.module_problem = module.error().message;
    return {};
  }
  facts.module = *std::move(module);
  return {};
}

Result<Facts> facts_of_file(const std::string& path) {
  Facts facts{.origin = Origin::file};
  auto module = read_module(path);
  if (!module) return std::move(module).error().in(path);
  facts.module = *std::move(module);
  return facts;
}

}  // namespace davit::cli::explain
