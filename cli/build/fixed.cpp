#include "cli/build/fixed.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "cli/artifact.hpp"
#include "cli/build/steps.hpp"
#include "cli/libexec.hpp"
#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_library = "davit-fixed.so";
constexpr std::string_view k_mark = "fixed-mark";

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

}  // namespace

bool can_fix(const Context& context) { return !find_library(context).empty(); }

Result<void> fix_node(const Context& context, const BuildRequest& request, ProgramCall& call) {
  const std::string library = find_library(context);
  if (library.empty()) return {};
  TRY_ASSIGN(const std::uint64_t date, source_date(context));
  const std::string script = request.scratch + "/fixed.cjs";
  const std::string folder = request.scratch + "/engine";
  TRY(oci::write_file(script, as_bytes(k_script)));
  std::error_code problem;
  fs::create_directory(folder, problem);
  if (!problem) fs::create_symlink(fs::absolute(library), request.scratch + "/" + std::string(k_library), problem);
  if (problem) return fail(ErrorCode::io, "cannot write into \"" + request.scratch + "\": " + problem.message());
  const auto options = context.environment("NODE_OPTIONS");
  call.environment.push_back("NODE_OPTIONS=" + (options ? *options + " " : "") + "--require " + script);
  call.environment.push_back("TMPDIR=" + folder);
  call.environment.push_back("DAVIT_FIXED_TIME=" + std::to_string(date));
  return {};
}

bool was_fixed(const BuildRequest& request) { return is_file(request.scratch + "/" + std::string(k_mark)); }

}  // namespace davit::cli
