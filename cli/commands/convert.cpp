#include <algorithm>

#include "cli/artifact.hpp"
#include "cli/commands/commands.hpp"
#include "cli/conversion.hpp"
#include "cli/output/progress.hpp"
#include "cli/package_source.hpp"
#include "cli/trust.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

struct ConvertOptions {
  std::string source{};
  TrustOptions trust{};
  std::string target{};
  std::string formats{};
  std::string platform{};
  std::string path{};
  std::string files = "auto";
  std::string compression{};
  std::vector<std::string> annotations{};
  bool all = false;
  bool index = false;
  bool tag_suffix = false;
  bool strict = false;
};

Result<std::vector<const oci::Format*>> parse_formats(const std::string& text) {
  std::vector<const oci::Format*> out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    const std::string name = text.substr(begin, comma - begin);
    begin = comma + 1;
    const oci::Format* format = oci::find_format(name);
    if (format == nullptr) {
      std::string known;
      for (const std::string& each : oci::format_names(true)) known += (known.empty() ? "" : ", ") + each;
      return fail(ErrorCode::usage, "\"" + printable(name) + "\" is no format").hinting("the formats are " + known);
    }
    if (std::ranges::find(out, format) != out.end()) return fail(ErrorCode::usage, "the format " + name + " is named twice");
    out.push_back(format);
  }
  return out;
}

std::optional<oci::Compression> parse_compression(const std::string& text) {
  if (text == "gzip") return oci::Compression::gzip;
  if (text == "zstd") return oci::Compression::zstd;
  return text == "none" ? std::optional(oci::Compression::none) : std::nullopt;
}

bool takes_platform(const oci::Format* format) { return format->shape == oci::FormatShape::image || format->name == "runwasi"; }

Result<void> check_target(const ConvertOptions& options, const std::vector<const oci::Format*>& formats) {
  const bool several = formats.size() > 1 || options.all || options.index || options.tag_suffix;
  if (std::ranges::any_of(formats, [](const oci::Format* format) { return format->shape == oci::FormatShape::file; })) {
    if (!several) return {};
    return fail(ErrorCode::usage, "a format that is a file is written alone")
        .hinting("run davit once for each, without --all, --index and --tag-suffix");
  }
  TRY_ASSIGN(const Reference target, parse_store_reference(options.target));
  if (digest_of(target))
    return fail(ErrorCode::usage, "a conversion makes its own digest, so the target must not name one").hinting("leave @DIGEST out");
  const auto* local = std::get_if<LocalReference>(&target);
  if (local == nullptr || local->kind != ArchiveKind::docker_archive) return {};
  if (several) return fail(ErrorCode::usage, "a docker-archive that davit writes holds one image");
  if (formats.front()->shape == oci::FormatShape::image) return {};
  return fail(ErrorCode::unsupported,
              "a docker-archive holds file systems, and the format " + std::string(formats.front()->name) + " has none")
      .hinting("write oci-archive:FILE, or choose --format image");
}

Result<TargetNaming> choose_naming(const ConvertOptions& options, std::size_t formats) {
  if (options.index && (options.tag_suffix || options.all))
    return fail(ErrorCode::usage, "--index stores under one tag, and --tag-suffix and --all under several");
  if (options.index) return TargetNaming::index;
  if (options.all) return TargetNaming::package_tags;
  if (options.tag_suffix) return TargetNaming::format_tags;
  if (formats == 1) return TargetNaming::single;
  return fail(ErrorCode::usage, std::to_string(formats) + " formats cannot have one name")
      .hinting("--index puts them under one index, --tag-suffix under tags of their own");
}

Result<ConversionPlan> make_plan(const Context& context, const ConvertOptions& options) {
  ConversionPlan plan{.target = options.target};
  TRY_ASSIGN(plan.formats, parse_formats(options.formats));
  TRY(check_target(options, plan.formats));
  TRY_ASSIGN(plan.naming, choose_naming(options, plan.formats.size()));
  if (!options.platform.empty() && std::ranges::none_of(plan.formats, takes_platform))
    return fail(ErrorCode::usage, "--platform is for --format image, compat, envoy-compat and runwasi");
  const bool has_image =
      std::ranges::any_of(plan.formats, [](const oci::Format* format) { return format->shape == oci::FormatShape::image; });
  if (!options.compression.empty() && !has_image)
    return fail(ErrorCode::usage, "--compression is for formats with file systems: image, compat and envoy-compat");
  if (options.all && !options.path.empty()) return fail(ErrorCode::usage, "--all takes every wasm file, and --path one");
  plan.options = {.platform = options.platform, .compression = parse_compression(options.compression), .strict = options.strict};
  TRY_ASSIGN(plan.options.created, created_time(context));
  return plan;
}

oci::KeepFiles kept_files(const std::string& text) {
  if (text == "all") return oci::KeepFiles::all;
  return text == "none" ? oci::KeepFiles::none : oci::KeepFiles::automatic;
}

