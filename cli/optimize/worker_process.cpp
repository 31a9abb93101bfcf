#include "cli/optimize/worker_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

constexpr std::size_t k_max_message_bytes = 4096;

Result<oci::OwnedFd> make_anonymous_file(const char* name) {
  const int fd = ::memfd_create(name, MFD_CLOEXEC);
  if (fd < 0) return oci::file_error("create", name, errno);
  return oci::OwnedFd(fd);
}

Result<void> write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return oci::file_error("write", "the optimizer's input", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<Bytes> read_whole(int fd, std::uint64_t limit_bytes) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return oci::file_error("read", "the optimizer's output", errno);
  Bytes out(static_cast<std::size_t>(std::min<std::uint64_t>(static_cast<std::uint64_t>(info.st_size), limit_bytes)));
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = ::pread(fd, out.data() + done, out.size() - done, static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return oci::file_error("read", "the optimizer's output", errno);
    done += static_cast<std::size_t>(count);
  }
  return out;
}

void set_limit(decltype(RLIMIT_AS) which, std::uint64_t value) {
  const rlimit limit{value, value};
  // A hard limit below ours is kept; that is what was wanted anyway.
  (void)::setrlimit(which, &limit);
}

/// What execve takes, made before the fork. It views the call.
struct Words {
  std::vector<char*> arguments{};
  std::vector<char*> environment{};
  bool may_reserve = false;
  unsigned cores = 1;

  explicit Words(const ConfinedCall& call) : may_reserve(call.may_reserve), cores(std::max(1U, std::thread::hardware_concurrency())) {
    const auto text = [](const std::string& word) { return const_cast<char*>(word.c_str()); };
    arguments.push_back(text(call.program));
    for (const std::string& word : call.arguments) arguments.push_back(text(word));
    for (const std::string& word : call.environment) environment.push_back(text(word));
    arguments.push_back(nullptr);
    environment.push_back(nullptr);
  }
};

// Between fork and exec only calls that are safe there.
[[noreturn]] void become_worker(const Words& words, int input, int output, int messages, const WorkerLimits& limits, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(worker::k_cannot_start);
  const auto seconds = static_cast<std::uint64_t>(limits.time.count() / 1000 + 1);
  set_limit(words.may_reserve ? RLIMIT_DATA : RLIMIT_AS, limits.memory_bytes);
  set_limit(RLIMIT_CPU, seconds * words.cores);
  set_limit(RLIMIT_FSIZE, limits.output_bytes);
  set_limit(RLIMIT_CORE, 0);
  if (::dup2(input, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0 || ::dup2(messages, STDERR_FILENO) < 0)
    ::_exit(worker::k_cannot_start);
  ::execve(words.arguments.front(), words.arguments.data(), words.environment.data());
  ::_exit(worker::k_cannot_start);
}

/// Waits for the end of the process until the deadline; kills its group when that has passed.
Result<void> wait_for(pid_t child, std::chrono::milliseconds time, WorkerAnswer& answer) {
  const oci::OwnedFd handle(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  const auto deadline = std::chrono::steady_clock::now() + time;
  while (handle.get() >= 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd wanted{handle.get(), POLLIN, 0};
    const int ready = left.count() <= 0 ? 0 : ::poll(&wanted, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 1'000'000)));
    if (ready > 0) break;
    if (ready < 0 && errno == EINTR) continue;
    if (std::chrono::steady_clock::now() < deadline) continue;
    answer.timed_out = true;
    break;
  }
  if (answer.timed_out) ::kill(-child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return oci::file_error("wait for", "the optimizer", errno);
  }
  ::kill(-child, SIGKILL);  // whatever it may have left behind
  if (WIFSIGNALED(status)) answer.signal = WTERMSIG(status);
  else answer.status = WEXITSTATUS(status);
  if (answer.signal == SIGXCPU) answer.timed_out = true;
  return {};
}

}  // namespace

Result<WorkerAnswer> run_confined(const ConfinedCall& call, const std::vector<ByteView>& input, const WorkerLimits& limits) {
  TRY_ASSIGN(const oci::OwnedFd standard_input, make_anonymous_file("davit-optimizer-input"));
  TRY_ASSIGN(const oci::OwnedFd output, make_anonymous_file("davit-optimizer-output"));
  TRY_ASSIGN(const oci::OwnedFd messages, make_anonymous_file("davit-optimizer-messages"));
  for (const ByteView part : input) TRY(write_all(standard_input.get(), part));
  if (::lseek(standard_input.get(), 0, SEEK_SET) < 0) return oci::file_error("rewind", "the optimizer's input", errno);

  const Words words(call);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return oci::file_error("start", call.program, errno);
  if (child == 0) become_worker(words, standard_input.get(), output.get(), messages.get(), limits, parent);
  WorkerAnswer answer;
  TRY(wait_for(child, limits.time, answer));
  TRY_ASSIGN(answer.output, read_whole(output.get(), limits.output_bytes));
  TRY_ASSIGN(const Bytes text, read_whole(messages.get(), k_max_message_bytes));
  answer.messages = as_text(text);
  return answer;
}

Result<WorkerAnswer> run_worker(const std::string& program, const worker::Request& request, const std::vector<ByteView>& module_parts,
                                const WorkerLimits& limits) {
  std::vector<ByteView> input{{reinterpret_cast<const std::byte*>(&request), sizeof request}};
  input.insert(input.end(), module_parts.begin(), module_parts.end());
  return run_confined({.program = program}, input, limits);
}

}  // namespace davit::cli
