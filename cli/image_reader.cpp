// Which file of a container image is the program.
#include <algorithm>

#include "cli/image_artifact.hpp"
#include "manifests/encoding.hpp"
#include "oci/image_files.hpp"

namespace davit::cli {
namespace {

constexpr std::string_view k_default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::size_t k_max_listed = 20;
constexpr std::size_t k_max_words = 4096;
constexpr std::size_t k_max_memory_bytes = 256 * 1024;

struct ImageSettings {
  std::vector<std::string> words{};  ///< entrypoint, then command
  std::string folder{};
  std::string search_path{k_default_path};
  std::string platform{};
};

std::string text_of(const JsonView& json, std::string_view name) {
  const auto field = json.find(name);
  const std::string* text = field ? field->json().string() : nullptr;
  return text == nullptr ? "" : *text;
}

Result<void> add_words(const JsonView& json, std::string_view name, std::vector<std::string>& out) {
  const auto field = json.find(name);
  if (!field) return {};
  TRY_ASSIGN(const auto words, field->as_strings());
  if (words.size() > k_max_words)
    return fail(ErrorCode::limit, std::string(name) + " of the image has more than " + std::to_string(k_max_words) + " words");
  out.insert(out.end(), words.begin(), words.end());
  return {};
}

Result<ImageSettings> read_settings(const Json& config) {
  const JsonView view(config);
  ImageSettings out;
  out.platform = text_of(view, "os") + "/" + text_of(view, "architecture");
  const auto inner = view.find("config");
  if (!inner) return out;
  TRY(add_words(*inner, "Entrypoint", out.words));
  TRY(add_words(*inner, "Cmd", out.words));
  out.folder = text_of(*inner, "WorkingDir");
  std::vector<std::string> environment;
  TRY(add_words(*inner, "Env", environment));
  for (const std::string& pair : environment) {
    if (pair.starts_with("PATH=")) out.search_path = pair.substr(5);
  }
  return out;
}

struct Found {
  std::string path;  ///< the name by which it was found, without leading slash
  const oci::ImageFile* file;
};

// The name a runtime would use stays, even when it is a link: the way back puts the file there.
std::string plain_name(std::string_view path, const oci::ImageFile& file) {
  while (path.starts_with('/')) path.remove_prefix(1);
  auto clean = oci::clean_entry_name(path);
  return clean && !clean->empty() ? *std::move(clean) : file.entry;
}

// A word of the command line as the runtime would look it up; `file.wasm#export` names a function in it.
std::optional<Found> look_up(const oci::ImageFiles& files, const ImageSettings& settings, std::string word) {
  if (word.empty()) return std::nullopt;
  const auto at = [&](const std::string& path) -> std::optional<Found> {
    const oci::ImageFile* found = files.find(path);
    if (found == nullptr || found->type != oci::EntryType::file) return std::nullopt;
    return Found{plain_name(path, *found), found};
  };
  const std::size_t hash = word.find_last_of('#');
  if (hash != std::string::npos && hash > 0 && !at(word)) word.resize(hash);
  if (word.starts_with('/')) return at(word);
  if (auto found = at(settings.folder + "/" + word)) return found;
  if (word.find('/') != std::string::npos) return std::nullopt;
  std::string_view rest = settings.search_path;
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    if (auto found = at(std::string(rest.substr(0, colon)) + "/" + word)) return found;
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return std::nullopt;
}

std::string name_of(oci::FileKind kind) {
  switch (kind) {
    case oci::FileKind::wasm: return "a wasm file";
    case oci::FileKind::native: return "a native ELF program";
    case oci::FileKind::script: return "a script";
    case oci::FileKind::other: return "a file of another kind";
  }
  return "";
}

Error no_wasm(const oci::ImageFiles& files, const ImageSettings& settings) {
  std::string found = "it has no entrypoint";
  if (!settings.words.empty()) {
    const auto program = look_up(files, settings, settings.words.front());
    found = "its entrypoint \"" + printable(settings.words.front()) + "\" is " + (program ? name_of(program->file->kind) : "not in it");
  }
  return fail(ErrorCode::unsupported, "there is no wasm file in this image for " + printable(settings.platform) + "; " + found)
      .hinting("davit converts images that carry WebAssembly; native programs have to be compiled for it (\"davit build\")");
}

Error several(const std::vector<std::string>& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size() && i < k_max_listed; ++i) list += (i > 0 ? ", " : "") + ("/" + printable(names[i]));
  if (names.size() > k_max_listed) list += " and " + std::to_string(names.size() - k_max_listed) + " more";
  return fail(ErrorCode::unsupported,
              "the image holds " + std::to_string(names.size()) + " wasm files and its entrypoint names none of them: " + list)
      .hinting("choose one with --path");
}

Result<Found> choose(const oci::ImageFiles& files, const ImageSettings& settings, const std::string& path) {
  if (!path.empty()) {
    const oci::ImageFile* found = files.find(path);
    if (found == nullptr) return fail(ErrorCode::not_found, "the image has no file \"" + printable(path) + "\"");
    if (found->type != oci::EntryType::file)
      return fail(ErrorCode::unsupported, "\"" + printable(path) + "\" in the image is not a regular file");
    if (found->kind != oci::FileKind::wasm)
      return fail(ErrorCode::unsupported, "\"" + printable(path) + "\" in the image is " + name_of(found->kind) + ", not wasm");
    return Found{plain_name(path, *found), found};
  }
  // All words are tried, because an entrypoint may be a runtime and the file its argument.
  for (const std::string& word : settings.words) {
    auto found = look_up(files, settings, word);
    if (found && found->file->kind == oci::FileKind::wasm) return *std::move(found);
  }
  const auto names = files.wasm_files();
  if (names.empty()) return no_wasm(files, settings);
  if (names.size() > 1) return several(names);
  return Found{names.front(), files.find(names.front())};
}

// Everything the image says besides its layers, so that an image made of the file again says the same.
Result<std::string> remember(const Json& config, const std::string& path) {
  JsonObject kept;
  if (config.object() != nullptr) {
    for (const auto& [name, value] : config.object()->members()) {
      if (name != "rootfs" && name != "history") kept.set(name, value);
    }
  }
  std::string text = write_json(JsonObject{{"path", "/" + path}, {"config", std::move(kept)}});
  if (text.size() <= k_max_memory_bytes) return text;
  return fail(ErrorCode::limit,
              "the image's configuration of " + std::to_string(text.size()) + " bytes is too large to keep in an annotation");
}

}  // namespace

Result<ExtractedWasm> extract_wasm(oci::ImageSource& image, const std::string& path) {
  const oci::ImageLimits limits;
  TRY_ASSIGN(const ImageSettings settings, read_settings(image.config()));
  TRY_ASSIGN(const oci::ImageFiles files, oci::ImageFiles::scan(image, limits));
  TRY_ASSIGN(const Found found, choose(files, settings, path));
  ExtractedWasm out{.spool = {}, .path = found.path, .memory = ""};
  TRY_ASSIGN(out.memory, remember(image.config(), found.path));
  TRY_ASSIGN(out.spool, oci::make_spool_file(""));
  const auto sink = oci::make_fd_sink(out.spool.get(), "a temporary file");
  TRY(oci::extract_file(image, *found.file, limits, *sink));
  return out;
}

}  // namespace davit::cli
