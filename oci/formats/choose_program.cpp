// Which file of a container image is the program: the one that its entrypoint or command names, as a runtime would look
// it up, else the only wasm file in it.
#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"
#include "oci/formats/readers.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::size_t k_max_listed = 20;

std::vector<std::string> words_of(const ImageConfig& config) {
  std::vector<std::string> words = config.description.entrypoint.value_or(std::vector<std::string>{});
  const auto& command = config.description.command;
  if (command) words.insert(words.end(), command->begin(), command->end());
  return words;
}

std::string search_path_of(const ImageConfig& config) {
  std::string out(k_default_path);
  for (const std::string& pair : config.description.environment) {
    if (pair.starts_with("PATH=")) out = pair.substr(5);
  }
  return out;
}

const TreeNode* file_at(const FileTree& tree, const std::string& path) {
  const TreeNode* found = tree.find(path);
  return found != nullptr && found->type == EntryType::file ? found : nullptr;
}

// The name a runtime would use stays, even when it is a link.
std::string clean_name(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.emplace_back(part);
    }
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : "/") + part;
  return out;
}

// A word of the command line as the runtime would look it up; `file.wasm#export` names a function in it.
std::optional<ChosenFile> look_up(const FileTree& tree, const ImageConfig& config, std::string word) {
  if (word.empty()) return std::nullopt;
  const auto at = [&](const std::string& path) -> std::optional<ChosenFile> {
    const TreeNode* found = file_at(tree, path);
    if (found == nullptr) return std::nullopt;
    return ChosenFile{clean_name(path), found};
  };
  const std::size_t hash = word.find_last_of('#');
  if (hash != std::string::npos && hash > 0 && !at(word)) word.resize(hash);
  if (word.starts_with('/')) return at(word);
  if (auto found = at(config.description.working_folder + "/" + word)) return found;
  if (word.find('/') != std::string::npos) return std::nullopt;
  const std::string search_path = search_path_of(config);
  std::string_view rest = search_path;
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    if (auto found = at(std::string(rest.substr(0, colon)) + "/" + word)) return found;
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return std::nullopt;
}

std::string platform_text(const ImageConfig& config) {
  return printable(config.platform.os) + "/" + printable(config.platform.architecture);
}

struct PackageNoun {
  std::string_view format;
  std::string_view noun;
};
constexpr std::array k_nouns = {
    PackageNoun{"helm-plugin", "a Helm plugin"},      PackageNoun{"opa-bundle", "an OPA bundle"},
    PackageNoun{"fastly", "a Fastly package"},        PackageNoun{"wasmer", "a wasmer package"},
    PackageNoun{"workers", "a Workers folder"},       PackageNoun{"traefik", "a Traefik plugin"},
    PackageNoun{"spin", "a Spin application folder"}, PackageNoun{"oras", "an archive"},
    PackageNoun{"envoy", "an archive of a plugin"},
};

std::string noun_of(const std::string& format) {
  const auto found = std::ranges::find(k_nouns, format, &PackageNoun::format);
  return std::string(found == k_nouns.end() ? "a package" : found->noun);
}

Error no_wasm(const FileTree& tree, const TreeJob& job) {
  const bool is_image = !job.is_package && job.config.platform != Platform{};
  if (!is_image) return fail(ErrorCode::unsupported, "this is " + noun_of(job.format) + " without a wasm file");
  const auto words = words_of(job.config);
  std::string found = "it has no entrypoint";
  if (!words.empty()) {
    const auto program = look_up(tree, job.config, words.front());
    found =
        "its entrypoint \"" + printable(words.front()) + "\" is " + (program ? std::string(describe(program->node->kind)) : "not in it");
  }
  return fail(ErrorCode::unsupported, "there is no wasm file in this image for " + platform_text(job.config) + "; " + found)
      .hinting("davit converts images that carry WebAssembly; native programs have to be compiled for it (\"davit build\")");
}

Error several(const std::vector<std::string>& names, const TreeJob& job) {
  std::string list;
  for (std::size_t i = 0; i < names.size() && i < k_max_listed; ++i) list += (i > 0 ? ", " : "") + ("/" + printable(names[i]));
  if (names.size() > k_max_listed) list += " and " + std::to_string(names.size() - k_max_listed) + " more";
  const std::string what = job.is_package ? "the package holds " : "the image holds ";
  const std::string why = job.is_package ? " wasm files: " : " wasm files and its entrypoint names none of them: ";
  return fail(ErrorCode::unsupported, what + std::to_string(names.size()) + why + list).hinting("choose one with --path");
}

Result<ChosenFile> choose_by_path(const FileTree& tree, const std::string& path) {
  const TreeNode* found = tree.find(path);
  if (found == nullptr) return fail(ErrorCode::not_found, "the image has no file \"" + printable(path) + "\"");
  if (found->type != EntryType::file) return fail(ErrorCode::unsupported, "\"" + printable(path) + "\" in the image is not a regular file");
  if (found->kind != ByteKind::wasm)
    return fail(ErrorCode::unsupported, "\"" + printable(path) + "\" in the image is " + std::string(describe(found->kind)) + ", not wasm");
  return ChosenFile{clean_name(path), found};
}

Result<ChosenFile> choose(const FileTree& tree, const TreeJob& job) {
  if (!job.options.path.empty()) return choose_by_path(tree, job.options.path);
  // All words are tried, because an entrypoint may be a runtime and the file its argument.
  for (const std::string& word : words_of(job.config)) {
    auto found = look_up(tree, job.config, word);
    if (found && found->node->kind == ByteKind::wasm) return *std::move(found);
  }
  const auto names = tree.names_of(ByteKind::wasm);
  for (const std::string& preferred : job.preferred) {
    const auto named = std::ranges::find_if(names, [&](const std::string& name) { return file_name_of(name) == preferred; });
    if (named != names.end()) return ChosenFile{*named, tree.find(*named), true};
  }
  if (names.empty()) return no_wasm(tree, job);
  if (names.size() > 1) return several(names, job);
  return ChosenFile{names.front(), tree.find(names.front())};
}

}  // namespace

std::string file_name_of(std::string_view path) {
  const std::string base(path.substr(path.find_last_of("/\\") + 1));
  const bool good = !base.empty() && base != "." && base != ".." && base.size() <= 255 && printable(base, 255) == base;
  return good ? base : "";
}

Result<ChosenFile> choose_program(const FileTree& tree, const TreeJob& job) {
  TRY_ASSIGN(ChosenFile found, choose(tree, job));
  if (found.node == nullptr || !found.node->spooled)
    return fail(ErrorCode::malformed, "\"" + printable(found.path) + "\" in the image cannot be reached");
  if (found.node->is_twice) return fail(ErrorCode::malformed, "\"" + printable(found.path) + "\" is in its layer twice");
  return found;
}

bool is_program_settled(const FileTree& tree, const TreeJob& job) {
  std::string word = job.options.path;
  if (word.empty()) {
    const auto words = words_of(job.config);
    if (words.empty() || words.front().empty()) return false;
    word = words.front();
    if (!word.starts_with('/')) word = job.config.description.working_folder + "/" + word;
  }
  const TreeNode* found = tree.find_settled(word);
  return found != nullptr && found->type == EntryType::file && found->kind == ByteKind::wasm && found->spooled;
}

}  // namespace davit::oci
