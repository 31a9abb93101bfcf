#include <algorithm>

#include "cli/advise/gather.hpp"
#include "cli/advise/tables.hpp"
#include "manifests/encoding.hpp"
#include "oci/archive.hpp"
#include "oci/image_files.hpp"
#include "oci/io/file.hpp"

namespace davit::cli::advise {
namespace {

constexpr std::string_view k_default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::uint64_t k_max_program_bytes = std::uint64_t{2} << 30;
constexpr std::size_t k_max_script_head = 4096;
constexpr std::size_t k_max_listed = 20;
constexpr std::size_t k_max_names = 4096;

// Takes the first bytes and lets the rest go by.
class HeadSink : public oci::Sink {
 public:
  explicit HeadSink(std::size_t limit) : limit_(limit) {}
  Result<void> write(ByteView data) override {
    const std::size_t room = limit_ - std::min(limit_, text.size());
    text += as_text(data.first(std::min(room, data.size())));
    return {};
  }
  Result<void> finish() override { return {}; }
  std::string text{};

 private:
  std::size_t limit_;
};

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

struct Found {
  std::string path;  ///< without leading slash
  const oci::ImageFile* file = nullptr;
};

Found look_up(const oci::ImageFiles& files, const Settings& settings, const std::string& word) {
  const auto at = [&](const std::string& path) -> Found {
    const oci::ImageFile* file = files.find(path);
    if (file == nullptr || file->type != oci::EntryType::file) return {};
    std::string_view plain = path;
    plain.remove_prefix(std::min(plain.find_first_not_of('/'), plain.size()));
    return {.path = std::string(plain), .file = file};
  };
  if (word.find('/') != std::string::npos) return at(word.starts_with('/') ? word : settings.folder + "/" + word);
  std::string_view rest = settings.search_path;
  while (!word.empty() && !rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    if (auto found = at(std::string(rest.substr(0, colon)) + "/" + word); found.file != nullptr) return found;
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return {};
}

Result<std::string> interpreter_of(oci::ImageSource& image, const oci::ImageFile& file) {
  HeadSink head(k_max_script_head);
  TRY(oci::extract_file(image, file, oci::ImageLimits{}, head));
  std::string_view line = std::string_view(head.text).substr(0, head.text.find('\n'));
  if (!line.starts_with("#!")) return std::string();
  line.remove_prefix(2);
  std::string name;
  // `#! /usr/bin/env -S python3 -u`: the first word that is neither env nor an option.
  while (!line.empty()) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    const std::size_t end = std::min(line.find_first_of(" \t\r"), line.size());
    const std::string_view word = base_of(line.substr(0, end));
    line.remove_prefix(end);
    if (word.empty() || word == "env" || word.starts_with('-')) continue;
    name = word;
    break;
  }
  return name;
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
  ProgramSearch(oci::ImageSource& image, const oci::ImageFiles& files, const Settings& settings, ImageFacts& facts)
      : image_(image), files_(files), settings_(settings), facts_(facts) {}

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
      const Found found = look_up(files_, settings_, words[i]);
      if (found.file == nullptr) continue;
      if (best.file != nullptr) facts_.wrappers.push_back(best.path);
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
    if (found.file->kind != oci::FileKind::script) return false;
    TRY_ASSIGN(facts_.interpreter, interpreter_of(image_, *found.file));
    return is_shell(facts_.interpreter) && ++hops_ < k_max_listed;
  }

  oci::ImageSource& image_;
  const oci::ImageFiles& files_;
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

void take_inventory(const oci::ImageFiles& files, ImageFacts& facts) {
  static constexpr auto k_managers = std::to_array<std::string_view>(
      {"apk", "apt-get", "dnf", "dpkg", "gem", "microdnf", "npm", "pacman", "pip", "pip3", "rpm", "yarn", "yum", "zypper"});
  for (const auto& [path, file] : files.all()) {
    if (file.type == oci::EntryType::file) facts.unpacked_bytes += file.size;
    if (file.type == oci::EntryType::folder) continue;
    const std::string_view base = base_of(path);
    const bool in_bin = path.find("bin/") != std::string::npos;
    if (in_bin && is_shell(base)) note(facts.shells, path);
    if (in_bin && std::ranges::find(k_managers, base) != k_managers.end()) note(facts.package_managers, path);
    if (!is_extension(path)) continue;
    ++facts.native_extension_count;
    note(facts.native_extensions, path);
  }
}

Result<void> examine_program(oci::ImageSource& image, const Found& found, ImageFacts& facts) {
  facts.program = found.path;
  facts.program_bytes = found.file->size;
  facts.is_wasm = found.file->kind == oci::FileKind::wasm;
  if (found.file->kind != oci::FileKind::native) return {};
  if (found.file->size > k_max_program_bytes) {
    facts.elf_problem = "it has " + std::to_string(found.file->size) + " bytes";
    return {};
  }
  TRY_ASSIGN(const auto spool, oci::make_spool_file(""));
  const auto sink = oci::make_fd_sink(spool.get(), "a temporary file");
  TRY(oci::extract_file(image, *found.file, oci::ImageLimits{}, *sink));
  TRY_ASSIGN(const auto mapped, oci::MappedFile::open("/proc/self/fd/" + std::to_string(spool.get()), k_max_program_bytes));
  auto elf = oci::read_elf(mapped.bytes(), oci::ElfLimits{});
  if (elf) {
    facts.elf = *std::move(elf);
  } else {
    facts.elf_problem = elf.error().message;
  }
  return {};
}

}  // namespace

Result<ImageFacts> facts_of_image(oci::ImageSource& image) {
  ImageFacts facts;
  facts.layers = image.layer_count();
  TRY_ASSIGN(const Settings settings, read_config(image.config(), facts));
  TRY_ASSIGN(const oci::ImageFiles files, oci::ImageFiles::scan(image, oci::ImageLimits{}));
  take_inventory(files, facts);
  TRY_ASSIGN(const Found program, ProgramSearch(image, files, settings, facts).run());
  if (program.file != nullptr) TRY(examine_program(image, program, facts));
  return facts;
}

}  // namespace davit::cli::advise
