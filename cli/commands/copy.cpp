#include "oci/copy.hpp"
#include "cli/commands/commands.hpp"
#include "cli/output/progress.hpp"
#include "cli/stores.hpp"
#include "cli/trust.hpp"

namespace davit::cli {
namespace {

struct CopyOptions {
  std::string source{};
  std::string target{};
  bool recursive = false;
  TrustOptions trust{};
};

// Under the name the target gives, else under the tag it has at the source.
std::optional<std::string> target_tag(const Reference& source, const Reference& target) {
  if (tag_of(target) || digest_of(target)) return tag_of(target);
  if (tag_of(source)) return tag_of(source);
  if (digest_of(source)) return std::nullopt;
  return tag_to_write(target);
}

Result<int> run_copy(Context& context, const CopyOptions& options) {
  TRY_ASSIGN(const auto source, parse_store_reference(options.source));
  TRY_ASSIGN(const auto target, parse_store_reference(options.target));
  TRY_ASSIGN(const auto from, open_source_repository(context, source, target));
  TRY_ASSIGN(const auto to, open_repository(context, target, StoreAccess::write));
  const auto tag = target_tag(source, target);
  std::string selector = selector_of(source);
  if (options.trust.must_verify()) {
    TRY_ASSIGN(const oci::Verified verified, require_verified(context, *from, source, options.trust));
    selector = verified.digest().text();
  }
  Descriptor copied{.media_type = "", .digest = digest_of(std::string_view())};
  {
    Progress progress(context);
    const oci::TransferOptions transfer{.concurrency = context.registry.concurrency,
                                        .events = progress.events(),
                                        .recursive = options.recursive,
                                        .source_name = source_name_of(source)};
    TRY_ASSIGN(copied, oci::copy_graph(*from, *to, selector, tag, transfer));
  }
  if (const auto wanted = digest_of(target); wanted && *wanted != copied.digest) {
    return fail(ErrorCode::mismatch, "the source has digest " + copied.digest.text() + ", and the target names " + wanted->text());
  }
  TRY(to->flush());
  const std::string name = to_text(tag ? with_tag(target, *tag) : with_digest(target, copied.digest));
  if (context.common.json) {
    TRY(context.print_json(
        JsonObject{{"reference", name}, {"digest", copied.digest.text()}, {"mediaType", copied.media_type}, {"size", copied.size}}));
    return 0;
  }
  TRY(context.print(tag ? name + "@" + copied.digest.text() + "\n" : name + "\n"));
  return 0;
}

}  // namespace

Command make_copy_command() {
  auto options = std::make_shared<CopyOptions>();
  return {
      .name = "copy",
      .summary = "copy an artifact between stores, byte for byte",
      .description =
          "Indexes bring everything they name. Digests stay what they are. With --recursive the signatures, attestations and other\n"
          "referrers come along, and theirs. Without a tag in DST the tag of SRC is kept. Prints REF@DIGEST.\n\n"
          "With --verify, a key, an identity or a policy nothing is copied unless verify would accept it.",
      .arguments = {{"SRC", "the artifact, by tag or digest", &options->source, true, ValueKind::reference},
                    {"DST", "the store to copy to", &options->target, true, ValueKind::reference}},
      .options = with_verification({{"-r,--recursive", "", "bring referrers too", &options->recursive}}, options->trust),
      .examples = {{"davit copy registry.example.com/app:1.0 oci:mirror --recursive", "everything about a release, for offline use"},
                   {"davit copy oci:store:1.0 registry.example.com/app:1.0", "from a folder to a registry"},
                   {"davit copy oci:store:1.0 oci-archive:app.tar:1.0", "into one file"},
                   {"davit copy registry.example.com/app:1.0 oci:mirror --verify --key davit.pub", "only what is signed with this key"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15},
      .uses_registry = true,
      .run = [options](Context& context) { return run_copy(context, *options); },
  };
}

}  // namespace davit::cli
