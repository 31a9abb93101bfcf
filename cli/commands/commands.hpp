// The table of commands. Each `make_…` stands in its own file and builds one Command when it is asked for.
#pragma once

#include <span>
#include <string_view>

#include "cli/command.hpp"

namespace davit::cli {

struct CommandEntry {
  std::string_view name;
  Command (*make)();
};

/// In the order in which help lists them.
std::span<const CommandEntry> all_commands();

Command make_build_command();
Command make_advise_command();
Command make_explain_command();
Command make_index_command();
Command make_inspect_command();
Command make_metadata_command();
Command make_validate_command();
Command make_strip_command();
Command make_symbolize_command();
Command make_optimize_command();
Command make_caps_command();
Command make_push_command();
Command make_pull_command();
Command make_copy_command();
Command make_tree_command();
Command make_tags_command();
Command make_tag_command();
Command make_resolve_command();
Command make_delete_command();
Command make_login_command();
Command make_logout_command();
Command make_run_command();
Command make_sbom_command();
Command make_ship_command();
Command make_convert_command();
Command make_sign_command();
Command make_verify_command();
Command make_policy_command();
Command make_report_command();
Command make_attest_command();
Command make_attach_command();
Command make_key_command();
Command make_key_convert_command();
Command make_key_inspect_command();
Command make_trust_command();
Command make_completion_command();
Command make_version_command();
/// Hidden: used at build time to write the man pages.
Command make_manpage_command();

}  // namespace davit::cli