Json result_json(const Converted& result) {
  JsonObject out{{"reference", result.reference},
                 {"digest", result.manifest.digest.text()},
                 {"mediaType", result.manifest.media_type},
                 {"artifactType", result.artifact_type},
                 {"size", result.size},
                 {"format", result.format},
                 {"from", result.from},
                 {"title", result.title}};
  out.set("warnings", Json::strings(result.warnings));
  return out;
}

Result<void> report(Context& context, const std::vector<Converted>& results) {
  for (const Converted& result : results) {
    for (const std::string& warning : result.warnings) context.warn(warning + "; it is remembered for the way back");
    if (result.format != "index")
      context.say("converted " + result.from + " to " + result.format + ": " + result.title + ", " + human_size(result.size));
    if (context.common.json) {
      TRY(context.print_json(result_json(result)));
    } else {
      TRY(context.print(result.reference + "@" + result.manifest.digest.text() + "\n"));
    }
  }
  return {};
}

Result<int> run_convert(Context& context, const ConvertOptions& options) {
  TRY_ASSIGN(const ConversionPlan plan, make_plan(context, options));
  const oci::ReadOptions reading{.path = options.path, .files = kept_files(options.files)};
  TRY_ASSIGN(const std::string verified, verified_target(context, options.source, options.trust));
  auto source = load_packages(context, verified, reading, options.all);
  if (!source) return std::move(source).error().in(options.source);
  for (oci::Package& package : source->packages) TRY(add_annotations(options.annotations, package.description.annotations));
  TRY_ASSIGN(const auto results, convert_packages(context, source->packages, plan));
  TRY(report(context, results));
  return 0;
}

std::vector<Option> convert_options(ConvertOptions& options) {
  std::string names;
  for (const oci::Format& format : oci::formats()) names += (names.empty() ? "" : ", ") + std::string(format.name);
  return {
      {"--format", "FORMAT", "what to write, several with commas between: " + names, &options.formats, ValueKind::word, {}, true},
      {"--platform",
       "OS/ARCH",
       "of an image (default: as remembered, else what its hosts expect)",
       &options.platform,
       ValueKind::word,
       {"wasi/wasm", "wasip1/wasm", "wasip2/wasm"}},
      {"--compression", "KIND", "of an image's layers", &options.compression, ValueKind::word, {"none", "gzip", "zstd"}},
      {"--files",
       "WHICH",
       "data files beside the wasm file: auto takes those of an image made for wasm",
       &options.files,
       ValueKind::word,
       {"auto", "all", "none"}},
      {"--path", "FILE", "the wasm file inside the source, when it holds several", &options.path},
      {"--annotation", "KEY=VALUE", "annotation of the manifest; may be repeated", &options.annotations},
      {"--all", "", "every wasm file of the source, each under a tag that ends in its name", &options.all},
      {"--index", "", "several formats under one index and one tag", &options.index},
      {"--tag-suffix", "", "several formats, each under a tag that ends in its name", &options.tag_suffix},
      {"--strict", "", "write nothing when the format cannot hold everything", &options.strict},
  };
}

}  // namespace

Command make_convert_command() {
  auto options = std::make_shared<ConvertOptions>();
  return {
      .name = "convert",
      .summary = "repack a wasm file: from any packaging to any other",
      .description =
          "Reads the wasm file of SRC, what SRC says about it and the data files beside it, and writes all of it as the named formats.\n"
          "In a container image the file is the one that its entrypoint or command names, else the only wasm file in it; layers are read\n"
          "and never unpacked. The wasm file itself is never changed. What a format cannot hold is listed and remembered in the output\n"
          "(annotation dev.davit.package), so that the way back restores it; data files of a format that holds none become a referrer.\n"
          "The formats fastly, workers and wasmer are files, and DST is then their path. Prints DST@DIGEST.\n\n"
          "With --verify, a key, an identity or a policy nothing is converted unless verify would accept it.",
      .arguments = {{"SRC", "reference, oci:, oci-archive:, docker-archive:, or a file or folder", &options->source, true,
                     ValueKind::reference},
                    {"DST", "reference, oci:, oci-archive:, docker-archive:, or the path of a file", &options->target, true,
                     ValueKind::reference}},
      .options = with_verification(convert_options(*options), options->trust),
      .examples = {{"davit convert docker-archive:app.tar oci:store:1.0 --format wasm", "what \"docker save\" wrote, as an artifact"},
                   {"davit convert oci:store:1.0 registry.example.com/team/app:1.0 --format image,wasm,spin --tag-suffix",
                    "three formats under 1.0-image, 1.0-wasm and 1.0-spin"},
                   {"davit convert oci:store:1.0 docker-archive:app.tar:app:1.0 --format image", "for \"docker load\" and \"podman load\""},
                   {"davit convert oci:image:1.0 oci:store:1.0 --format wasm --path /app/main.wasm", "one of several files"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
      .uses_registry = true,
      .run = [options](Context& context) { return run_convert(context, *options); },
  };
}

}  // namespace davit::cli
