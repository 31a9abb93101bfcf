#include "cli/conversion.hpp"

#include <set>

#include "cli/artifact.hpp"
#include "cli/output/progress.hpp"
#include "cli/stores.hpp"
#include "manifests/encoding.hpp"
#include "manifests/image_manifest.hpp"
#include "manifests/media_type.hpp"
#include "oci/docker_archive_writer.hpp"

namespace davit::cli {
namespace {

constexpr std::string_view k_format_annotation = "dev.davit.format";
constexpr std::size_t k_max_tag_bytes = 128;

// An artifact that is complete and not stored yet, with the name it will have.
struct Prepared {
  oci::Written written;
  Converted result;
  std::optional<std::string> tag{};
};

bool is_docker_archive(const Reference& target) {
  const auto* local = std::get_if<LocalReference>(&target);
  return local != nullptr && local->kind == ArchiveKind::docker_archive;
}

// A tag made of a name that was no tag; empty when nothing of it can be one.
std::string tag_part(const std::string& title) {
  std::string name = title.ends_with(".wasm") ? title.substr(0, title.size() - 5) : title;
  for (char& letter : name) {
    const bool good = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
                      letter == '_' || letter == '.' || letter == '-';
    if (!good) letter = '-';
  }
  return name.substr(0, k_max_tag_bytes / 2);
}

Result<std::string> suffixed_tag(const std::string& tag, const oci::Package& package, const oci::Format& format,
                                 const ConversionPlan& plan) {
  std::string out = tag;
  if (plan.naming == TargetNaming::package_tags) out += "-" + tag_part(package.description.title);
  if (plan.naming == TargetNaming::format_tags || plan.formats.size() > 1) out += "-" + std::string(format.name);
  if (is_tag(out)) return out;
  return fail(ErrorCode::usage, "\"" + printable(out) + "\" is no tag").hinting("choose a shorter tag for the target");
}

Converted describe_result(const oci::Package& package, const oci::Format& format, const oci::Written& written) {
  return {.manifest = written.artifact.manifest.descriptor,
          .artifact_type = written.artifact_type,
          .format = std::string(format.name),
          .from = package.from,
          .title = package.description.title,
          .size = package.wasm.blob.size,
          .warnings = written.warnings};
}

Result<std::vector<Prepared>> prepare(const std::vector<oci::Package>& packages, const ConversionPlan& plan, const Reference& target) {
  std::vector<Prepared> out;
  std::set<std::string> tags;
  oci::WriteOptions options = plan.options;
  options.as_docker = is_docker_archive(target);
  for (const oci::Package& package : packages) {
    TRY_ASSIGN(const oci::WasmFacts facts, examine_for_formats(package.wasm.path, package.description.title));
    for (const oci::Format* format : plan.formats) {
      oci::WriteOptions own = options;
      if (format->shape == oci::FormatShape::bare) own.compression.reset();
      if (format->shape == oci::FormatShape::bare && format->name != "runwasi") own.platform.clear();
      auto written = format->write(package, facts, own);
      if (!written) return std::move(written).error().during("writing the format " + std::string(format->name));
      Converted result = describe_result(package, *format, *written);
      Prepared prepared{.written = *std::move(written), .result = std::move(result), .tag = tag_to_write(target)};
      if (plan.naming == TargetNaming::index) {
        prepared.tag.reset();
      } else if (plan.naming != TargetNaming::single) {
        TRY_ASSIGN(prepared.tag, suffixed_tag(*prepared.tag, package, *format, plan));
      }
      if (prepared.tag && !tags.insert(*prepared.tag).second) {
        return fail(ErrorCode::conflict, "two of the wasm files would be stored under the tag \"" + *prepared.tag + "\"");
      }
      out.push_back(std::move(prepared));
    }
  }
  return out;
}

// Entries stand in the order in which the formats were asked for: hosts take the first that fits.
oci::RawManifest index_of(const std::vector<Prepared>& entries) {
  ImageIndex index{.media_type = std::string(media_type::k_oci_index)};
  for (const Prepared& entry : entries) {
    Descriptor descriptor = entry.result.manifest;
    descriptor.platform = entry.written.platform ? entry.written.platform : Platform{.architecture = "wasm", .os = "wasi"};
    descriptor.annotations[std::string(k_format_annotation)] = entry.result.format;
    index.manifests.push_back(std::move(descriptor));
  }
  const std::string text = write_image_index(index);
  return {.bytes = to_bytes(text), .descriptor = describe(as_bytes(text), media_type::k_oci_index)};
}

Result<void> store(Context& context, const Reference& target, std::vector<Prepared>& all, bool under_index) {
  TRY_ASSIGN(const auto repository, open_repository(context, target, StoreAccess::write));
  Progress progress(context);
  const oci::TransferOptions options{.concurrency = context.registry.concurrency, .events = progress.events()};
  for (Prepared& each : all) {
    TRY(oci::publish(*repository, each.written.artifact, each.tag, options));
    for (const oci::NewArtifact& referrer : each.written.referrers) TRY(oci::publish(*repository, referrer, std::nullopt, options));
    each.result.reference = to_text(each.tag ? with_tag(target, *each.tag) : target);
  }
  if (under_index) TRY(oci::publish(*repository, {.manifest = index_of(all)}, tag_to_write(target), options));
  return repository->flush();
}

Result<std::vector<Converted>> store_file(const oci::Package& package, const oci::Format& format, const ConversionPlan& plan) {
  TRY_ASSIGN(const oci::WasmFacts facts, examine_for_formats(package.wasm.path, package.description.title));
  TRY_ASSIGN(const oci::Written written, format.write_file(package, facts, plan.options, plan.target));
  Converted result = describe_result(package, format, written);
  result.reference = plan.target;
  return std::vector<Converted>{std::move(result)};
}

}  // namespace

Result<std::vector<Converted>> convert_packages(Context& context, const std::vector<oci::Package>& packages, const ConversionPlan& plan) {
  CHECK(!packages.empty() && !plan.formats.empty());
  if (plan.formats.front()->shape == oci::FormatShape::file) return store_file(packages.front(), *plan.formats.front(), plan);
  TRY_ASSIGN(const Reference target, parse_store_reference(plan.target));
  TRY_ASSIGN(std::vector<Prepared> all, prepare(packages, plan, target));
  if (is_docker_archive(target)) {
    const auto& local = std::get<LocalReference>(target);
    TRY(oci::write_docker_archive(local.path, local.tag, all.front().written.artifact));
    all.front().result.reference = to_text(target);
  } else {
    TRY(store(context, target, all, plan.naming == TargetNaming::index));
  }
  std::vector<Converted> out;
  if (plan.naming == TargetNaming::index) {
    const oci::RawManifest index = index_of(all);
    out.push_back({.reference = to_text(with_tag(target, *tag_to_write(target))),
                   .manifest = index.descriptor,
                   .artifact_type = index.descriptor.media_type,
                   .format = "index",
                   .from = packages.front().from,
                   .title = packages.front().description.title,
                   .size = packages.front().wasm.blob.size});
  }
  for (Prepared& each : all) out.push_back(std::move(each.result));
  return out;
}

}  // namespace davit::cli
