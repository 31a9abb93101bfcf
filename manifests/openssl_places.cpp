#include "manifests/openssl_places.hpp"

#include <filesystem>

namespace davit {

std::vector<std::string> openssl_places(const std::string& shared_name) {
  constexpr const char* k_name = "davit-openssl.so";
  std::vector<std::string> places;
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    // Beside the program where it was built, and where it is installed. Always a path: a bare name would be looked for in
    // folders that the environment names.
    places.push_back((self.parent_path() / k_name).string());
    places.push_back((self.parent_path() / DAVIT_LIBEXEC_PATH / k_name).lexically_normal().string());
  }
  places.push_back(shared_name);
  return places;
}

}  // namespace davit
