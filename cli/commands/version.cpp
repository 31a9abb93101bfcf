#include "cli/version.hpp"
#include "cli/commands/commands.hpp"
#include "manifests/libcrypto.hpp"

namespace davit::cli {
namespace {

Result<int> run_version(Context& context) {
  if (context.common.json) {
    TRY(context.print_json(
        JsonObject{{"version", k_version}, {"binaryen", k_binaryen_version}, {"openssl", libcrypto_version()}, {"compiler", k_compiler}}));
    return 0;
  }
  TRY(context.print("davit " + std::string(k_version) + " (binaryen " + std::string(k_binaryen_version) + ", " + std::string(k_compiler) +
                    ")\n"));
  return 0;
}

}  // namespace

Command make_version_command() {
  return {
      .name = "version",
      .summary = "print the version and what davit was built with",
      .description = "",
      .examples = {{"davit version --json", "for scripts"}},
      .run = run_version,
  };
}

}  // namespace davit::cli
