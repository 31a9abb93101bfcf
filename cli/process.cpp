#include "cli/process.hpp"

#include "cli/confine.hpp"
#include "oci/io/file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

extern char** environ;  // POSIX names it without a header

namespace davit::cli {
namespace {

// posix_spawn's two argument blocks, freed on every path.
struct SpawnSettings {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    // We ignore SIGPIPE; the child must die of it as usual.
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  SpawnSettings(SpawnSettings&&) = delete;
  SpawnSettings& operator=(SpawnSettings&&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> words_of(const ProgramCall& call) {
  std::vector<std::string> words{call.path};
  words.insert(words.end(), call.arguments.begin(), call.arguments.end());
  return words;
}

std::vector<std::string> variables_of(const ProgramCall& call) {
  std::vector<std::string> variables;
  if (call.inherits_environment) {
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string_view name = std::string_view(*entry).substr(0, std::string_view(*entry).find('='));
      const bool replaced = std::ranges::any_of(call.environment, [&](const std::string& own) {
        return own.size() > name.size() && own.starts_with(name) && own[name.size()] == '=';
      });
      if (!replaced) variables.emplace_back(*entry);
    }
  }
  variables.insert(variables.end(), call.environment.begin(), call.environment.end());
  return variables;
}

Result<pid_t> start(const ProgramCall& call, SpawnSettings& settings) {
  std::vector<std::string> words = words_of(call);
  std::vector<std::string> variables = variables_of(call);
  pid_t child = 0;
  if (!call.working_folder.empty()) posix_spawn_file_actions_addchdir_np(&settings.actions, call.working_folder.c_str());
  const int failure =
      posix_spawn(&child, call.path.c_str(), &settings.actions, &settings.attributes, pointers(words).data(), pointers(variables).data());
  if (failure != 0) return fail(ErrorCode::io, "cannot start \"" + call.path + "\": " + std::strerror(failure));
  return child;
}

// As start(), but under a rule of the kernel, which posix_spawn cannot set. Between fork and exec only calls that
// are safe there.
Result<pid_t> start_confined(const ProgramCall& call) {
  TRY_ASSIGN(const oci::OwnedFd rule, make_write_rule(*call.writable_folders));
  std::vector<std::string> words = words_of(call);
  std::vector<std::string> variables = variables_of(call);
  const std::vector<char*> word_pointers = pointers(words);
  const std::vector<char*> variable_pointers = pointers(variables);
  const pid_t child = ::fork();
  if (child < 0) return fail(ErrorCode::io, "cannot start \"" + call.path + "\": " + std::strerror(errno));
  if (child > 0) return child;
  std::signal(SIGPIPE, SIG_DFL);
  const bool ready = (call.output == OutputTo::standard_output || ::dup2(STDERR_FILENO, STDOUT_FILENO) >= 0) &&
                     (call.working_folder.empty() || ::chdir(call.working_folder.c_str()) == 0) && confine_self(rule.get());
  if (ready) ::execve(call.path.c_str(), word_pointers.data(), variable_pointers.data());
  constexpr std::string_view k_complaint = "davit: error: the program could not be started under its rule\n";
  const ssize_t ignored = ::write(STDERR_FILENO, k_complaint.data(), k_complaint.size());
  ::_exit(ignored < 0 ? 127 : 126);
}

Result<int> wait_for(pid_t child, const std::string& path) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return fail(ErrorCode::io, "cannot wait for \"" + path + "\": " + std::strerror(errno));
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

std::optional<std::string> find_program(const Context& context, const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (::access(name.c_str(), X_OK) == 0) return name;
    return std::nullopt;
  }
  const std::string path = context.environment("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
  std::size_t start = 0;
  while (start <= path.size()) {
    const std::size_t colon = std::min(path.find(':', start), path.size());
    const std::string candidate = (colon == start ? "." : path.substr(start, colon - start)) + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    start = colon + 1;
  }
  return std::nullopt;
}

Result<int> run_program(const ProgramCall& call) {
  if (call.writable_folders) {
    TRY_ASSIGN(const pid_t confined, start_confined(call));
    return wait_for(confined, call.path);
  }
  SpawnSettings settings;
  if (call.output == OutputTo::standard_error) {
    posix_spawn_file_actions_adddup2(&settings.actions, STDERR_FILENO, STDOUT_FILENO);
  }
  TRY_ASSIGN(const pid_t child, start(call, settings));
  return wait_for(child, call.path);
}

Result<CapturedRun> capture_program(const ProgramCall& call, std::size_t limit_bytes) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(ErrorCode::io, std::string("cannot make a pipe: ") + std::strerror(errno));
  SpawnSettings settings;
  posix_spawn_file_actions_adddup2(&settings.actions, ends[1], STDOUT_FILENO);
  auto child = start(call, settings);
  ::close(ends[1]);
  CapturedRun run;
  bool over = false;
  std::array<char, 4096> buffer{};
  while (child) {
    const ssize_t count = ::read(ends[0], buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    over = over || run.output.size() + static_cast<std::size_t>(count) > limit_bytes;
    if (!over) run.output.append(buffer.data(), static_cast<std::size_t>(count));
  }
  ::close(ends[0]);
  if (!child) return std::move(child).error();
  TRY_ASSIGN(run.status, wait_for(*child, call.path));
  if (over) return fail(ErrorCode::limit, "\"" + call.path + "\" printed more than " + std::to_string(limit_bytes) + " bytes");
  return run;
}

Result<CapturedRun> probe_program(const ProgramCall& call, std::size_t limit_bytes, std::chrono::milliseconds time) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(ErrorCode::io, std::string("cannot make a pipe: ") + std::strerror(errno));
  SpawnSettings settings;
  posix_spawn_file_actions_addopen(&settings.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&settings.actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&settings.actions, ends[1], STDERR_FILENO);
  // A group of its own, so that what a wrapper script started ends with it.
  posix_spawnattr_setflags(&settings.attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  auto child = start(call, settings);
  ::close(ends[1]);
  const oci::OwnedFd output(ends[0]);
  if (!child) return std::move(child).error();
  CapturedRun run;
  const auto deadline = std::chrono::steady_clock::now() + time;
  bool in_time = true;
  std::array<char, 4096> buffer{};
  while (run.output.size() <= limit_bytes) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd polled{output.get(), POLLIN, 0};
    in_time = left.count() > 0 && ::poll(&polled, 1, static_cast<int>(left.count())) != 0;
    if (!in_time) break;
    const ssize_t count = ::read(output.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    run.output.append(buffer.data(), static_cast<std::size_t>(count));
  }
  // Its outputs may be closed and the program still be there.
  siginfo_t ended{};
  while (in_time && ::waitid(P_PID, static_cast<id_t>(*child), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0) {
    in_time = std::chrono::steady_clock::now() < deadline;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  if (!in_time || run.output.size() > limit_bytes) ::kill(-*child, SIGKILL);
  TRY_ASSIGN(run.status, wait_for(*child, call.path));
  if (!in_time) return fail(ErrorCode::limit, "\"" + call.path + "\" did not answer in " + std::to_string(time.count()) + " ms");
  if (run.output.size() > limit_bytes) return fail(ErrorCode::limit, "\"" + call.path + "\" printed too much");
  return run;
}

std::string shell_line(const ProgramCall& call) {
  std::string line = call.path;
  for (const std::string& word : call.arguments) {
    const bool plain =
        !word.empty() &&
        word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+:./,@%") == std::string::npos;
    if (plain) {
      line += " " + word;
      continue;
    }
    line += " '";
    for (const char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += "'";
  }
  return line;
}

}  // namespace davit::cli
