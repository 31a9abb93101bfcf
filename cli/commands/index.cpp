#include <algorithm>

#include "cli/artifact.hpp"
#include "cli/commands/commands.hpp"
#include "cli/output/progress.hpp"
#include "cli/stores.hpp"
#include "manifests/encoding.hpp"
#include "oci/copy.hpp"
#include "oci/index_entries.hpp"

namespace davit::cli {
namespace {

struct IndexOptions {
  std::string target{};
  std::vector<std::string> sources{};
  std::vector<std::string> platforms{};
  std::vector<std::string> annotations{};
};

struct OpenSource {
  std::string word;  ///< as it was given
  Reference reference;
  std::unique_ptr<oci::Repository> repository;
  std::vector<Descriptor> entries{};
};

// `SRC=OS/ARCH`; the reference itself holds no `=`.
Result<std::map<std::string, Platform>> parse_platforms(const IndexOptions& options) {
  std::map<std::string, Platform> out;
  for (const std::string& text : options.platforms) {
    const std::size_t equals = text.rfind('=');
    if (equals == std::string::npos) return fail(ErrorCode::usage, "\"" + printable(text) + "\" is not SRC=OS/ARCH");
    const std::string source = text.substr(0, equals);
    if (std::ranges::find(options.sources, source) == options.sources.end())
      return fail(ErrorCode::usage, "--platform names \"" + printable(source) + "\", which is not one of the sources");
    TRY_ASSIGN(auto platform, parse_platform_words(std::string_view(text).substr(equals + 1)));
    if (!out.emplace(source, std::move(platform)).second)
      return fail(ErrorCode::usage, "--platform names \"" + printable(source) + "\" twice");
  }
  return out;
}

Result<std::vector<OpenSource>> open_sources(Context& context, const IndexOptions& options, const Reference& target) {
  TRY_ASSIGN(const auto platforms, parse_platforms(options));
  std::vector<OpenSource> out;
  for (const std::string& word : options.sources) {
    TRY_ASSIGN(auto reference, parse_store_reference(word));
    TRY_ASSIGN(auto repository, open_source_repository(context, reference, target));
    const auto platform = platforms.find(word);
    auto entries = oci::collect_entries(*repository, selector_of(reference),
                                        platform == platforms.end() ? std::nullopt : std::optional(platform->second));
    if (!entries) return std::move(entries).error().in(word);
    out.push_back({word, std::move(reference), std::move(repository), *std::move(entries)});
  }
  return out;
}

Result<void> copy_children(Context& context, const std::vector<OpenSource>& sources, oci::Repository& target) {
  Progress progress(context);
  for (const OpenSource& source : sources) {
    const oci::TransferOptions transfer{
        .concurrency = context.registry.concurrency, .events = progress.events(), .source_name = source_name_of(source.reference)};
    for (const Descriptor& entry : source.entries) {
      auto copied = oci::copy_graph(*source.repository, target, entry.digest.text(), std::nullopt, transfer);
      if (!copied) return std::move(copied).error().during("copying " + entry.digest.text() + " of " + source.word);
    }
  }
  return {};
}

std::string kind_of(const Descriptor& entry) {
  if (oci::is_attestation_entry(entry)) return "attestation";
  return entry.platform ? to_text(*entry.platform) : "no platform";
}

Result<int> run_create(Context& context, const IndexOptions& options) {
  TRY_ASSIGN(const auto target, parse_store_reference(options.target));
  if (digest_of(target))
    return fail(ErrorCode::usage, "an index gets its digest when it is made; give \"" + printable(options.target) + "\" a tag instead");
  Annotations annotations;
  TRY(add_annotations(options.annotations, annotations));
  TRY_ASSIGN(const auto sources, open_sources(context, options, target));
  std::vector<oci::SourcedEntry> gathered;
  for (const OpenSource& source : sources) {
    for (const Descriptor& entry : source.entries) gathered.push_back({entry, source.word});
  }
  TRY_ASSIGN(auto entries, oci::merge_entries(gathered));
  const oci::RawManifest index = oci::make_index(entries, std::move(annotations));
  TRY_ASSIGN(const auto to, open_repository(context, target, StoreAccess::write));
  TRY(copy_children(context, sources, *to));
  const auto tag = tag_to_write(target);
  TRY(to->put_manifest(index, tag));
  TRY(to->flush());
  const std::string name = to_text(with_tag(target, *tag));
  for (const Descriptor& entry : entries) context.say(entry.digest.text() + "  " + printable(kind_of(entry), 80));
  if (context.common.json) {
    JsonArray list;
    for (const Descriptor& entry : entries) list.push_back(to_json(entry));
    TRY(context.print_json(JsonObject{{"reference", name},
                                      {"digest", index.descriptor.digest.text()},
                                      {"mediaType", index.descriptor.media_type},
                                      {"size", index.descriptor.size},
                                      {"manifests", std::move(list)}}));
    return 0;
  }
  TRY(context.print(name + "@" + index.descriptor.digest.text() + "\n"));
  return 0;
}

Command make_create(const std::shared_ptr<IndexOptions>& options) {
  return {
      .name = "index create",
      .summary = "put images that are in stores under one index and one tag",
      .description =
          "Each source is a native container image, a wasm image or artifact, or an index of such; indexes are opened and keep their\n"
          "attestations. Every image must be for another platform; it is taken from the configuration. What the target lacks is\n"
          "copied, within one registry without sending it again. The order of the sources does not matter: the same images give the\n"
          "same digest. Container hosts of a platform then get their image and wasm hosts the module. Prints REF@DIGEST.",
      .arguments = {{"DST", "the store and tag of the index", &options->target, true, ValueKind::reference},
                    {"SRC", "what goes into it", &options->sources, true, ValueKind::reference}},
      .options = {{"--platform", "SRC=OS/ARCH", "the platform of one source, over its own; may be repeated", &options->platforms},
                  {"--annotation", "KEY=VALUE", "an annotation of the index; may be repeated", &options->annotations}},
      .examples = {{"davit index create registry.example.com/app:1 registry.example.com/app:1-native registry.example.com/app:1-wasm",
                    "docker gets the container and a wasm host the module"},
                   {"davit index create oci:store:all oci:store:1 oci:old:1 --platform oci:old:1=wasip1/wasm",
                    "from folders, one of whose images does not say what it is for"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 10, 12, 13},
      .uses_registry = true,
      .run = [options](Context& context) { return run_create(context, *options); },
  };
}

}  // namespace

Command make_index_command() {
  auto options = std::make_shared<IndexOptions>();
  return {
      .name = "index",
      .summary = "put several images under one name",
      .description = "An index names one manifest for each platform; who asks for it gets the one for their own.",
      .examples = {{"davit index create registry.example.com/app:1 registry.example.com/app:1-native registry.example.com/app:1-wasm",
                    "native and wasm under one tag"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 10, 12, 13},
      .children = {make_create(options)},
  };
}

}  // namespace davit::cli
