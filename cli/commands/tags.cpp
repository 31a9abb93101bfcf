// The small commands about names: resolve, tags, tag, delete.
#include "cli/commands/commands.hpp"
#include "cli/stores.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

struct NameOptions {
  std::string reference{};
  std::vector<std::string> names{};
};

Result<int> run_resolve(Context& context, const NameOptions& options) {
  TRY_ASSIGN(const auto reference, parse_store_reference(options.reference));
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::read));
  TRY_ASSIGN(const auto found, repository->resolve(selector_of(reference)));
  if (context.common.json) {
    TRY(context.print_json(JsonObject{
        {"reference", to_text(reference)}, {"digest", found.digest.text()}, {"mediaType", found.media_type}, {"size", found.size}}));
    return 0;
  }
  TRY(context.print(found.digest.text() + "\n"));
  return 0;
}

Result<int> run_tags(Context& context, const NameOptions& options) {
  TRY_ASSIGN(const auto reference, parse_store_reference(options.reference));
  if (tag_of(reference) || digest_of(reference)) {
    return fail(ErrorCode::usage, "\"" + options.reference + "\" names one artifact; tags wants the repository")
        .hinting("leave out the tag and the digest");
  }
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::read));
  TRY_ASSIGN(const auto tags, repository->list_tags());
  for (const std::string& tag : tags) {
    if (context.common.json) {
      TRY(context.print_json(JsonObject{{"tag", tag}}));
    } else {
      TRY(context.print(printable(tag) + "\n"));
    }
  }
  return 0;
}

Result<int> run_tag(Context& context, const NameOptions& options) {
  TRY_ASSIGN(const auto reference, parse_store_reference(options.reference));
  for (const std::string& name : options.names) {
    if (!is_tag(name))
      return fail(ErrorCode::usage, "\"" + printable(name) + "\" is not a tag").hinting("letters, digits, _ . - and at most 128 of them");
  }
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::write));
  TRY_ASSIGN(const auto manifest, repository->fetch_manifest(selector_of(reference)));
  for (const std::string& name : options.names) TRY(repository->put_manifest(manifest, name));
  TRY(repository->flush());
  for (const std::string& name : options.names) {
    const std::string tagged = to_text(with_tag(reference, name));
    if (context.common.json) {
      TRY(context.print_json(JsonObject{{"reference", tagged}, {"digest", manifest.descriptor.digest.text()}}));
    } else {
      TRY(context.print(tagged + "@" + manifest.descriptor.digest.text() + "\n"));
    }
  }
  return 0;
}

Result<int> run_delete(Context& context, const NameOptions& options) {
  TRY_ASSIGN(const auto reference, parse_store_reference(options.reference));
  if (!tag_of(reference) && !digest_of(reference)) {
    return fail(ErrorCode::usage, "\"" + options.reference + "\" names a whole repository")
        .hinting("add :TAG to remove a name, or @DIGEST to remove a manifest");
  }
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::write));
  TRY(repository->remove(selector_of(reference)));
  TRY(repository->flush());
  context.say("deleted " + to_text(reference));
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"reference", to_text(reference)}, {"deleted", digest_of(reference) ? "manifest" : "tag"}}));
  }
  return 0;
}

Argument reference_argument(NameOptions& options, const char* help) {
  return {"REF", help, &options.reference, true, ValueKind::reference};
}

}  // namespace

Command make_resolve_command() {
  auto options = std::make_shared<NameOptions>();
  return {
      .name = "resolve",
      .summary = "print the digest that a name stands for",
      .description = "",
      .arguments = {reference_argument(*options, "the artifact, by tag or digest")},
      .examples = {{"davit resolve registry.example.com/team/app:1.0", "sha256:…, to pin it"}},
      .exit_statuses = {4, 5, 6, 7, 10},
      .uses_registry = true,
      .run = [options](Context& context) { return run_resolve(context, *options); },
  };
}

Command make_tags_command() {
  auto options = std::make_shared<NameOptions>();
  return {
      .name = "tags",
      .summary = "list the tags of a repository",
      .description = "One per line, sorted.",
      .arguments = {{"REPO", "a repository or store without tag", &options->reference, true, ValueKind::reference}},
      .examples = {{"davit tags registry.example.com/team/app", "all versions"},
                   {"davit tags oci:store --json", "one JSON object per line"}},
      .exit_statuses = {4, 5, 6, 7, 9},
      .uses_registry = true,
      .run = [options](Context& context) { return run_tags(context, *options); },
  };
}

Command make_tag_command() {
  auto options = std::make_shared<NameOptions>();
  return {
      .name = "tag",
      .summary = "give an artifact more tags",
      .description = "The artifact stays as it is; a tag that names another one moves.",
      .arguments = {reference_argument(*options, "the artifact, by tag or digest"), {"NAME", "tags to add", &options->names}},
      .examples = {{"davit tag registry.example.com/team/app:1.0.3 1.0 latest", "two more names for a release"}},
      .exit_statuses = {4, 5, 6, 7, 10},
      .uses_registry = true,
      .run = [options](Context& context) { return run_tag(context, *options); },
  };
}

Command make_delete_command() {
  auto options = std::make_shared<NameOptions>();
  return {
      .name = "delete",
      .summary = "delete a tag or a manifest",
      .description =
          "REF with a tag removes that name only; REF with @DIGEST removes the manifest and every tag on it. Blobs stay until the\n"
          "registry collects them. Many registries allow only one of the two, or none.",
      .arguments = {reference_argument(*options, "what to delete, with tag or digest")},
      .examples = {{"davit delete oci:store:old", "forget a name"}},
      .exit_statuses = {4, 5, 6, 7, 12},
      .uses_registry = true,
      .run = [options](Context& context) { return run_delete(context, *options); },
  };
}

}  // namespace davit::cli
