#include "cli/build/choose.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "cli/build/steps.hpp"
#include "manifests/encoding.hpp"
#include "manifests/json.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_max_folder_entries = 10'000;
constexpr std::size_t k_max_package_bytes = 4 << 20;

struct Fit {
  const Toolchain* toolchain;
  std::string why;
};

bool takes(const Toolchain& toolchain, const std::string& source) {
  return std::ranges::any_of(toolchain.endings, [&](std::string_view ending) { return source.ends_with(ending); });
}

bool is_source(const std::string& name) {
  return !name.ends_with(".o") && !name.ends_with(".a") && !name.ends_with(".d.ts") &&
         std::ranges::any_of(all_toolchains(), [&](const Toolchain& toolchain) { return takes(toolchain, name); });
}

// A package.json is AssemblyScript's when it depends on that compiler.
bool depends_on_assemblyscript(const std::string& folder) {
  const auto content = oci::read_file(folder + "/package.json", k_max_package_bytes);
  if (!content) return false;
  const auto json = parse_json(as_text(*content), {.size_bytes = k_max_package_bytes, .depth = 64});
  if (!json) return false;
  const JsonView view(*json);
  return std::ranges::any_of(std::initializer_list<std::string_view>{"dependencies", "devDependencies"}, [&](std::string_view member) {
    const auto found = view.find(member);
    return found && found->find("assemblyscript").has_value();
  });
}

std::optional<std::string> marker_in(const Toolchain& toolchain, const std::string& folder) {
  for (const std::string_view marker : toolchain.markers) {
    if (!is_file(folder + "/" + std::string(marker))) continue;
    if (marker == "package.json" && (is_file(folder + "/asconfig.json") || depends_on_assemblyscript(folder))) continue;
    return std::string(marker);
  }
  if (toolchain.name == "assemblyscript" && depends_on_assemblyscript(folder)) return "package.json";
  return std::nullopt;
}

Result<const Toolchain*> find_named(const std::string& name) {
  for (const Toolchain& toolchain : all_toolchains()) {
    if (toolchain.name == name) return &toolchain;
  }
  return fail(ErrorCode::usage, "\"" + printable(name) + "\" is not a toolchain; davit knows " + toolchain_names())
      .hinting("run \"davit build --list\" for the table of toolchains");
}

Result<std::vector<std::string>> sources_in(const std::string& folder) {
  std::vector<std::string> names;
  std::size_t seen = 0;
  std::error_code problem;
  for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end; entry.increment(problem)) {
    if (++seen > k_max_folder_entries)
      return fail(ErrorCode::limit, "the folder holds more than " + std::to_string(k_max_folder_entries) + " files");
    const std::string name = entry->path().filename().string();
    if (is_file(entry->path().string()) && is_source(name)) names.push_back(name);
  }
  if (problem) return fail(ErrorCode::io, "cannot list \"" + printable(folder) + "\": " + problem.message());
  std::ranges::sort(names);
  return names;
}

ChosenToolchain make_choice(const std::vector<Fit>& fits, BuildRequest request) {
  ChosenToolchain chosen{.toolchain = fits.front().toolchain, .request = std::move(request), .why = fits.front().why, .others = {}};
  for (std::size_t at = 1; at < fits.size(); ++at) {
    chosen.others += (chosen.others.empty() ? "" : ", ") + std::string(fits[at].toolchain->name) + " (" + fits[at].why + ")";
  }
  return chosen;
}

std::vector<Fit> fits_of_files(const std::vector<std::string>& files) {
  std::vector<Fit> fits;
  for (const Toolchain& toolchain : all_toolchains()) {
    const bool all = std::ranges::all_of(files, [&](const std::string& file) { return takes(toolchain, file); });
    if (all) fits.push_back({&toolchain, printable(files.front())});
  }
  // C is C++'s too, and says nothing for it.
  if (fits.size() > 1 && fits[0].toolchain->name == "clang")
    std::erase_if(fits, [](const Fit& fit) { return fit.toolchain->name == "clang++"; });
  return fits;
}

