#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "cli/commands/commands.hpp"
#include "cli/input.hpp"
#include "cli/output/progress.hpp"
#include "manifests/encoding.hpp"
#include "manifests/license.hpp"
#include "wasm/binary_tree.hpp"
#include "wasm/limits.hpp"
#include "wasm/metadata_editor.hpp"

namespace davit::cli {
namespace {

constexpr std::string_view k_name = "name";

struct MetadataOptions {
  std::string input{};
  std::string output{};
  std::vector<std::string> set{};
  std::vector<std::string> removed{};
  std::optional<std::string> name{};
  std::array<std::optional<std::string>, wasm::k_text_sections.size()> texts{};
};

/// One change: a key and its new text, or nothing to remove it.
struct Change {
  std::string key;
  std::optional<std::string> text;
};

Error unknown_key(std::string_view key) {
  std::string names(k_name);
  for (const std::string_view section : wasm::k_text_sections) names += ", " + std::string(section);
  return fail(ErrorCode::usage, "\"" + printable(key) + "\" is not a metadata key; there are " + names);
}

// An absolute URL: a scheme and something after it, without blanks.
bool is_url(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  const std::string_view scheme = text.substr(0, colon);
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto in_scheme = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; };
  if (!letter(scheme.front()) || !std::ranges::all_of(scheme, in_scheme)) return false;
  const std::string_view rest = text.substr(colon + 1);
  if (std::ranges::any_of(rest, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; })) return false;
  const bool has_host = !rest.starts_with("//") || (rest.size() > 2 && rest[2] != '/');
  return has_host || scheme == "file";
}

Result<void> check_change(const Change& change) {
  const bool known = change.key == k_name || std::ranges::find(wasm::k_text_sections, change.key) != wasm::k_text_sections.end();
  if (!known) return unknown_key(change.key);
  if (!change.text) return {};
  if (change.text->empty())
    return fail(ErrorCode::usage, change.key + " is empty").hinting("use --remove " + change.key + " to take it out");
  if (!is_utf8(*change.text)) return fail(ErrorCode::usage, change.key + " is not UTF-8");
  if (change.key == "licenses") {
    if (auto fine = check_license_expression(*change.text); !fine) {
      Error error = std::move(fine).error();
      error.code = ErrorCode::usage;
      return error;
    }
  }
  if ((change.key == "source" || change.key == "homepage") && !is_url(*change.text))
    return fail(ErrorCode::usage, change.key + " \"" + printable(*change.text) + "\" is not a URL")
        .hinting("write it with its scheme, as in https://example.com");
  return {};
}

Result<std::vector<Change>> read_changes(const MetadataOptions& options) {
  std::vector<Change> changes;
  if (options.name) changes.push_back({std::string(k_name), options.name});
  for (std::size_t at = 0; at < options.texts.size(); ++at) {
    if (options.texts[at]) changes.push_back({std::string(wasm::k_text_sections[at]), options.texts[at]});
  }
  for (const std::string& pair : options.set) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) return fail(ErrorCode::usage, "\"" + printable(pair) + "\" is not KEY=VALUE");
    changes.push_back({pair.substr(0, equals), pair.substr(equals + 1)});
  }
  for (const std::string& key : options.removed) changes.push_back({key, std::nullopt});
  for (std::size_t at = 0; at < changes.size(); ++at) {
    TRY(check_change(changes[at]));
    const auto same = std::ranges::count(changes, changes[at].key, &Change::key);
    if (same > 1) return fail(ErrorCode::usage, changes[at].key + " is given " + std::to_string(same) + " times");
  }
  return changes;
}

Json producers_json(const std::vector<wasm::ProducerField>& producers) {
  JsonObject fields;
  for (const wasm::ProducerField& field : producers) {
    JsonObject values;
    for (const auto& [name, version] : field.values) values.set(name, version);
    fields.set(field.name, std::move(values));
  }
  return fields;
}

JsonObject binary_json(const wasm::BinaryView& binary) {
  JsonObject json{{"kind", wasm::to_text(binary.kind)}, {"offset", binary.offset}, {"size", std::uint64_t{binary.bytes.size()}}};
  if (!binary.name.empty()) json.set("name", binary.name);
  JsonObject metadata;
  for (const std::string_view section : wasm::k_text_sections) {
    const auto found = binary.metadata.find(std::string(section));
    if (found != binary.metadata.end()) metadata.set(std::string(section), found->second);
  }
  json.set("metadata", std::move(metadata));
  json.set("producers", producers_json(binary.producers));
  return json;
}

// Children come after their parent in the tree, so that building from the end needs no recursion.
Json tree_json(const std::vector<wasm::BinaryView>& tree) {
  std::vector<JsonArray> nested(tree.size());
  for (std::size_t at = tree.size(); at-- > 0;) {
    JsonObject json = binary_json(tree[at]);
    std::ranges::reverse(nested[at]);
    json.set("nested", std::move(nested[at]));
    if (at == 0) return json;
    nested[tree[at].parent].push_back(std::move(json));
  }
  return {};
}

