#include "manifests/openssl_places.hpp"

#include <sys/stat.h>

#include <utility>

#include "manifests/own_files.hpp"

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
  std::vector<std::string> places;
  struct stat program {};
  if (::stat("/proc/self/exe", &program) == 0) {
    for (std::string& path : places_of_own("davit-openssl.so"))
      if (is_trusted_like(program, path)) places.push_back(std::move(path));
  }
  places.push_back(shared_name);
  return places;
}

}  // namespace davit
