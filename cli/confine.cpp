#include "cli/confine.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace davit::cli {
namespace {

constexpr long k_first_abi_with_truncate = 3;
// linux/landlock.h of older systems lacks these two; on the wire to the kernel: never change.
constexpr std::uint64_t k_access_refer = std::uint64_t{1} << 13;
constexpr std::uint64_t k_access_truncate = std::uint64_t{1} << 14;
constexpr std::uint64_t k_writes = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                   LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                   LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                                   LANDLOCK_ACCESS_FS_MAKE_SYM | k_access_refer | k_access_truncate;

}  // namespace

bool kernel_confines_writes() {
  return ::syscall(__NR_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) >= k_first_abi_with_truncate;
}

Result<oci::OwnedFd> make_write_rule(const std::vector<std::string>& writable) {
  if (!kernel_confines_writes())
    return fail(ErrorCode::unsupported, "this kernel cannot hold a program to reading (Landlock of Linux 6.2 or newer is needed)");
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = k_writes;
  oci::OwnedFd rule(static_cast<int>(::syscall(__NR_landlock_create_ruleset, &attributes, sizeof attributes.handled_access_fs, 0)));
  if (rule.get() < 0) return oci::file_error("make a Landlock rule for", "the runtime", errno);
  for (const std::string& folder : writable) {
    const oci::OwnedFd opened(::open(folder.c_str(), O_PATH | O_CLOEXEC));
    if (opened.get() < 0) return oci::file_error("open", folder, errno);
    landlock_path_beneath_attr beneath{};
    beneath.allowed_access = k_writes;
    beneath.parent_fd = opened.get();
    if (::syscall(__NR_landlock_add_rule, rule.get(), LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) != 0) {
      return oci::file_error("make a Landlock rule for", folder, errno);
    }
  }
  return rule;
}

bool confine_self(int rule) noexcept {
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::syscall(__NR_landlock_restrict_self, rule, 0) == 0;
}

}  // namespace davit::cli
