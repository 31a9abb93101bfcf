#include <algorithm>

#include "cli/advise/findings.hpp"
#include "cli/advise/gather.hpp"
#include "cli/commands/commands.hpp"
#include "cli/input.hpp"
#include "cli/stores.hpp"
#include "manifests/encoding.hpp"
#include "manifests/image_manifest.hpp"
#include "manifests/media_type.hpp"
#include "oci/image_source.hpp"
#include "oci/index_entries.hpp"

namespace davit::cli {
namespace {

constexpr std::uint64_t k_max_dockerfile_bytes = std::uint64_t{1} << 20;
constexpr int k_max_depth = 4;

struct AdviseOptions {
  std::string target{};
  std::string platform = "linux/amd64";
  std::string page{};
};

bool is_for(const Descriptor& entry, const Platform& wanted) {
  return entry.platform && entry.platform->os == wanted.os && entry.platform->architecture == wanted.architecture &&
         (wanted.variant.empty() || wanted.variant == entry.platform->variant);
}

// The native image of an index, because that is the one to be replaced.
Result<Descriptor> choose_native(const ImageIndex& index, const Platform& wanted) {
  std::string there;
  std::optional<Descriptor> only;
  std::size_t count = 0;
  for (const Descriptor& entry : index.manifests) {
    if (oci::is_attestation_entry(entry)) continue;
    if (is_for(entry, wanted)) return entry;
    if (there.size() < 200) there += (there.empty() ? "" : ", ") + (entry.platform ? printable(to_text(*entry.platform), 60) : "none");
    only = entry;
    ++count;
  }
  if (count == 1) return *std::move(only);
  return fail(ErrorCode::not_found, "the index has no image for " + to_text(wanted) + ", only for: " + there)
      .hinting("choose with --platform");
}

Result<oci::RawManifest> fetch_native(oci::Repository& repository, const std::string& selector, const Platform& wanted) {
  std::string name = selector;
  for (int depth = 0; depth < k_max_depth; ++depth) {
    TRY_ASSIGN(auto raw, repository.fetch_manifest(name));
    TRY_ASSIGN(const auto parsed, parse_manifest(raw.bytes));
    const auto* index = std::get_if<ImageIndex>(&parsed);
    if (index == nullptr) return raw;
    TRY_ASSIGN(const Descriptor entry, choose_native(*index, wanted));
    name = entry.digest.text();
  }
  return fail(ErrorCode::limit, "indexes are nested deeper than " + std::to_string(k_max_depth) + " levels");
}

bool is_image(const ImageManifest& manifest) {
  const bool has_config =
      manifest.config.media_type == media_type::k_oci_config || manifest.config.media_type == media_type::k_docker_config;
  return has_config &&
         std::ranges::all_of(manifest.layers, [](const Descriptor& layer) { return layer.media_type.find(".tar") != std::string::npos; });
}

Result<advise::ImageFacts> facts_of_reference(Context& context, const Reference& reference, const Platform& wanted) {
  const auto* local = std::get_if<LocalReference>(&reference);
  if (local != nullptr && local->kind == ArchiveKind::docker_archive) {
    TRY_ASSIGN(const auto image, oci::open_docker_archive(local->path, local->tag));
    return advise::facts_of_image(*image);
  }
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::read));
  TRY_ASSIGN(const auto raw, fetch_native(*repository, selector_of(reference), wanted));
  TRY_ASSIGN(const ImageManifest manifest, parse_image_manifest(raw.bytes));
  if (!is_image(manifest))
    return fail(ErrorCode::unsupported, "this is no container image, so there is nothing to advise on")
        .hinting("\"davit explain\" says who accepts an artifact");
  TRY_ASSIGN(const auto image, oci::open_stored_image(*repository, raw));
  TRY_ASSIGN(auto facts, advise::facts_of_image(*image));
  for (const Descriptor& layer : manifest.layers) facts.stored_bytes += layer.size;
  return facts;
}

Result<advise::ImageFacts> facts_of_target(Context& context, const AdviseOptions& options) {
  TRY_ASSIGN(const auto platform, parse_platform_words(options.platform));
  TRY_ASSIGN(const std::optional<Reference> reference, store_reference_in(options.target));
  if (reference) return facts_of_reference(context, *reference, platform);
  TRY_ASSIGN(const Bytes text, oci::read_file(options.target, k_max_dockerfile_bytes));
  return advise::facts_of_dockerfile(as_text(text));
}

Result<int> run_advise(Context& context, const AdviseOptions& options) {
  auto facts = facts_of_target(context, options);
  if (!facts) return std::move(facts).error().in(options.target);
  facts->subject = options.target;
  const advise::Advice advice = advise::advise(*facts);
  if (!options.page.empty()) {
    TRY(oci::write_file(options.page, as_bytes(advise::advice_page(*facts, advice))));
    context.say("wrote " + options.page);
  }
  TRY(context.common.json ? context.print_json(advise::advice_json(*facts, advice)) : context.print(advise::advice_text(*facts, advice)));
  return 0;
}

}  // namespace

Command make_advise_command() {
  auto options = std::make_shared<AdviseOptions>();
  return {
      .name = "advise",
      .summary = "which container image is a good candidate for WebAssembly",
      .description =
          "Reads the image as it is, its layers as streams, and says what speaks for and against a move: language and runtime of the\n"
          "program, libraries and system calls it needs that WASI has no answer for, ports, volumes and databases, shells and package\n"
          "managers, and size. Each finding has its evidence, and the verdict is one of \"good candidate\", \"needs work because …\" and\n"
          "\"keep as container\". What cannot be seen from outside is listed. Of a Dockerfile only the instructions are read.",
      .arguments = {{"TARGET", "a container image in a store or archive, or a Dockerfile", &options->target, true, ValueKind::reference}},
      .options = {{"--platform", "OS/ARCH", "which image of an index (default: linux/amd64)", &options->platform},
                  {"--html", "FILE", "also write the advice as a page of its own", &options->page, ValueKind::file}},
      .examples = {{"davit advise registry.example.com/team/api:1.0", "an image in a registry"},
                   {"davit advise docker-archive:api.tar --html api.html", "an image that docker saved, with a page for reading"},
                   {"davit advise Dockerfile --json", "only instructions, for scripts"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 10, 12},
      .uses_registry = true,
      .run = [options](Context& context) { return run_advise(context, *options); },
  };
}

}  // namespace davit::cli
