#include "cli/debug/split.hpp"

#include <filesystem>

#include "cli/input.hpp"
#include "manifests/digest.hpp"
#include "manifests/encoding.hpp"
#include "wasm/custom_section.hpp"
#include "wasm/debug/debug_file.hpp"

namespace davit::cli {
namespace {

// Same file, same identifier: the first bytes of the digest of what was stripped.
Bytes new_build_id(ByteView original) {
  const auto bytes = decode_hex(digest_of(original).hex());
  CHECK(bytes.has_value());
  return {bytes->begin(), bytes->begin() + wasm::k_build_id_bytes};
}

Result<void> check_address(const std::string& option, const std::string& address) {
  if (is_utf8(address) && address.find_first_of("\r\n") == std::string::npos && address.find('\0') == std::string::npos) return {};
  return fail(ErrorCode::usage, option + " \"" + printable(address) + "\" is no address").hinting("give a URL or a file name");
}

void append_section(wasm::EditedFileView& file, std::string_view name, const Bytes& content) {
  file.append_owned(wasm::make_custom_section(name, content));
}

}  // namespace

std::vector<Option> debug_link_options(DebugLinks& links) {
  return {
      {"--split-debug", "FILE", "write the debugging information to this file, and link to it", &links.split, ValueKind::file},
      {"--debug-url", "URL", "where debuggers find that file (default: its name), written as external_debug_info", &links.debug_url},
      {"--source-map-url", "URL", "write sourceMappingURL", &links.source_map},
      {"--build-id", "", "write a build_id, made of the input's digest, unless there is one", &links.build_id},
  };
}

Result<SplitOutcome> add_debug_links(Context& context, ByteView original, const DebugLinks& links, wasm::EditedFileView& stripped) {
  const wasm::Limits limits;
  TRY(check_address("--debug-url", links.debug_url));
  TRY(check_address("--source-map-url", links.source_map));
  if (links.split == "-")
    return fail(ErrorCode::usage, "standard output is no place for the debug file").hinting("give --split-debug a path");
  SplitOutcome out;
  TRY_ASSIGN(const auto found, wasm::find_build_id(original, limits));
  const bool marked = found.has_value();
  const bool wanted = links.build_id || !links.split.empty();
  const Bytes build_id = marked ? *found : wanted ? new_build_id(original) : Bytes();
  if (!links.split.empty()) {
    TRY_ASSIGN(const Bytes debug, wasm::make_debug_file(original, build_id, limits));
    TRY_ASSIGN(const auto sink, open_output(context, links.split));
    TRY(sink->write(debug));
    TRY(sink->finish());
    out.debug_bytes = debug.size();
  }
  if (!marked && wanted) append_section(stripped, wasm::k_build_id_section, wasm::make_build_id(build_id));
  const std::string url = !links.debug_url.empty() ? links.debug_url : std::filesystem::path(links.split).filename().string();
  if (!url.empty()) append_section(stripped, wasm::k_external_debug_section, wasm::make_address(url));
  if (!links.source_map.empty()) append_section(stripped, wasm::k_source_map_section, wasm::make_address(links.source_map));
  out.build_id = encode_hex(build_id);
  return out;
}

}  // namespace davit::cli
