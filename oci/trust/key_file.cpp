#include "oci/trust/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "oci/io/file.hpp"

namespace davit::oci {
namespace {

// A name beside the final one that is removed again on every way out.
class Temporary {
 public:
  explicit Temporary(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    name_ = (slash == std::string::npos ? "" : path.substr(0, slash + 1)) + ".davit-XXXXXX";
    fd_ = OwnedFd(::mkostemp(name_.data(), O_CLOEXEC));
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (fd_.get() >= 0) ::unlink(name_.c_str());
  }
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  OwnedFd fd_;
};

Result<void> write_fd(int fd, ByteView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_error("write", path, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace

Result<SecretBytes> read_secret_file(const std::string& path, std::size_t limit_bytes) {
  const OwnedFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return file_error("open", path, errno);
  // Read straight into memory that is wiped: a buffer on the way, or one that grows, would leave copies behind.
  SecretBytes out(Bytes(limit_bytes + 1));
  std::size_t filled = 0;
  while (filled <= limit_bytes) {
    const ssize_t count = ::read(fd.get(), out.room().subspan(filled).data(), limit_bytes + 1 - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_error("read", path, errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  if (filled > limit_bytes) return fail(ErrorCode::limit, "\"" + path + "\" is longer than " + std::to_string(limit_bytes) + " bytes");
  out.truncate(filled);
  return out;
}

Result<void> write_new_file(const std::string& path, ByteView bytes, unsigned mode) {
  const Temporary temporary(path);
  if (temporary.fd() < 0) return file_error("create", path, errno);
  TRY(write_fd(temporary.fd(), bytes, path));
  if (::fchmod(temporary.fd(), mode) != 0 || ::fsync(temporary.fd()) != 0) return file_error("write", path, errno);
  // link() and not rename(): it fails when the name is taken, in one step.
  if (::link(temporary.name().c_str(), path.c_str()) == 0) return {};
  if (errno == EEXIST) {
    return fail(ErrorCode::conflict, "\"" + path + "\" is there already and is not overwritten")
        .hinting("choose another name with -o, or remove the file");
  }
  return file_error("create", path, errno);
}

}  // namespace davit::oci
