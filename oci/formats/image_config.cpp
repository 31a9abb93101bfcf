#include "oci/formats/image_config.hpp"

#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"
#include "oci/image_source.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_max_words = 4096;

// Members that have a word in the description; the others are kept verbatim.
constexpr std::array<std::string_view, 8> k_outer = {"architecture", "os", "variant", "created", "author", "history", "rootfs", "config"};
constexpr std::array<std::string_view, 8> k_inner = {"Entrypoint", "Cmd", "Env", "WorkingDir", "User", "ExposedPorts", "Volumes", "Labels"};

Result<void> read_text(const JsonView& json, std::string_view name, std::string& out) {
  const auto member = json.find(name);
  if (!member) return {};
  TRY_ASSIGN(out, member->as_string());
  return {};
}

Result<std::vector<std::string>> words_of(const JsonView& json) {
  // Docker's oldest form has one text where a list stands now.
  if (const std::string* text = json.json().string()) return std::vector<std::string>{*text};
  TRY_ASSIGN(auto words, json.as_strings());
  if (words.size() > k_max_words) return json.complaint("more than " + std::to_string(k_max_words) + " words");
  return words;
}

Result<void> read_words(const JsonView& json, std::string_view name, std::optional<std::vector<std::string>>& out) {
  const auto member = json.find(name);
  if (!member) return {};
  TRY_ASSIGN(out, words_of(*member));
  return {};
}

// `{"8080/tcp": {}}`
Result<void> read_names(const JsonView& json, std::string_view name, std::vector<std::string>& out) {
  const auto member = json.find(name);
  if (!member) return {};
  TRY_ASSIGN(const auto members, member->as_members());
  if (members.size() > k_max_words) return member->complaint("more than " + std::to_string(k_max_words) + " names");
  for (const auto& [key, value] : members) out.push_back(key);
  return {};
}

JsonObject others(const JsonObject& object, const auto& known) {
  JsonObject out;
  for (const auto& [name, value] : object.members()) {
    if (std::ranges::find(known, name) == known.end()) out.set(name, value);
  }
  return out;
}

Result<void> read_inner(const JsonView& json, PackageDescription& out) {
  if (json.json().object() == nullptr) return json.complaint("expected an object");
  TRY(read_words(json, "Entrypoint", out.entrypoint));
  TRY(read_words(json, "Cmd", out.command));
  if (const auto environment = json.find("Env")) {
    TRY_ASSIGN(out.environment, words_of(*environment));
  }
  TRY(read_text(json, "WorkingDir", out.working_folder));
  TRY(read_text(json, "User", out.user));
  TRY(read_names(json, "ExposedPorts", out.ports));
  TRY(read_names(json, "Volumes", out.volumes));
  TRY_ASSIGN(out.labels, parse_annotations(json.find("Labels")));
  JsonObject rest = others(*json.json().object(), k_inner);
  if (!rest.empty()) out.other_config.set("config", std::move(rest));
  return {};
}

Result<void> read_root(const JsonView& json, std::vector<std::string>& diff_ids) {
  const auto root = json.find("rootfs");
  if (!root) return {};
  const auto ids = root->find("diff_ids");
  if (!ids) return {};
  TRY_ASSIGN(diff_ids, ids->as_strings());
  if (diff_ids.size() <= k_max_image_layers) return {};
  return fail(ErrorCode::limit,
              "an image with " + std::to_string(diff_ids.size()) + " layers is over the limit of " + std::to_string(k_max_image_layers));
}

bool names_wasm(std::string_view word) {
  const std::string_view file = word.substr(0, word.find_last_of('#'));
  return word.ends_with(".wasm") || word.ends_with(".wat") || file.ends_with(".wasm") || file.ends_with(".wat");
}

}  // namespace

Result<Json> fetch_image_config(Repository& repository, const Descriptor& config) {
  if (config.size > k_max_image_config_bytes) {
    return fail(ErrorCode::limit, "an image configuration of " + std::to_string(config.size) + " bytes is over the limit of " +
                                      std::to_string(k_max_image_config_bytes));
  }
  TRY_ASSIGN(const auto source, repository.open_blob(config));
  TRY_ASSIGN(const Bytes bytes, read_all(*source, k_max_image_config_bytes));
  auto json = parse_json(as_text(bytes), JsonLimits{});
  if (!json) return std::move(json).error().in("the image configuration");
  return *std::move(json);
}

Result<ImageConfig> parse_image_config(const Json& json) {
  const JsonView view(json);
  if (json.object() == nullptr) return view.complaint("expected an object").during("reading the image configuration");
  ImageConfig out;
  const auto read = [&]() -> Result<void> {
    TRY(read_text(view, "architecture", out.platform.architecture));
    TRY(read_text(view, "os", out.platform.os));
    TRY(read_text(view, "variant", out.platform.variant));
    TRY(read_text(view, "created", out.description.created));
    TRY(read_text(view, "author", out.description.author));
    if (const auto history = view.find("history")) {
      if (history->json().array() == nullptr) return history->complaint("expected an array");
      out.description.history = *history->json().array();
    }
    out.description.other_config = others(*json.object(), k_outer);
    if (const auto inner = view.find("config")) TRY(read_inner(*inner, out.description));
    return read_root(view, out.diff_ids);
  };
  if (auto done = read(); !done) return std::move(done).error().during("reading the image configuration");
  if (out.platform != Platform{}) out.description.platform = out.platform;
  return out;
}

ProgramWord program_word(const ImageConfig& config) {
  std::vector<std::string> words = config.description.entrypoint.value_or(std::vector<std::string>{});
  const auto& command = config.description.command;
  if (command) words.insert(words.end(), command->begin(), command->end());
  const auto named = std::ranges::find_if(words, names_wasm);
  if (named != words.end()) return {.text = *named, .is_wasm = true, .is_first = named == words.begin()};
  return {.text = words.empty() ? "" : words.front(), .is_first = true};
}

}  // namespace davit::oci
