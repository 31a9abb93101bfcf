#include "cli/strip_options.hpp"

namespace davit::cli {

std::vector<Option> strip_options(wasm::StripSelection& selection) {
  return {
      {"--debug", "", "remove debugging information and source map links", &selection.debug},
      {"--names", "", "remove names of functions and locals", &selection.names},
      {"--producers", "", "remove the list of tools that made the file", &selection.producers},
      {"--all", "", "remove every custom section that no runtime or reader of metadata needs", &selection.all},
      {"--keep", "NAME", "keep this custom section whatever else is said; * at the end matches any rest", &selection.keep},
      {"--drop", "NAME", "remove this custom section; * at the end matches any rest", &selection.drop},
  };
}

Result<wasm::StripSelection> parse_strip_words(const std::vector<std::string>& words) {
  wasm::StripSelection out;
  for (const std::string& word : words) {
    if (word == "debug") out.debug = true;
    else if (word == "names") out.names = true;
    else if (word == "producers") out.producers = true;
    else if (word == "all") out.all = true;
    else return fail(ErrorCode::usage, "\"" + word + "\" cannot be stripped").hinting("use --strip debug, names, producers or all");
  }
  return out;
}

}  // namespace davit::cli
