#include "cli/build/fixed.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "cli/artifact.hpp"
#include "cli/build/steps.hpp"
#include "cli/confine.hpp"
#include "cli/libexec.hpp"
#include "manifests/digest.hpp"
#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_library = "davit-fixed.so";
constexpr std::string_view k_mark = "fixed-mark";
constexpr std::size_t k_seed_digits = 16;
constexpr std::size_t k_max_source_files = 20'000;
constexpr std::uintmax_t k_max_source_bytes = std::uintmax_t{256} << 20;

// Required by Node before the toolchain. The engine gets the library by a relative path, in which no character is special
// to the loader. Only processes that are told of the temporary folder are the engine's.
constexpr std::string_view k_script = R"js('use strict';
const processes = require('node:child_process');
const { createHash } = require('node:crypto');
const { readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

const folder = process.env.TMPDIR;
const date = process.env.DAVIT_FIXED_TIME;
const start = processes.spawnSync;

function addFiles(hash, below) {
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = join(below, entry.name);
    if (entry.isDirectory()) addFiles(hash, name);
    else if (entry.isFile()) {
      const content = readFileSync(join(folder, name));
      hash.update(JSON.stringify([name, content.length])).update(content);
    }
  }
  return hash;
}

const relative = (text) => (typeof text === 'string' ? text.replaceAll(`${folder}/`, '') : text);

processes.spawnSync = (file, words, options, ...more) => {
  if (!Array.isArray(words) || !words.some((word) => String(word).includes(`${folder}/`))) return start(file, words, options, ...more);
  const env = { ...(options?.env ?? process.env) };
  for (const name of Object.keys(env)) env[name] = relative(env[name]);
  env.LD_PRELOAD = '../davit-fixed.so';
  env.DAVIT_FIXED_MARK = '../fixed-mark';
  env.DAVIT_FIXED_TIME = date;
  env.DAVIT_FIXED_SEED = addFiles(createHash('sha256'), '.').digest('hex').slice(0, 16);
  return start(file, words.map(relative), { ...options, cwd: folder, env, input: relative(options?.input) });
};
require('node:module').syncBuiltinESMExports();

let drawn = 0;
Math.random = () => (drawn = (drawn + 1) % 1048576) / 1048576;
Date.now = () => Number(date) * 1000;
)js";

std::string find_library(const Context& context) {
  for (std::string& place : libexec_places(context, k_library)) {
    if (::access(place.c_str(), R_OK) == 0) return std::move(place);
  }
  return "";
}

Result<void> make_folder_and_link(const BuildRequest& request, const std::string& library) {
  std::error_code problem;
  fs::create_directory(request.scratch + "/engine", problem);
  if (!problem) fs::create_symlink(fs::absolute(library), request.scratch + "/" + std::string(k_library), problem);
  if (problem) return fail(ErrorCode::io, "cannot write into \"" + request.scratch + "\": " + problem.message());
  return {};
}

// What is not of the program, or is there only after a build.
bool is_left_out(const fs::path& path) {
  const std::string name = path.filename().string();
  std::error_code ignored;
  return name.starts_with('.') || name == "__pycache__" || path.extension() == ".wasm" || fs::exists(path / "pyvenv.cfg", ignored);
}

// The files and folders below; nothing for more than a program has.
Result<std::optional<std::vector<fs::path>>> list_sources(const std::string& folder) {
  std::vector<fs::path> found;
  std::uintmax_t bytes = 0;
  std::error_code problem;
  for (fs::recursive_directory_iterator entry(folder, problem), end; !problem && entry != end; entry.increment(problem)) {
    if (is_left_out(entry->path())) {
      entry.disable_recursion_pending();
      continue;
    }
    std::error_code ignored;
    found.push_back(entry->path().lexically_relative(folder));
    if (entry->is_regular_file(ignored)) bytes += entry->file_size(ignored);
    if (found.size() > k_max_source_files || bytes > k_max_source_bytes) return std::optional<std::vector<fs::path>>();
  }
  if (problem) return fail(ErrorCode::io, "cannot list \"" + printable(folder) + "\": " + problem.message());
  // A folder lists what it holds in the order in which that was made.
  std::ranges::sort(found);
  return std::optional(std::move(found));
}

// Copies, and returns a digest of names and contents.
Result<Digest> copy_sources(const std::string& from, const std::string& to, const std::vector<fs::path>& names) {
  std::string list;
  std::error_code problem;
  fs::create_directory(to, problem);
  for (const fs::path& name : names) {
    const fs::path source = from / name;
    const fs::path target = to / name;
    list += name.string();
    list += '\0';
    if (problem) break;
    if (fs::is_symlink(source, problem)) {
      fs::copy_symlink(source, target, problem);
    } else if (fs::is_directory(source, problem)) {
      fs::create_directory(target, problem);
    } else if (fs::is_regular_file(source, problem)) {
      fs::copy_file(source, target, problem);
      if (problem) break;
      TRY_ASSIGN(const auto content, oci::MappedFile::open(target.string(), k_max_source_bytes));
      list += digest_of(content.bytes()).text() + "\n";
    }
  }
  if (problem) return fail(ErrorCode::io, "cannot copy \"" + printable(from) + "\" to \"" + to + "\": " + problem.message());
  return digest_of(list);
}

}  // namespace

bool can_fix(const Context& context) { return !find_library(context).empty(); }

Result<void> fix_node(const Context& context, const BuildRequest& request, ProgramCall& call) {
  const std::string library = find_library(context);
  if (library.empty()) return {};
  TRY_ASSIGN(const std::uint64_t date, source_date(context));
  const std::string script = request.scratch + "/fixed.cjs";
  const std::string folder = request.scratch + "/engine";
  TRY(make_folder_and_link(request, library));
  TRY(oci::write_file(script, as_bytes(k_script)));
  const auto options = context.environment("NODE_OPTIONS");
  call.environment.push_back("NODE_OPTIONS=" + (options ? *options + " " : "") + "--require " + script);
  call.environment.push_back("TMPDIR=" + folder);
  call.environment.push_back("DAVIT_FIXED_TIME=" + std::to_string(date));
  return {};
}

Result<std::optional<FixedSources>> copy_python(const Context& context, const BuildRequest& request, const std::string& folder) {
  const std::string library = find_library(context);
  if (library.empty() || !kernel_confines_writes()) return std::optional<FixedSources>();
  FixedSources sources{.folder = request.scratch + "/sources"};
  TRY_ASSIGN(sources.date, source_date(context));
  TRY_ASSIGN(const auto names, list_sources(folder));
  if (!names) return std::optional<FixedSources>();
  TRY_ASSIGN(const Digest digest, copy_sources(folder, sources.folder, *names));
  sources.seed = digest.hex().substr(0, k_seed_digits);
  TRY(make_folder_and_link(request, library));
  return std::optional(std::move(sources));
}

void fix_python(const BuildRequest& request, const FixedSources& sources, ProgramCall& call) {
  call.environment.insert(call.environment.end(),
                          {"LD_PRELOAD=" + request.scratch + "/" + std::string(k_library), "TMPDIR=" + request.scratch + "/engine",
                           "DAVIT_FIXED_MARK=" + request.scratch + "/" + std::string(k_mark), "DAVIT_FIXED_SEED=" + sources.seed,
                           "DAVIT_FIXED_TIME=" + std::to_string(sources.date), "DAVIT_FIXED_FILES=1"});
  call.writable_folders = std::vector<std::string>{request.scratch, "/dev"};
}

bool was_fixed(const BuildRequest& request) { return is_file(request.scratch + "/" + std::string(k_mark)); }

}  // namespace davit::cli
