#include "cli/clock.hpp"
#include "cli/commands/commands.hpp"
#include "cli/stores.hpp"
#include "cli/trust_folder.hpp"
#include "manifests/encoding.hpp"
#include "manifests/time_text.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/tuf/mirror.hpp"
#include "oci/trust/tuf/trust_folder.hpp"

namespace davit::cli {
namespace {

constexpr std::int64_t k_day = 86400;

struct UpdateOptions {
  std::string mirror{};
  std::string root{};
};

JsonObject state_json(const oci::TrustState& state, std::int64_t now) {
  return {{"folder", state.folder},
          {"trustedRoot", state.trusted_root},
          {"targets", Json::strings(state.targets)},
          {"mirror", state.mirror},
          {"updated", write_time(state.updated)},
          {"ageDays", (now - state.updated) / k_day},
          {"rootVersion", state.root_version},
          {"rootExpires", write_time(state.root_expires)},
          {"timestampExpires", write_time(state.timestamp_expires)},
          {"fresh", now < state.root_expires && now < state.timestamp_expires}};
}

bool is_url(const std::string& text) { return text.starts_with("http://") || text.starts_with("https://"); }

Result<std::unique_ptr<oci::TufMirror>> open_mirror(Context& context, const std::string& mirror) {
  if (!is_url(mirror)) return oci::open_folder_mirror(mirror);
  TRY_ASSIGN(auto store, remote_store(context, "", "", StoreAccess::read));
  return oci::open_http_mirror(std::move(store.transport), mirror);
}

// The mirror that is named, else the one of the last update.
Result<std::string> choose_mirror(const UpdateOptions& options, const std::string& folder) {
  if (!options.mirror.empty()) return options.mirror;
  TRY_ASSIGN(const auto state, oci::read_trust_state(folder));
  if (state) return state->mirror;
  return fail(ErrorCode::usage, "no mirror is known yet").hinting("name one with --mirror URL, such as https://tuf-repo-cdn.sigstore.dev");
}

Result<int> run_update(Context& context, const UpdateOptions& options) {
  TRY_ASSIGN(const std::string folder, trust_folder(context));
  TRY_ASSIGN(const std::string mirror_name, choose_mirror(options, folder));
  TRY_ASSIGN(const auto mirror, open_mirror(context, mirror_name));
  oci::TrustUpdate request{.folder = folder, .now = seconds_by_clock()};
  if (!options.root.empty()) {
    TRY_ASSIGN(request.first_root, oci::read_file(options.root, oci::k_max_tuf_root_bytes));
  }
  TRY_ASSIGN(const oci::TrustState state, oci::update_trust(*mirror, request));
  context.say("root version " + std::to_string(state.root_version) + " of " + state.mirror + ", valid until " +
              write_time(state.root_expires));
  if (context.common.json) {
    TRY(context.print_json(state_json(state, request.now)));
    return 0;
  }
  TRY(context.print(state.trusted_root + "\n"));
  return 0;
}

std::string in_words(const oci::TrustState& state, std::int64_t now) {
  const auto expiry = [&](std::int64_t time) { return write_time(time) + (now < time ? "" : "  (expired)"); };
  return "trusted root      " + state.trusted_root + "\nmirror            " + state.mirror + "\nupdated           " +
         write_time(state.updated) + "  (" + std::to_string((now - state.updated) / k_day) + " days ago)\nroot              version " +
         std::to_string(state.root_version) + ", expires " + expiry(state.root_expires) + "\ntimestamp         expires " +
         expiry(state.timestamp_expires) + "\n";
}

Result<int> run_show(Context& context) {
  TRY_ASSIGN(const std::string folder, trust_folder(context));
  TRY_ASSIGN(const auto state, oci::read_trust_state(folder));
  if (!state) {
    return fail(ErrorCode::not_found, "no trust root was fetched yet")
        .in(folder)
        .hinting("run \"davit trust update --mirror URL --root FILE\"");
  }
  const std::int64_t now = seconds_by_clock();
  if (context.common.json) {
    TRY(context.print_json(state_json(*state, now)));
    return 0;
  }
  TRY(context.print(in_words(*state, now)));
  return 0;
}

Command make_update_command() {
  const auto options = std::make_shared<UpdateOptions>();  // shared by the option targets and the run function
  return {.name = "trust update",
          .summary = "fetch the trust root of Sigstore by TUF",
          .description =
              "Follows a repository of The Update Framework from the root that you name the first time (--root) to its newest state and "
              "fetches trusted_root.json, which verify then uses. No root is built in: the first one must come from a source that you "
              "trust. Every step is checked: signatures and thresholds, versions that never go back, expiry, hashes and lengths. What was "
              "fetched stays usable without a network.",
          .options = {{"--mirror", "URL|DIR", "where the repository is; remembered for the next time", &options->mirror},
                      {"--root", "FILE", "root.json to begin with; needed only the first time", &options->root, ValueKind::file}},
          .examples = {{"davit trust update --mirror https://tuf-repo-cdn.sigstore.dev --root root.json", "the first time"},
                       {"davit trust update", "from then on"},
                       {"davit trust update --mirror /media/usb/tuf", "from a copy, on a machine without a network"}},
          .exit_statuses = {4, 6, 8, 9, 10, 11, 13},
          .uses_registry = true,
          .run = [options](Context& context) { return run_update(context, *options); }};
}

Command make_show_command() {
  return {.name = "trust show",
          .summary = "where the fetched trust root is and how old",
          .description = "Shows which root version is trusted, until when, from where and when it was fetched. Opens no connection.",
          .examples = {{"davit trust show", "the state in words"}, {"davit trust show --json", "for programs"}},
          .exit_statuses = {4, 8},
          .run = run_show};
}

}  // namespace

Command make_trust_command() {
  return {.name = "trust",
          .summary = "keep the trust root of Sigstore up to date",
          .description =
              "The trust root names the logs and authorities of a Sigstore instance. It is fetched by TUF, kept in\n"
              "$XDG_DATA_HOME/davit/tuf (else ~/.local/share/davit/tuf), and never built in.",
          .children = {make_update_command(), make_show_command()}};
}

}  // namespace davit::cli
