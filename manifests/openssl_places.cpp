#include "manifests/openssl_places.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <system_error>

namespace davit {
namespace {

constexpr mode_t k_writable_by_others = S_IWGRP | S_IWOTH;

// Nobody could have put it there, or changed it, who could not change the program as well: a program may lie in a folder where
// everybody may write.
bool is_trusted_like(const struct stat& program, const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) && (found.st_uid == program.st_uid || found.st_uid == 0) &&
         (found.st_mode & k_writable_by_others & ~program.st_mode) == 0;
}

}  // namespace

std::vector<std::string> openssl_places(const std::string& shared_name) {
  constexpr const char* k_name = "davit-openssl.so";
  std::vector<std::string> places;
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  struct stat program {};
  if (!error && ::stat("/proc/self/exe", &program) == 0) {
    // Beside the program where it was built, and where it is installed. Always a path: a bare name would be looked for in
    // folders that the environment names.
    for (const auto& path : {self.parent_path() / k_name, (self.parent_path() / DAVIT_LIBEXEC_PATH / k_name).lexically_normal()})
      if (is_trusted_like(program, path)) places.push_back(path);
  }
  places.push_back(shared_name);
  return places;
}

}  // namespace davit
