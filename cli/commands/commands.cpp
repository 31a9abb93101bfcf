#include "cli/commands/commands.hpp"

#include <array>

namespace davit::cli {

std::span<const CommandEntry> all_commands() {
  static constexpr auto k_commands = std::to_array<CommandEntry>({
      {"build", make_build_command},       {"inspect", make_inspect_command},
      {"validate", make_validate_command}, {"strip", make_strip_command},
      {"optimize", make_optimize_command}, {"metadata", make_metadata_command},
      {"caps", make_caps_command},         {"push", make_push_command},
      {"pull", make_pull_command},         {"copy", make_copy_command},
      {"convert", make_convert_command},   {"index", make_index_command},
      {"explain", make_explain_command},   {"advise", make_advise_command},
      {"tree", make_tree_command},         {"tags", make_tags_command},
      {"tag", make_tag_command},           {"resolve", make_resolve_command},
      {"delete", make_delete_command},     {"login", make_login_command},
      {"logout", make_logout_command},     {"sign", make_sign_command},
      {"verify", make_verify_command},     {"policy", make_policy_command},
      {"report", make_report_command},     {"attest", make_attest_command},
      {"attach", make_attach_command},     {"sbom", make_sbom_command},
      {"key", make_key_command},           {"trust", make_trust_command},
      {"run", make_run_command},           {"symbolize", make_symbolize_command},
      {"ship", make_ship_command},         {"completion", make_completion_command},
      {"version", make_version_command},
  });
  return k_commands;
}

}  // namespace davit::cli
