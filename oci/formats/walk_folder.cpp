#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>

#include "manifests/encoding.hpp"
#include "oci/formats/package_kind.hpp"
#include "oci/io/file.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_max_depth = 64;

// Descends by descriptors, so that a folder that is swapped for a link meanwhile leads nowhere else.
class FolderWalk {
 public:
  FolderWalk(std::string root, const ArchiveLimits& limits, const EntryVisitor& visit)
      : root_(std::move(root)), limits_(limits), visit_(visit) {}

  Result<void> run() {
    OwnedFd fd(::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0) return file_error("open", root_, errno);
    return walk(std::move(fd), "", 0);
  }

 private:
  Result<void> walk(OwnedFd folder, const std::string& prefix, std::size_t depth) {
    if (depth > k_max_depth)
      return fail(ErrorCode::limit, "folders are nested deeper than " + std::to_string(k_max_depth) + " levels").in(root_);
    TRY_ASSIGN(const auto names, list(folder, prefix));
    for (const std::string& name : names) {
      if (done_) return {};
      if (++entries_ > limits_.entries)
        return fail(ErrorCode::limit, "the folder holds more than " + std::to_string(limits_.entries) + " names").in(root_);
      TRY(show(folder, name, prefix + name, depth));
    }
    return {};
  }

  Result<std::vector<std::string>> list(const OwnedFd& folder, const std::string& prefix) const {
    const int copy = ::dup(folder.get());
    DIR* raw = copy < 0 ? nullptr : ::fdopendir(copy);
    if (raw == nullptr) return file_error("list", root_ + "/" + prefix, errno);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(raw, &::closedir);
    std::vector<std::string> names;
    while (const dirent* each = ::readdir(stream.get())) {
      const std::string name(each->d_name);
      if (name == "." || name == "..") continue;
      names.push_back(name);
      if (names.size() > limits_.entries)
        return fail(ErrorCode::limit, "the folder holds more than " + std::to_string(limits_.entries) + " names").in(root_);
    }
    std::ranges::sort(names);
    return names;
  }

  Result<void> show(const OwnedFd& folder, const std::string& base, const std::string& name, std::size_t depth) {
    struct stat info {};
    if (::fstatat(folder.get(), base.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return file_error("read", root_ + "/" + name, errno);
    // Of the mode only whether it is a program: the rest is the umask of whoever made the folder.
    ArchiveEntry entry{.name = name, .raw_name = name, .type = EntryType::device, .mode = (info.st_mode & S_IXUSR) != 0 ? 0755U : 0644U};
    if (S_ISLNK(info.st_mode)) {
      std::array<char, 4096> target{};
      const ssize_t length = ::readlinkat(folder.get(), base.c_str(), target.data(), target.size());
      if (length < 0) return file_error("read", root_ + "/" + name, errno);
      entry.type = EntryType::symbolic_link;
      entry.link_target.assign(target.data(), static_cast<std::size_t>(length));
    }
    if (S_ISDIR(info.st_mode)) entry.type = EntryType::folder;
    if (S_ISREG(info.st_mode)) return show_file(folder, base, std::move(entry));
    const auto nothing = make_memory_source({});
    TRY_ASSIGN(const bool goes_on, visit_(entry, *nothing));
    done_ = !goes_on;
    if (entry.type != EntryType::folder || done_) return {};
    OwnedFd inner(::openat(folder.get(), base.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (inner.get() < 0) return file_error("open", root_ + "/" + name, errno);
    return walk(std::move(inner), name + "/", depth + 1);
  }

  Result<void> show_file(const OwnedFd& folder, const std::string& base, ArchiveEntry entry) {
    OwnedFd fd(::openat(folder.get(), base.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat info {};
    if (fd.get() < 0 || ::fstat(fd.get(), &info) != 0) return file_error("open", root_ + "/" + entry.name, errno);
    if (!S_ISREG(info.st_mode)) return fail(ErrorCode::conflict, "\"" + printable(entry.name) + "\" changed while it was read").in(root_);
    entry.type = EntryType::file;
    entry.size = static_cast<std::uint64_t>(info.st_size);
    total_ += entry.size;
    if (total_ > limits_.total_bytes)
      return fail(ErrorCode::limit, "the folder holds more than " + std::to_string(limits_.total_bytes) + " bytes").in(root_);
    const auto source = make_fd_source(std::move(fd), root_ + "/" + entry.name);
    TRY_ASSIGN(const bool goes_on, visit_(entry, *source));
    done_ = !goes_on;
    return {};
  }

  std::string root_;
  const ArchiveLimits& limits_;
  const EntryVisitor& visit_;
  std::size_t entries_ = 0;
  std::uint64_t total_ = 0;
  bool done_ = false;
};

}  // namespace

Result<void> walk_folder(const std::string& folder, const ArchiveLimits& limits, const EntryVisitor& visit) {
  return FolderWalk(folder, limits, visit).run();
}

}  // namespace davit::oci
