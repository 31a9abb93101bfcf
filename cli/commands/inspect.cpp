#include <algorithm>
#include <memory>

#include "cli/artifact_report.hpp"
#include "cli/commands/commands.hpp"
#include "cli/input.hpp"
#include "cli/inspect/modes.hpp"
#include "cli/stores.hpp"
#include "cli/wasm_report.hpp"
#include "manifests/image_manifest.hpp"

namespace davit::cli {
namespace {

constexpr int k_max_index_depth = 4;
constexpr std::string_view k_policy_section = "io.kubewarden.metadata";

void set_artifact(Json& json, JsonObject artifact) { std::get<JsonObject>(json.value()).set("artifact", std::move(artifact)); }

// One packaging has two names: policies of Kubewarden differ from other modules by a section of the file.
void refine(ArtifactReport& artifact, const wasm::BinarySummary& summary) {
  if (!artifact.package || artifact.package->from != "wasm-to-oci") return;
  const auto named = [](const wasm::SectionItem& section) { return section.name == k_policy_section; };
  if (!std::ranges::any_of(summary.sections, named)) return;
  artifact.package->from = "kubewarden";
  artifact.detection->evidence.push_back("the file has a section " + std::string(k_policy_section));
}

Result<int> report(Context& context, const WasmInput& input, const InspectModes& modes, ArtifactReport* artifact) {
  if (modes.any()) return run_inspect_mode(context, input, modes);
  const auto depth = context.common.verbose ? wasm::ReadDepth::code : wasm::ReadDepth::structure;
  auto facts = examine_wasm(input.bytes(), depth);
  if (!facts) return std::move(facts).error().in(input.name());
  if (!facts->manifest_problem.empty()) context.warn("the davit.capabilities section cannot be read: " + facts->manifest_problem);
  if (artifact != nullptr) refine(*artifact, facts->summary);
  if (context.common.json) {
    Json json = wasm_facts_json(*facts);
    if (artifact != nullptr) {
      TRY_ASSIGN(JsonObject described, artifact_json(*artifact));
      set_artifact(json, std::move(described));
    }
    TRY(context.print_json(json));
    return 0;
  }
  const std::string head = artifact == nullptr ? "" : artifact_text(*artifact, context.common.verbose);
  TRY(context.print(head + wasm_facts_text(*facts, input.name(), context.common.verbose)));
  return 0;
}

// What is not wasm is described all the same; the error that follows says why there is no more.
Result<int> report_without_wasm(Context& context, const ArtifactReport& artifact, Error why) {
  if (context.common.json) {
    TRY_ASSIGN(JsonObject described, artifact_json(artifact));
    TRY(context.print_json(JsonObject{{"artifact", std::move(described)}}));
  } else {
    TRY(context.print(artifact_text(artifact, context.common.verbose)));
  }
  return std::move(why).in(artifact.reference);
}

// From the reference through indexes to a manifest; each index is noted.
Result<std::optional<Error>> find_manifest(oci::Repository& repository, std::string name, ArtifactReport& out) {
  for (int depth = 0; depth < k_max_index_depth; ++depth) {
    TRY_ASSIGN(oci::RawManifest raw, repository.fetch_manifest(name));
    if (!oci::is_index(raw)) {
      out.manifest = std::move(raw);
      return std::optional<Error>();
    }
    TRY_ASSIGN(ImageIndex index, parse_image_index(raw.bytes));
    auto entry = oci::choose_entry(index);
    out.indexes.push_back({.descriptor = raw.descriptor, .index = std::move(index)});
    if (!entry) return std::optional<Error>(std::move(entry).error());
    out.indexes.back().chosen = entry->digest;
    name = entry->digest.text();
  }
  return fail(ErrorCode::limit, "indexes are nested deeper than " + std::to_string(k_max_index_depth) + " levels");
}

Result<int> report_package(Context& context, const InspectModes& modes, ArtifactReport& artifact, Result<oci::Package> package) {
  if (!package && package.error().code == ErrorCode::unsupported) return report_without_wasm(context, artifact, std::move(package).error());
  if (!package) return std::move(package).error().in(artifact.reference);
  artifact.package = *std::move(package);
  const auto& odd = artifact.package->oddities;
  artifact.detection->oddities.insert(artifact.detection->oddities.end(), odd.begin(), odd.end());
  TRY_ASSIGN(const WasmInput input, open_packaged(*artifact.package, artifact.reference));
  return report(context, input, modes, &artifact);
}

// An image as `docker save` wrote it: there is no manifest and nothing refers to it.
Result<int> inspect_saved(Context& context, const InspectModes& modes, const std::string& name, const LocalReference& reference) {
  TRY_ASSIGN(const auto image, oci::open_docker_archive(reference.path, reference.tag));
  auto detection = oci::detect_image(*image);
  if (!detection) return std::move(detection).error().in(name);
  ArtifactReport artifact{.reference = name, .detection = *std::move(detection)};
  return report_package(context, modes, artifact, oci::read_image_package(*image, {.files = oci::KeepFiles::none}));
}

Result<int> inspect_stored(Context& context, const InspectModes& modes, const Reference& reference) {
  const auto* local = std::get_if<LocalReference>(&reference);
  if (local != nullptr && local->kind == ArchiveKind::docker_archive) return inspect_saved(context, modes, to_text(reference), *local);
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::read));
  ArtifactReport artifact{.reference = to_text(reference)};
  TRY_ASSIGN(auto no_entry, find_manifest(*repository, selector_of(reference), artifact));
  if (no_entry) return report_without_wasm(context, artifact, *std::move(no_entry));
  auto detection = oci::detect_format(*repository, *artifact.manifest);
  if (!detection) return std::move(detection).error().in(to_text(reference));
  artifact.detection = *std::move(detection);
  TRY_ASSIGN(artifact.referrers, all_referrers(context, *repository, artifact.manifest->descriptor.digest));
  auto package = oci::read_detected(*repository, *artifact.manifest, *artifact.detection, {.files = oci::KeepFiles::none});
  return report_package(context, modes, artifact, std::move(package));
}

