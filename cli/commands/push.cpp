#include <filesystem>

#include "cli/artifact.hpp"
#include "cli/commands/commands.hpp"
#include "cli/debug/debug_artifact.hpp"
#include "cli/output/progress.hpp"
#include "cli/sign/sign_words.hpp"
#include "cli/stores.hpp"

namespace davit::cli {
namespace {

constexpr std::uint64_t k_early_upload_bytes = std::uint64_t{32} << 20;

struct PushOptions {
  ArtifactRequest request{};
  std::string target{};
  std::string key{};
  std::string signature_format = "bundle";
  KeyAccess access{};
  std::string debug_file{};
};

oci::TransferOptions transfer_options(const Context& context, Progress& progress) {
  return {.concurrency = context.registry.concurrency, .events = progress.events()};
}

// Hashing a large file takes as long as sending a good part of it, so both go on at once. Not when the name is taken:
// then it is likely that the store has the file, and the digest is worth waiting for.
Result<bool> begins_early(oci::Repository& repository, const PushOptions& options, const std::optional<std::string>& tag) {
  const oci::Format* format = oci::find_format(options.request.format);
  if (format == nullptr || format->shape != oci::FormatShape::bare || !tag) return false;
  std::error_code problem;
  const auto size = std::filesystem::file_size(options.request.file, problem);
  if (problem || size < k_early_upload_bytes) return false;
  auto found = repository.resolve(*tag);
  if (found) return false;
  if (found.error().code == ErrorCode::not_found) return true;
  return std::move(found).error();
}

Result<int> run_push(Context& context, PushOptions& options) {
  if (options.request.file == "-" && context.registry.password_from_stdin) {
    return fail(ErrorCode::usage, "standard input cannot be both the file and the password").hinting("log in with \"davit login\" first");
  }
  TRY_ASSIGN(const auto reference, parse_store_reference(options.target));
  if (digest_of(reference)) {
    return fail(ErrorCode::usage, "a push makes its own digest, so \"" + options.target + "\" must not name one")
        .hinting("leave @DIGEST out");
  }
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::write));
  std::unique_ptr<oci::SigningKey> key;
  if (!options.key.empty()) {
    // Before anything is sent: a wrong password must not leave an unsigned artifact behind.
    TRY_ASSIGN(key, load_signing_key(context, options.key, options.access));
  }
  std::optional<DebugFile> debug;
  if (!options.debug_file.empty()) {
    TRY_ASSIGN(debug, load_debug_file(options.debug_file, options.request.file));
  }
  const auto tag = tag_to_write(reference);
  TRY_ASSIGN(const bool early, begins_early(*repository, options, tag));
  if (early) {
    options.request.begin_upload = [&](const std::string& path) -> std::shared_ptr<oci::EarlyUpload> {
      const auto stamp = oci::stamp_file(path);
      if (!stamp) return nullptr;
      return repository->begin_blob(oci::make_file_origin(path, *stamp), stamp->size);
    };
  }
  TRY_ASSIGN(const auto built, build_artifact(context, options.request));
  bool sent = false;
  {
    Progress progress(context);
    auto transfer = transfer_options(context, progress);
    transfer.is_new_name = early;
    TRY_ASSIGN(sent, oci::publish(*repository, built.artifact, tag, transfer));
  }
  const Descriptor& manifest = built.artifact.manifest.descriptor;
  if (debug) {
    TRY_ASSIGN(const Digest digest, oci::put_debug_file(*repository, manifest, std::move(debug->content), debug->title));
    context.say("debugging information is referrer " + digest.text());
  }
  if (key) TRY(sign_in_store(context, *repository, reference, manifest, std::move(key), options.signature_format));
  TRY(repository->flush());
  const std::string name = to_text(tag ? with_tag(reference, *tag) : reference);
  context.say(sent ? "pushed " + human_size(built.size) + " as " + built.format : "it was there already; nothing was sent");
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"reference", name},
                                      {"digest", manifest.digest.text()},
                                      {"mediaType", manifest.media_type},
                                      {"artifactType", built.artifact_type},
                                      {"size", built.size},
                                      {"format", built.format}}));
    return 0;
  }
  TRY(context.print(name + "@" + manifest.digest.text() + "\n"));
  return 0;
}

}  // namespace

Command make_push_command() {
  auto options = std::make_shared<PushOptions>();
  ArtifactRequest& request = options->request;
  return {
      .name = "push",
      .summary = "push a wasm file to a store",
      .description =
          "Packs the file as an artifact and stores it: blobs first, then the manifest, then the tag. What the store has already is\n"
          "not sent. The same file always gets the same digest. Prints REF@DIGEST.",
      .arguments = {{"FILE", "the wasm file, or - for standard input", &request.file, true, ValueKind::file},
                    {"REF", "where to, with a tag (default: latest)", &options->target, true, ValueKind::reference}},
      .options = with_key_access(
          {{"--format", "FORMAT", "packaging of the artifact", &request.format, ValueKind::word, oci::format_names(false)},
           {"--caps", "FILE", "put this capability manifest into the file first", &request.capability_file, ValueKind::file},
           {"--annotation", "KEY=VALUE", "annotation of the manifest; may be repeated", &request.annotations},
           {"--title", "NAME", "file name that pulling tools give the file", &request.title},
           {"--debug-file", "FILE", "also keep this debugging information, split off the file, as a referrer of the artifact",
            &options->debug_file, ValueKind::file},
           {"--sign", "KEY", "sign what was pushed with this private key", &options->key, ValueKind::file},
           {"--signature-format",
            "FORM",
            "where the signature goes",
            &options->signature_format,
            ValueKind::word,
            {"bundle", "classic", "both"}}},
          options->access),
      .examples = {{"davit push app.wasm registry.example.com/team/app:1.0", "to a registry"},
                   {"davit push app.wasm oci:store:1.0", "to a folder, which needs no server"},
                   {"davit push app.wasm registry.example.com/team/app:1.0 --sign davit.key", "signed as well"},
                   {"davit push app.wasm oci:store:1.0 --caps caps.json --json", "with a capability manifest, for scripts"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 12, 13},
      .uses_registry = true,
      .run = [options](Context& context) { return run_push(context, *options); },
  };
}

}  // namespace davit::cli
