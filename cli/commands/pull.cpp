#include "cli/artifact_reader.hpp"
#include "cli/commands/commands.hpp"
#include "cli/data_files.hpp"
#include "cli/input.hpp"
#include "cli/output/progress.hpp"
#include "cli/stores.hpp"
#include "cli/trust.hpp"
#include "oci/copy.hpp"

namespace davit::cli {
namespace {

struct PullOptions {
  std::string reference{};
  std::string output{};
  std::string files{};  ///< folder for the data files
  TrustOptions trust{};
};

// Copies with progress; the file takes its name only after the last byte was checked.
Result<void> save(Context& context, oci::Source& source, const Descriptor& layer, const std::string& file) {
  TRY_ASSIGN(const auto sink, open_output(context, file));
  Progress progress(context);
  const oci::TransferEvents events = progress.events();
  events.on_start(layer);
  Bytes buffer(oci::k_copy_buffer_bytes);
  while (true) {
    TRY_ASSIGN(const std::size_t count, source.read(buffer));
    if (count == 0) break;
    TRY(sink->write(ByteView(buffer).first(count)));
    events.on_bytes(layer, count);
  }
  TRY(sink->finish());
  events.on_done(layer);
  return {};
}

Result<int> pull_selected(Context& context, const PullOptions& options, const Reference& reference, oci::Repository& repository,
                          const std::string& selector) {
  TRY_ASSIGN(const auto manifest, oci::fetch_wasm_manifest(repository, selector));
  auto found = find_wasm(repository, manifest);
  if (!found) return std::move(found).error().in(to_text(reference));
  TRY_ASSIGN(const auto source, open_wasm(repository, *found));
  TRY_ASSIGN(const bool has_files, has_data_files(manifest));
  if (!options.files.empty()) {
    auto restored = restore_data_files(repository, manifest, options.files);
    if (!restored) return std::move(restored).error().in(to_text(reference));
  }
  const std::string file = options.output.empty() ? safe_file_name(found->layer, repository_name(reference)) : options.output;
  TRY(save(context, *source, found->layer, file));
  if (has_files && options.files.empty()) context.say("it has data files besides; --files FOLDER restores them");
  if (file == "-") return 0;
  context.say("pulled " + human_size(found->layer.size) + " from " + to_text(with_digest(reference, manifest.descriptor.digest)));
  if (!options.files.empty()) context.say("restored its data files in " + options.files);
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"reference", to_text(reference)},
                                      {"files", options.files.empty() ? Json(nullptr) : Json(options.files)},
                                      {"digest", manifest.descriptor.digest.text()},
                                      {"file", file},
                                      {"fileDigest", found->layer.digest.text()},
                                      {"mediaType", found->layer.media_type},
                                      {"size", found->layer.size},
                                      {"format", found->format}}));
    return 0;
  }
  TRY(context.print(file + "\n"));
  return 0;
}

// What was verified is a digest, so the tag is not asked again.
Result<int> pull_verified(Context& context, const PullOptions& options, const Reference& reference, oci::Repository& repository,
                          const oci::Verified& verified) {
  return pull_selected(context, options, reference, repository, verified.digest().text());
}

Result<int> run_pull(Context& context, const PullOptions& options) {
  TRY_ASSIGN(const auto reference, parse_store_reference(options.reference));
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::read));
  if (!options.trust.must_verify()) return pull_selected(context, options, reference, *repository, selector_of(reference));
  TRY_ASSIGN(const auto verified, require_verified(context, *repository, reference, options.trust));
  return pull_verified(context, options, reference, *repository, verified);
}

}  // namespace

Command make_pull_command() {
  auto options = std::make_shared<PullOptions>();
  return {
      .name = "pull",
      .summary = "pull a wasm file out of a store",
      .description =
          "Finds the wasm file of the artifact, whichever tool packed it, and writes it after its digest was checked. Without -o the\n"
          "file gets the last part of the artifact's title, always in the current folder and ending in .wasm. Prints the file's name.\n"
          "Data files that belong to the artifact are restored with --files.\n\n"
          "With --verify, a key, an identity or a policy nothing is written unless verify would accept it; what is pulled is the verified "
          "digest.",
      .arguments = {{"REF", "the artifact, by tag or digest", &options->reference, true, ValueKind::reference}},
      .options = with_verification(
          {{"-o,--output", "FILE", "where to write it; - is standard output", &options->output, ValueKind::file},
           {"--files", "FOLDER", "restore the artifact's data files into this new folder", &options->files, ValueKind::folder}},
          options->trust),
      .examples = {{"davit pull registry.example.com/team/app:1.0", "under the name its publisher gave it"},
                   {"davit pull oci:store:1.0 -o app.wasm", "under a name of your own"},
                   {"davit pull oci:store:1.0 --files assets", "with its data files"},
                   {"davit pull oci:store:1.0 --key davit.pub", "only when it is signed with this key"},
                   {"davit pull oci:store:1.0 -o - | davit inspect -", "into a pipe"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
      .uses_registry = true,
      .run = [options](Context& context) { return run_pull(context, *options); },
  };
}

}  // namespace davit::cli