Result<ChosenToolchain> choose_for_folder(const std::string& path, const std::string& marker, const std::string& name) {
  std::error_code problem;
  const std::string folder = fs::canonical(path.empty() ? "." : path, problem).string();
  if (problem) return fail(ErrorCode::io, "cannot open the folder \"" + printable(path) + "\": " + problem.message());
  BuildRequest request;
  request.folder = folder;
  std::vector<Fit> fits;
  for (const Toolchain& toolchain : all_toolchains()) {
    if (!name.empty() && toolchain.name != name) continue;
    const auto found = marker_in(toolchain, folder);
    if (found && (marker.empty() || *found == marker)) fits.push_back({&toolchain, *found});
  }
  if (!fits.empty()) return make_choice(fits, std::move(request));
  TRY_ASSIGN(request.files, sources_in(folder));
  if (!name.empty()) {
    TRY_ASSIGN(const Toolchain* toolchain, find_named(name));
    std::erase_if(request.files, [&](const std::string& file) { return !takes(*toolchain, file); });
    if (!request.files.empty()) {
      const std::vector<Fit> fit{{toolchain, printable(request.files.front())}};
      return make_choice(fit, std::move(request));
    }
    return fail(ErrorCode::usage, "the folder \"" + printable(folder) + "\" holds nothing for " + name);
  }
  if (request.files.empty()) {
    return fail(ErrorCode::usage, "the folder \"" + printable(folder) + "\" holds no project and no source file that davit knows")
        .hinting("run \"davit build hello.c -o hello.wasm\", or \"davit build --list\" for what it knows");
  }
  fits = fits_of_files(request.files);
  if (fits.empty()) {
    return fail(ErrorCode::usage, "no toolchain takes all sources of \"" + printable(folder) +
                                      "\" together: " + printable(request.files.front()) + " and " + printable(request.files.back()))
        .hinting("choose with --toolchain NAME, or name the files");
  }
  return make_choice(fits, std::move(request));
}

bool is_marker(const std::string& name) {
  return std::ranges::any_of(all_toolchains(), [&](const Toolchain& toolchain) {
    return std::ranges::find(toolchain.markers, name) != toolchain.markers.end() && !takes(toolchain, name);
  });
}

Result<void> check_files(const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    if (::access(file.c_str(), R_OK) != 0)
      return fail(ErrorCode::not_found, "there is no readable source file \"" + printable(file) + "\"");
    if (files.size() > 1 && is_folder(file))
      return fail(ErrorCode::usage, "\"" + printable(file) + "\" is a folder; a project is built alone");
  }
  return {};
}

}  // namespace

Result<ChosenToolchain> choose_toolchain(const std::vector<std::string>& sources, const std::string& name) {
  if (!name.empty()) TRY(find_named(name));
  TRY(check_files(sources));
  const std::string only = sources.size() == 1 ? sources.front() : "";
  if (sources.empty() || is_folder(only)) return choose_for_folder(only, "", name);
  if (is_marker(fs::path(only).filename().string()))
    return choose_for_folder(fs::path(only).parent_path().string(), fs::path(only).filename().string(), name);
  BuildRequest request;
  request.files = sources;
  std::error_code problem;
  request.folder = fs::current_path(problem).string();
  if (problem) return fail(ErrorCode::io, "cannot tell the folder this runs in: " + problem.message());
  if (!name.empty()) {
    TRY_ASSIGN(const Toolchain* toolchain, find_named(name));
    return make_choice({{toolchain, "--toolchain"}}, std::move(request));
  }
  const auto fits = fits_of_files(sources);
  if (fits.empty()) {
    return fail(ErrorCode::usage, "no toolchain takes \"" + printable(sources.front()) + "\"" +
                                      (sources.size() > 1 ? " with the other files" : "") + "; davit knows " + toolchain_names())
        .hinting("run \"davit build --list\" for the table of toolchains");
  }
  return make_choice(fits, std::move(request));
}

Result<void> check_toolchain(const Context& context, const ChosenToolchain& chosen) {
  const Toolchain& toolchain = *chosen.toolchain;
  if (std::ranges::find(toolchain.targets, chosen.request.target) == toolchain.targets.end()) {
    std::string targets;
    for (const BuildTarget target : toolchain.targets) targets += (targets.empty() ? "" : ", ") + std::string(to_text(target));
    return fail(ErrorCode::unsupported,
                std::string(toolchain.name) + " cannot make --target " + std::string(to_text(chosen.request.target)))
        .hinting("it makes " + targets);
  }
  if (const auto lack = toolchain.missing(context, chosen.request)) {
    return fail(ErrorCode::not_found, std::string(toolchain.language) + " cannot be compiled here: " + *lack)
        .hinting("run: " + std::string(toolchain.install) + (chosen.others.empty() ? "" : "; or use --toolchain: " + chosen.others));
  }
  return {};
}

}  // namespace davit::cli