std::string binary_text(const wasm::BinaryView& binary) {
  const std::string indent(std::size_t{binary.depth} * 2, ' ');
  std::string text = indent + std::string(wasm::to_text(binary.kind)) + (binary.name.empty() ? "" : " " + printable(binary.name)) + ", " +
                     human_size(binary.bytes.size()) + "\n";
  const auto add = [&](std::string_view key, const std::string& value) {
    text += indent + "  " + std::string(key) + std::string(std::max<std::size_t>(14, key.size() + 1) - key.size(), ' ') +
            printable(value, 2'000) + "\n";
  };
  for (const std::string_view section : wasm::k_text_sections) {
    const auto found = binary.metadata.find(std::string(section));
    if (found != binary.metadata.end()) add(section, found->second);
  }
  for (const wasm::ProducerField& field : binary.producers) {
    std::string values;
    for (const auto& [name, version] : field.values) values += (values.empty() ? "" : ", ") + name + (version.empty() ? "" : " " + version);
    add(field.name, values);
  }
  return text;
}

Result<int> show(Context& context, ByteView file) {
  TRY_ASSIGN(const auto tree, wasm::read_binary_tree(file, wasm::Limits{}));
  if (context.common.json) {
    TRY(context.print_json(tree_json(tree)));
    return 0;
  }
  for (const wasm::BinaryView& binary : tree) TRY(context.print(binary_text(binary)));
  return 0;
}

Result<int> change(Context& context, const MetadataOptions& options, const WasmInput& input, const std::vector<Change>& changes) {
  const wasm::Limits limits;
  // What stands around the changes must be a whole file, nested binaries included.
  TRY_ASSIGN(const auto before, wasm::read_binary_tree(input.bytes(), limits));
  Bytes file(input.bytes().begin(), input.bytes().end());
  for (const Change& entry : changes) {
    const auto text = entry.text ? std::optional<std::string_view>(*entry.text) : std::nullopt;
    if (entry.key == k_name) {
      TRY_ASSIGN(file, wasm::set_binary_name(file, text, limits));
    } else {
      TRY_ASSIGN(file, wasm::set_text_section(file, entry.key, text, limits));
    }
  }
  TRY_ASSIGN(const std::unique_ptr<oci::Sink> sink, open_output(context, options.output));
  TRY(sink->write(file));
  TRY(sink->finish());
  if (context.common.json && options.output != "-") {
    TRY_ASSIGN(const auto after, wasm::read_binary_tree(file, limits));
    JsonObject json = binary_json(after.front());
    json.set("output", options.output);
    TRY(context.print_json(std::move(json)));
  }
  context.say(options.output + ": " + std::to_string(changes.size()) + (changes.size() == 1 ? " key changed, " : " keys changed, ") +
              human_size(input.bytes().size()) + " to " + human_size(file.size()));
  return 0;
}

Result<int> run_metadata(Context& context, const MetadataOptions& options) {
  TRY_ASSIGN(const auto changes, read_changes(options));
  if (changes.empty() && !options.output.empty())
    return fail(ErrorCode::usage, "there is nothing to change").hinting("use --set KEY=VALUE or --remove KEY");
  if (!changes.empty() && options.output.empty())
    return fail(ErrorCode::usage, "it is not said where the result goes").hinting("add -o FILE; it may be the input itself");
  TRY_ASSIGN(const WasmInput input, changes.empty() ? load_wasm_input(context, options.input) : load_wasm_file(context, options.input));
  auto done = changes.empty() ? show(context, input.bytes()) : change(context, options, input, changes);
  if (!done) return std::move(done).error().in(input.name());
  return done;
}

}  // namespace

Command make_metadata_command() {
  auto options = std::make_shared<MetadataOptions>();
  auto& texts = options->texts;
  return {
      .name = "metadata",
      .summary = "show or set what a wasm file says of itself",
      .description =
          "Shows name, authors, description, licenses, source, homepage, revision, version and producers of a file and of everything\n"
          "nested in it. With a change, writes the file to OUT with these custom sections set or removed in the outermost binary; every\n"
          "other byte stays. licenses is an SPDX expression, source and homepage are URLs. push makes annotations of them.",
      .arguments = {{"FILE", "a wasm file, - for standard input, or to show also a reference", &options->input, true, ValueKind::file}},
      .options = {{"--name", "TEXT", "name of the module or component", &options->name},
                  {"--authors", "TEXT", "who answers for it", &texts[0]},
                  {"--description", "TEXT", "what it does, for people", &texts[1]},
                  {"--licenses", "EXPRESSION", "SPDX licence expression", &texts[2]},
                  {"--source", "URL", "where its source is", &texts[3]},
                  {"--homepage", "URL", "where to read about it", &texts[4]},
                  {"--revision", "TEXT", "commit of the source", &texts[5]},
                  {"--version", "TEXT", "version of what is packed", &texts[6]},
                  {"--set", "KEY=VALUE", "the same for any of these keys; may be repeated", &options->set},
                  {"--remove", "KEY", "take a key out; may be repeated", &options->removed},
                  {"-o,--output", "FILE", "where the changed file goes; - is standard output; may be the input", &options->output,
                   ValueKind::file}},
      .examples = {{"davit metadata app.wasm", "what it says"},
                   {"davit metadata app.wasm -o app.wasm --licenses MIT --version 1.2.0", "two keys set, in place"},
                   {"davit metadata app.wasm -o - --set source=https://example.com/app --remove authors > b.wasm", "in a pipe"}},
      .exit_statuses = {4, 8, 9, 12},
      .uses_registry = true,
      .run = [options](Context& context) { return run_metadata(context, *options); },
  };
}

}  // namespace davit::cli
