#include <algorithm>
#include <array>
#include <set>

#include "cli/advise/gather.hpp"
#include "cli/advise/tables.hpp"
#include "manifests/encoding.hpp"
#include "oci/archive.hpp"
#include "oci/formats/file_tree.hpp"
#include "oci/io/file.hpp"

namespace davit::cli::advise {
namespace {

constexpr std::string_view k_default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::uint64_t k_max_program_bytes = std::uint64_t{2} << 30;
constexpr std::uint64_t k_max_script_bytes = std::uint64_t{1} << 20;
constexpr std::size_t k_max_listed = 20;
constexpr std::size_t k_max_names = 4096;

std::string_view base_of(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

struct Settings {
  std::string folder{};
  std::string search_path{k_default_path};
};

Result<void> take_names(const JsonView& settings, std::string_view name, std::vector<std::string>& out) {
  const auto member = settings.find(name);
  if (!member) return {};
  TRY_ASSIGN(const auto members, member->as_members());
  for (const auto& [key, value] : members) {
    if (out.size() < k_max_names) out.push_back(key);
  }
  return {};
}

Result<void> take_words(const JsonView& settings, std::string_view name, std::vector<std::string>& out) {
  const auto member = settings.find(name);
  if (!member) return {};
  TRY_ASSIGN(const auto words, member->as_strings());
  for (const std::string& word : words) {
    if (out.size() < k_max_names) out.push_back(word);
  }
  return {};
}

Result<Settings> read_config(const Json& config, ImageFacts& facts) {
  const JsonView view(config);
  Settings out;
  if (auto platform = parse_platform(view)) facts.platform = *std::move(platform);
  const auto settings = view.find("config");
  if (!settings) return out;
  TRY(take_words(*settings, "Entrypoint", facts.words));
  TRY(take_words(*settings, "Cmd", facts.words));
  TRY(take_names(*settings, "ExposedPorts", facts.ports));
  TRY(take_names(*settings, "Volumes", facts.volumes));
  std::vector<std::string> environment;
  TRY(take_words(*settings, "Env", environment));
  for (const std::string& pair : environment) {
    if (pair.starts_with("PATH=")) out.search_path = pair.substr(5);
  }
  const auto folder = settings->find("WorkingDir");
  if (folder && folder->json().string() != nullptr) out.folder = *folder->json().string();
  return out;
}

// The tree of an image, with the bytes of the files that may be its program.
struct Content {
  oci::FileTree tree;
  oci::Spool spool;
};

struct Found {
  std::string path{};  ///< without leading slash
  const oci::TreeNode* node = nullptr;
};

Found look_up(const oci::FileTree& tree, const Settings& settings, const std::string& word) {
  const auto at = [&](const std::string& path) -> Found {
    const oci::TreeNode* node = tree.find(path);
    if (node == nullptr || node->type != oci::EntryType::file) return {};
    std::string_view plain = path;
    plain.remove_prefix(std::min(plain.find_first_not_of('/'), plain.size()));
    return {.path = std::string(plain), .node = node};
  };
  if (word.find('/') != std::string::npos) return at(word.starts_with('/') ? word : settings.folder + "/" + word);
  std::string_view rest = settings.search_path;
  while (!word.empty() && !rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    if (auto found = at(std::string(rest.substr(0, colon)) + "/" + word); found.node != nullptr) return found;
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return {};
}

// The first line of a script; empty when its bytes were not kept.
Result<std::string> interpreter_of(const Content& content, const oci::TreeNode& node) {
  if (!node.spooled) return std::string();
  TRY_ASSIGN(const std::string text, content.spool.text_of(content.tree.spooled(node), k_max_script_bytes));
  std::string_view line = std::string_view(text).substr(0, text.find('\n'));
  if (!line.starts_with("#!")) return std::string();
  line.remove_prefix(2);
  // `#! /usr/bin/env -S python3 -u`: the first word that is neither env nor an option.
  while (!line.empty()) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    const std::size_t end = std::min(line.find_first_of(" \t\r"), line.size());
    const std::string_view word = base_of(line.substr(0, end));
    line.remove_prefix(end);
    if (!word.empty() && word != "env" && !word.starts_with('-')) return std::string(word);
  }
  return std::string();
}

// The words of `sh -c "exec app --flag"`.
std::vector<std::string> words_of_line(std::string_view line) {
  std::vector<std::string> out;
  while (!line.empty() && out.size() < k_max_names) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t\n"), line.size()));
    const std::size_t end = std::min(line.find_first_of(" \t\n;&|"), line.size());
    if (end > 0) out.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return out;
}

// Goes along the command line past launchers, shells and scripts of shells to the program itself. When nothing comes
// after them, the last of them is it.
class ProgramSearch {
 public:
  ProgramSearch(const Content& content, const Settings& settings, ImageFacts& facts)
      : content_(content), settings_(settings), facts_(facts) {}

  Result<Found> run() {
    std::vector<std::string> words = facts_.words;
    Found best;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (i > 0 && words[i].starts_with('-') && words[i] != "-c") continue;
      if (words[i] == "-c" && i + 1 < words.size() && is_shell(base_of(best.path))) {
        words = words_of_line(words[i + 1]);
        i = static_cast<std::size_t>(-1);
        continue;
      }
      const Found found = look_up(content_.tree, settings_, words[i]);
      if (found.node == nullptr) continue;
      if (best.node != nullptr) facts_.wrappers.push_back(best.path);
      best = found;
      TRY_ASSIGN(const bool goes_on, leads_further(found));
      if (!goes_on) break;
    }
    return best;
  }

 private:
  Result<bool> leads_further(const Found& found) {
    facts_.interpreter.clear();
    if (is_launcher(base_of(found.path)) || is_shell(base_of(found.path))) return ++hops_ < k_max_listed;
    if (found.node->kind != oci::ByteKind::script) return false;
    TRY_ASSIGN(facts_.interpreter, interpreter_of(content_, *found.node));
    return is_shell(facts_.interpreter) && ++hops_ < k_max_listed;
  }

  const Content& content_;
  const Settings& settings_;
  ImageFacts& facts_;
  std::size_t hops_ = 0;
};

void note(std::vector<std::string>& list, const std::string& path) {
  if (list.size() < k_max_listed) list.push_back(path);
}

bool is_extension(std::string_view path) {
  const bool library = path.ends_with(".so") || path.find(".so.") != std::string_view::npos;
  if (library && (path.find("site-packages/") != std::string_view::npos || path.find("dist-packages/") != std::string_view::npos))
    return true;
  if (library && path.find("/gems/") != std::string_view::npos) return true;
  return path.ends_with(".node") && path.find("node_modules/") != std::string_view::npos;
}

void note_file(std::string_view path, std::uint64_t size, ImageFacts& facts) {
  facts.unpacked_bytes += size;
  if (!is_extension(path)) return;
  ++facts.native_extension_count;
  note(facts.native_extensions, std::string(path));
}

// Links count as well: `/bin/sh` mostly is one.
void find_tools(const oci::FileTree& tree, ImageFacts& facts) {
  static constexpr auto k_folders = std::to_array<std::string_view>({"bin", "sbin", "usr/bin", "usr/local/bin", "usr/sbin"});
  static constexpr auto k_managers = std::to_array<std::string_view>(
      {"apk", "apt-get", "dnf", "dpkg", "gem", "microdnf", "npm", "pacman", "pip", "pip3", "rpm", "yarn", "yum", "zypper"});
  const auto look = [&](std::string_view folder, std::string_view name, std::vector<std::string>& out) {
    const std::string path = std::string(folder) + "/" + std::string(name);
    const oci::TreeNode* node = tree.find(path);
    if (node != nullptr && node->type == oci::EntryType::file) note(out, path);
  };
  for (const std::string_view folder : k_folders) {
    for (const std::string_view name : shell_names()) look(folder, name, facts.shells);
    for (const std::string_view name : k_managers) look(folder, name, facts.package_managers);
  }
}

oci::LayerStack stack_of(oci::ImageSource& image) {
  return {.count = image.layer_count(),
          .walk = [&image](std::size_t layer, const oci::ArchiveLimits& limits, const oci::EntryVisitor& visit) {
            return image.read_layer(layer, [&](oci::Source& stream) { return oci::walk_archive(stream, limits, visit); });
          }};
}

Result<Content> read_content(oci::ImageSource& image, const oci::FileTree::Keep& keep) {
  TRY_ASSIGN(oci::Spool spool, oci::Spool::create());
  const auto all_layers = [](const oci::FileTree&) { return false; };
  TRY_ASSIGN(oci::FileTree tree, oci::FileTree::read(stack_of(image), oci::ImageLimits{}, spool, keep, all_layers));
  return Content{.tree = std::move(tree), .spool = std::move(spool)};
}

// Last parts of all words of the command line, those inside `sh -c "…"` too.
std::set<std::string> candidate_names(const std::vector<std::string>& words) {
  std::set<std::string> out;
  for (const std::string& word : words) {
    out.emplace(base_of(word));
    for (const std::string& inner : words_of_line(word)) out.emplace(base_of(inner));
  }
  return out;
}

Result<void> read_program(const Content& content, const oci::TreeNode& node, ImageFacts& facts) {
  if (!node.spooled) {
    facts.elf_problem = "its bytes are not in the image";
    return {};
  }
  TRY_ASSIGN(const auto copy, oci::make_spool_file(""));
  TRY_ASSIGN(const auto source, content.spool.origin_of(content.tree.spooled(node))->open());
  TRY(oci::spool_from(*source, copy.get()));
  TRY_ASSIGN(const auto mapped, oci::MappedFile::open("/proc/self/fd/" + std::to_string(copy.get()), k_max_program_bytes));
  auto elf = oci::read_elf(mapped.bytes(), oci::ElfLimits{}, go_function_names());
  if (elf) {
    facts.elf = *std::move(elf);
  } else {
    facts.elf_problem = elf.error().message;
  }
  return {};
}

Result<void> examine_program(oci::ImageSource& image, const Content& content, const Found& found, ImageFacts& facts) {
  facts.program = found.path;
  facts.program_bytes = found.node->size;
  facts.is_wasm = found.node->kind == oci::ByteKind::wasm;
  if (found.node->kind != oci::ByteKind::native) return {};
  if (found.node->size > k_max_program_bytes) {
    facts.elf_problem = "it has " + std::to_string(found.node->size) + " bytes";
    return {};
  }
  if (found.node->spooled) return read_program(content, *found.node, facts);
  // A link led to a file of another name; now its size is known.
  const auto keep = [&](const std::string&, oci::ByteKind kind, const oci::ArchiveEntry& entry) {
    return kind == oci::ByteKind::native && entry.size == found.node->size;
  };
  TRY_ASSIGN(const Content again, read_content(image, keep));
  const oci::TreeNode* node = again.tree.find(found.path);
  CHECK(node != nullptr);
  return read_program(again, *node, facts);
}

}  // namespace

Result<ImageFacts> facts_of_image(oci::ImageSource& image) {
  ImageFacts facts;
  facts.layers = image.layer_count();
  TRY_ASSIGN(const Settings settings, read_config(image.config(), facts));
  const auto candidates = candidate_names(facts.words);
  const auto keep = [&](const std::string& name, oci::ByteKind kind, const oci::ArchiveEntry& entry) {
    note_file(name, entry.size, facts);
    if (!candidates.contains(std::string(base_of(name)))) return false;
    return kind == oci::ByteKind::native ? entry.size <= k_max_program_bytes
                                         : kind == oci::ByteKind::script && entry.size <= k_max_script_bytes;
  };
  TRY_ASSIGN(const Content content, read_content(image, keep));
  for (const std::string& name : content.tree.names_of(oci::ByteKind::wasm)) note_file(name, content.tree.find(name)->size, facts);
  find_tools(content.tree, facts);
  std::ranges::sort(facts.native_extensions);
  TRY_ASSIGN(const Found program, ProgramSearch(content, settings, facts).run());
  if (program.node != nullptr) TRY(examine_program(image, content, program, facts));
  return facts;
}

}  // namespace davit::cli::advise
