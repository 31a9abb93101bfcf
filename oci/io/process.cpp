#include "oci/io/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "oci/io/file.hpp"

extern char** environ;

namespace davit::oci {
namespace {

struct Pipe {
  OwnedFd read_end{};
  OwnedFd write_end{};
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return file_error("create", "a pipe", errno);
  return Pipe{.read_end = OwnedFd(ends[0]), .write_end = OwnedFd(ends[1])};
}

Result<pid_t> spawn(const std::vector<std::string>& words, int input, int output) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  pid_t child = 0;
  const int reason = ::posix_spawnp(&child, words[0].c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (reason != 0) return file_error("run", words[0], reason);
  return child;
}

// SIGPIPE must not end us when the program closes its input early.
class IgnoredPipeSignal {
 public:
  IgnoredPipeSignal() : before_(::signal(SIGPIPE, SIG_IGN)) {}
  IgnoredPipeSignal(const IgnoredPipeSignal&) = delete;
  IgnoredPipeSignal& operator=(const IgnoredPipeSignal&) = delete;
  ~IgnoredPipeSignal() { ::signal(SIGPIPE, before_); }

 private:
  void (*before_)(int);
};

Result<Bytes> talk(OwnedFd input, OwnedFd output, ByteView data, const ProgramLimits& limits) {
  const IgnoredPipeSignal ignored;
  ::fcntl(input.get(), F_SETFL, O_NONBLOCK);
  const auto deadline = std::chrono::steady_clock::now() + limits.time;
  Bytes out;
  std::array<std::byte, 4096> buffer{};
  while (true) {
    if (data.empty()) input = OwnedFd();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return fail(ErrorCode::limit, "the program did not end in time");
    std::array<pollfd, 2> polled{{{output.get(), POLLIN, 0}, {input.get(), POLLOUT, 0}}};
    if (::poll(polled.data(), polled.size(), static_cast<int>(left.count())) < 0 && errno != EINTR)
      return file_error("wait for", "a program", errno);
    if ((polled[1].revents & (POLLOUT | POLLERR)) != 0) {
      const ssize_t written = ::write(input.get(), data.data(), data.size());
      if (written < 0 && errno != EAGAIN && errno != EINTR) data = {};
      if (written > 0) data = data.subspan(static_cast<std::size_t>(written));
    }
    if ((polled[0].revents & (POLLIN | POLLHUP)) == 0) continue;
    const ssize_t count = ::read(output.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return out;
    if (out.size() + static_cast<std::size_t>(count) > limits.output_bytes)
      return fail(ErrorCode::limit, "the program wrote more than is accepted");
    out.insert(out.end(), buffer.begin(), buffer.begin() + count);
  }
}

}  // namespace

Result<ProgramOutcome> run_program(const std::vector<std::string>& words, ByteView input, const ProgramLimits& limits) {
  CHECK(!words.empty());
  TRY_ASSIGN(auto to_child, make_pipe());
  TRY_ASSIGN(auto from_child, make_pipe());
  TRY_ASSIGN(const pid_t child, spawn(words, to_child.read_end.get(), from_child.write_end.get()));
  to_child.read_end = OwnedFd();
  from_child.write_end = OwnedFd();
  auto output = talk(std::move(to_child.write_end), std::move(from_child.read_end), input, limits);
  if (!output) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!output) return std::move(output).error().in(words[0]);
  return ProgramOutcome{.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), .output = *std::move(output)};
}

}  // namespace davit::oci
