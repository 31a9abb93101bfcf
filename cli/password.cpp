#include "cli/password.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/cosign_key.hpp"

namespace davit::cli {
namespace {

constexpr char k_interrupt = 0x03;
constexpr char k_end_of_input = 0x04;
constexpr char k_erase = 0x7f;
constexpr char k_backspace = 0x08;
constexpr char k_erase_line = 0x15;

Error too_long() { return fail(ErrorCode::limit, "the password is longer than " + std::to_string(oci::k_max_password_bytes) + " bytes"); }

// One byte; nothing at the end of the input.
Result<std::optional<char>> read_byte(int fd) {
  char byte = 0;
  for (;;) {
    const ssize_t count = ::read(fd, &byte, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(ErrorCode::io, std::string("cannot read the password: ") + std::strerror(errno));
    if (count == 0) return std::optional<char>{};
    return std::optional(byte);
  }
}

// Collects a password in memory that is never reallocated, so that no copy of it stays behind.
class Entry {
 public:
  Entry() { bytes_.reserve(oci::k_max_password_bytes); }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry() { oci::wipe_memory(bytes_); }
  bool add(char byte) {
    if (bytes_.size() == oci::k_max_password_bytes) return false;
    bytes_.push_back(static_cast<std::byte>(byte));
    return true;
  }
  void erase() {
    if (bytes_.empty()) return;
    bytes_.back() = std::byte{0};
    bytes_.pop_back();
  }
  void clear() {
    oci::wipe_memory(bytes_);
    bytes_.clear();
  }
  oci::SecretBytes take() { return oci::SecretBytes(std::move(bytes_)); }

 private:
  Bytes bytes_;
};

Result<oci::SecretBytes> read_from_fd(const std::string& text) {
  int fd = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), fd);
  if (error != std::errc{} || end != text.data() + text.size() || fd < 0 || ::fcntl(fd, F_GETFD) < 0) {
    return fail(ErrorCode::usage, "\"" + printable(text) + "\" is not an open file descriptor")
        .hinting("for example: --password-fd 3 3< password.txt");
  }
  Entry entry;
  for (;;) {
    TRY_ASSIGN(const auto byte, read_byte(fd));
    if (!byte || *byte == '\n') return entry.take();
    if (!entry.add(*byte)) return too_long();
  }
}

// Echo, line editing and signals off, so that the terminal can be put back on every way out.
class SilentTerminal {
 public:
  explicit SilentTerminal(int fd) : fd_(fd), changed_(::tcgetattr(fd, &before_) == 0) {
    if (!changed_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    changed_ = ::tcsetattr(fd_, TCSAFLUSH, &silent) == 0;
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (changed_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  [[nodiscard]] bool is_silent() const { return changed_; }

 private:
  int fd_;
  termios before_{};
  bool changed_;
};

Result<void> show(int terminal, const std::string& text) {
  if (::write(terminal, text.data(), text.size()) == static_cast<ssize_t>(text.size())) return {};
  return fail(ErrorCode::io, "cannot write to the terminal");
}

Result<oci::SecretBytes> read_line(int terminal) {
  Entry entry;
  for (;;) {
    TRY_ASSIGN(const auto byte, read_byte(terminal));
    if (!byte || *byte == '\n' || *byte == '\r' || *byte == k_end_of_input) return entry.take();
    if (*byte == k_interrupt) return fail(ErrorCode::usage, "interrupted while asking for the password");
    if (*byte == k_erase || *byte == k_backspace) {
      entry.erase();
    } else if (*byte == k_erase_line) {
      entry.clear();
    } else if (!entry.add(*byte)) {
      return too_long();
    }
  }
}

Result<oci::SecretBytes> ask(int terminal, const std::string& question) {
  // Silent before the question shows: an answer that comes at once must neither be echoed nor thrown away.
  const SilentTerminal silence(terminal);
  if (!silence.is_silent()) return fail(ErrorCode::io, "the terminal does not let its echo be switched off");
  TRY(show(terminal, question + ": "));
  auto answer = read_line(terminal);
  TRY(show(terminal, "\r\n"));
  return answer;
}

Result<oci::SecretBytes> ask_terminal(const PasswordRequest& request) {
  const oci::OwnedFd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (terminal.get() < 0 || ::isatty(terminal.get()) != 1) {
    return fail(ErrorCode::usage, "no password was given, and there is no terminal to ask at")
        .hinting("set DAVIT_PASSWORD or give --password-fd N");
  }
  TRY_ASSIGN(auto first, ask(terminal.get(), request.purpose));
  if (!request.twice) return first;
  TRY_ASSIGN(const auto second, ask(terminal.get(), "the same again"));
  const std::string_view one = as_text(first.view());
  if (one != as_text(second.view())) return fail(ErrorCode::usage, "the two passwords differ");
  return first;
}

}  // namespace

Result<oci::SecretBytes> read_key_password(const PasswordRequest& request) {
  if (!request.fd.empty()) return read_from_fd(request.fd);
  // Not through Context::environment: a variable that is set and empty is an answer here.
  for (const char* name : {"DAVIT_PASSWORD", "COSIGN_PASSWORD"}) {
    if (const char* value = std::getenv(name)) return oci::SecretBytes(std::string_view(value));
  }
  return ask_terminal(request);
}

}  // namespace davit::cli
