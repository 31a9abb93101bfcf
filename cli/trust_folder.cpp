#include "cli/trust_folder.hpp"

#include "cli/clock.hpp"
#include "oci/trust/tuf/trust_folder.hpp"

namespace davit::cli {

Result<std::string> trust_folder(const Context& context) {
  if (const auto data = context.environment("XDG_DATA_HOME")) return *data + "/davit/tuf";
  if (const auto home = context.environment("HOME")) return *home + "/.local/share/davit/tuf";
  return fail(ErrorCode::usage, "there is no place for the trust root").hinting("set HOME or XDG_DATA_HOME");
}

Result<std::string> fetched_trusted_root(const Context& context) {
  const auto folder = trust_folder(context);
  if (!folder) return std::string{};
  TRY_ASSIGN(const auto state, oci::read_trust_state(*folder));
  if (!state) return std::string{};
  const std::int64_t now = seconds_by_clock();
  const std::string age = std::to_string((now - state->updated) / 86400) + " days old";
  context.explain("trust root " + state->trusted_root + ", " + age);
  if (now >= state->root_expires || now >= state->timestamp_expires)
    context.warn("the trust root is " + age + " and what vouched for it has expired; \"davit trust update\" renews it");
  return state->trusted_root;
}

}  // namespace davit::cli