// A package file or folder. What stores images is inspected as the store it is.
Result<int> inspect_packaged(Context& context, const InspectModes& modes, const std::string& path, oci::Detection detection) {
  if (detection.format == "docker-archive") return inspect_saved(context, modes, path, {.kind = ArchiveKind::docker_archive, .path = path});
  if (detection.format == "oci-archive")
    return inspect_stored(context, modes, LocalReference{.kind = ArchiveKind::oci_archive, .path = path});
  if (detection.format == "oci-layout")
    return inspect_stored(context, modes, LocalReference{.kind = ArchiveKind::oci_layout, .path = path});
  ArtifactReport artifact{.reference = path, .detection = std::move(detection)};
  if (!artifact.detection->holds_wasm)
    return report_without_wasm(context, artifact, fail(ErrorCode::unsupported, artifact.detection->refusal));
  return report_package(context, modes, artifact, oci::read_package_file(path, {.files = oci::KeepFiles::none}));
}

Result<int> run_inspect(Context& context, const std::string& target, const InspectModes& modes) {
  TRY_ASSIGN(const std::optional<Reference> reference, store_reference_in(target));
  if (reference) return inspect_stored(context, modes, *reference);
  if (target != "-") {
    TRY_ASSIGN(auto detection, oci::detect_package_file(target));
    if (detection) return inspect_packaged(context, modes, target, *std::move(detection));
  }
  TRY_ASSIGN(const WasmInput input, load_wasm_file(context, target));
  return report(context, input, modes, nullptr);
}

}  // namespace

Command make_inspect_command() {
  auto target = std::make_shared<std::string>();
  auto modes = std::make_shared<InspectModes>();
  return {
      .name = "inspect",
      .summary = "show what a wasm file is, needs and contains",
      .description =
          "Kind, imports, exports, sections, features, producers, capabilities and where the bytes go. Function bodies are\n"
          "read only with -v, so that a large file answers at once; features then include those that only instructions use.\n"
          "Of a store reference, package file or folder also its packaging (with -v: why davit thinks so), its layers, and what it says "
          "about the program:\n"
          "entrypoint, environment, labels, ports, platform. What holds no wasm is described too, and refused by name.\n"
          "With --wit, --size, --diff or --budget it answers that question instead: the world as WIT, where the bytes are, what changed,\n"
          "whether it is too large.\n"
          "Retained is what a function or segment keeps in the file, itself and all that is reached only through it.",
      .arguments = {{"TARGET", "a wasm file, - for standard input, a store reference, or a package file or folder", target.get(), true,
                     ValueKind::file}},
      .options = inspect_mode_options(*modes),
      .examples = {{"davit inspect app.wasm", "a summary for people"},
                   {"davit inspect --json app.wasm", "everything, for scripts"},
                   {"davit inspect -v app.wasm", "all names, and the features that the code uses"},
                   {"davit inspect oci:store:1.0", "also format, layers and referrers of the artifact"},
                   {"davit inspect docker-archive:app.tar",
                    "what \"docker save\" wrote; package files and folders are taken by their path"},
                   {"davit inspect --wit app.wasm", "the world of a component as WIT text"},
                   {"davit inspect --size app.wasm", "the largest functions, crates or packages, and segments"},
                   {"davit inspect --size --size-format html -o size.html app.wasm", "the same as a page with a treemap"},
                   {"davit inspect --diff old.wasm new.wasm", "what changed, and which functions grew"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 10, 12},
      .uses_registry = true,
      .run = [target, modes](Context& context) { return run_inspect(context, *target, *modes); },
  };
}

}  // namespace davit::cli
