#include <algorithm>
#include <array>
#include <filesystem>

#include "cli/attest/attest.hpp"
#include "cli/commands/commands.hpp"
#include "cli/sign/sign_words.hpp"
#include "cli/stores.hpp"
#include "manifests/media_type.hpp"
#include "manifests/predicate_type.hpp"
#include "oci/io/file.hpp"
#include "oci/put_bytes.hpp"

namespace davit::cli {
namespace {

constexpr std::uint64_t k_max_attached_bytes = std::uint64_t{1} << 30;

struct AttachOptions {
  std::string target{};
  std::string file{};
  std::string type{};
  std::string media_type{};
  std::vector<std::string> annotations{};
  std::vector<std::string> keys{};
  std::string format = "bundle";
  KeyAccess access{};
};

// The media types under which tools look for documents of these types.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> k_media_types{
    {{k_predicate_spdx, "application/spdx+json"},
     {k_predicate_cyclonedx, "application/vnd.cyclonedx+json"},
     {k_predicate_openvex, "application/vnd.openvex+json"},
     {k_predicate_slsa_1, "application/vnd.in-toto.provenance+json"},
     {k_predicate_capabilities, "application/vnd.davit.capabilities.v1+json"}}};

Result<std::string> media_type_for(const AttachOptions& options) {
  if (!options.media_type.empty()) {
    if (options.media_type.find('/') != std::string::npos) return options.media_type;
    return fail(ErrorCode::usage, "\"" + options.media_type + "\" is no media type").hinting("write it like application/vnd.example+json");
  }
  const auto uri = predicate_type_of(options.type);
  const auto* const known =
      std::ranges::find(k_media_types, std::string_view(uri ? *uri : ""), [](const auto& entry) { return entry.first; });
  if (known != k_media_types.end()) return std::string(known->second);
  if (options.type.empty()) return std::string(media_type::k_octet_stream);
  return fail(ErrorCode::usage, "there is no usual media type for \"" + options.type + "\"").hinting("give --media-type TYPE");
}

// The same file is attached once: nothing in the manifest depends on when or where it is written.
Result<Digest> attach_file(oci::Repository& repository, const Descriptor& subject, const AttachOptions& options,
                           const std::string& media_type) {
  TRY_ASSIGN(Annotations annotations, parse_annotation_words(options.annotations));
  TRY_ASSIGN(Bytes content, oci::read_file(options.file, k_max_attached_bytes));
  TRY_ASSIGN(const Descriptor config, oci::put_empty_config(repository));
  TRY_ASSIGN(Descriptor layer, oci::put_bytes(repository, std::move(content), media_type));
  layer.annotations.emplace(annotation::k_title, std::filesystem::path(options.file).filename().string());
  JsonObject manifest{{"schemaVersion", 2},
                      {"mediaType", media_type::k_oci_manifest},
                      {"artifactType", media_type},
                      {"config", davit::to_json(config)},
                      {"layers", JsonArray{davit::to_json(layer)}},
                      {"subject", davit::to_json(oci::bare(subject))}};
  if (!annotations.empty()) manifest.set("annotations", davit::to_json(annotations));
  const oci::RawManifest raw = oci::make_raw_manifest(std::move(manifest));
  TRY(repository.put_manifest(raw, std::nullopt));
  return raw.descriptor.digest;
}

Result<int> run_attach(Context& context, const AttachOptions& options) {
  TRY_ASSIGN(const Reference reference, parse_store_reference(options.target));
  if (!options.keys.empty() && options.type.empty()) {
    return fail(ErrorCode::usage, "a signed statement has a type").hinting("add --type, such as spdxjson");
  }
  TRY_ASSIGN(const std::string media_type, media_type_for(options));
  std::optional<Predicate> predicate;
  if (!options.type.empty()) {
    TRY_ASSIGN(predicate, load_predicate(context, options.type, options.file));
  }
  std::optional<Signers> signers;
  if (!options.keys.empty()) {
    TRY_ASSIGN(signers, load_signers(context, options.keys, options.access, {}));
  }
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::write));
  TRY_ASSIGN(const oci::RawManifest manifest, repository->fetch_manifest(selector_of(reference)));
  TRY_ASSIGN(const Digest attached, attach_file(*repository, manifest.descriptor, options, media_type));
  std::vector<Attested> attested;
  if (predicate && signers) {
    TRY_ASSIGN(attested,
               attest_in_store(context, *repository, reference, {manifest.descriptor}, *predicate, *std::move(signers), options.format));
  }
  TRY(repository->flush());
  const std::string name = to_text(with_digest(reference, attached));
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"reference", name},
                                      {"digest", attached.text()},
                                      {"subject", manifest.descriptor.digest.text()},
                                      {"artifactType", media_type},
                                      {"attestations", to_json(attested)}}));
    return 0;
  }
  TRY(context.print(name + "\n"));
  return 0;
}

}  // namespace

Command make_attach_command() {
  const auto options = std::make_shared<AttachOptions>();  // shared by the option targets and the run function
  return {
      .name = "attach",
      .summary = "store a file beside an artifact",
      .description =
          "Stores a file, such as an SBOM, as a referrer of the artifact and prints its reference. By itself it is a claim of whoever may "
          "write to the repository; with --sign its content is also attested to, which is what verification looks at.\n\n"
          "With --type the file is checked to be what the type says, and gets the media type under which tools look for it.",
      .arguments = {{"REF", "the artifact", &options->target, true, ValueKind::reference},
                    {"FILE", "what to store beside it", &options->file, true, ValueKind::file}},
      .options = with_key_access(
          {{"--type", "TYPE", "type of its content: spdxjson, cyclonedx, openvex, slsaprovenance1, capabilities, or a URI", &options->type},
           {"--media-type", "TYPE", "media type of the file", &options->media_type},
           {"-a,--annotation", "KEY=VALUE", "annotation of its manifest; may be repeated", &options->annotations},
           {"--sign", "KEY", "also attest to its content with this private key; may be repeated", &options->keys, ValueKind::file},
           {"--attestation-format",
            "FORM",
            "where the attestation goes",
            &options->format,
            ValueKind::word,
            {"bundle", "classic", "both"}}},
          options->access),
      .examples = {{"davit attach registry.example.com/team/app:v1 sbom.cdx.json --type cyclonedx", "an SBOM that scanners find"},
                   {"davit attach oci:build/app:v1 sbom.spdx.json --type spdxjson --sign davit.key", "and signed"},
                   {"davit attach oci:build/app:v1 notes.txt --media-type text/plain", "any file"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 12, 13},
      .uses_registry = true,
      .run = [options](Context& context) { return run_attach(context, *options); },
  };
}

}  // namespace davit::cli
