#include "cli/libexec.hpp"

#include <filesystem>

#include "cli/version.hpp"

namespace davit::cli {

std::vector<std::string> libexec_places(const Context& context, std::string_view name) {
  std::vector<std::string> places;
  if (const auto folder = context.environment("DAVIT_LIBEXEC")) places.push_back(*folder + "/" + std::string(name));
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    places.push_back((self.parent_path() / name).string());
    places.push_back((self.parent_path() / k_libexec_path / name).lexically_normal().string());
  }
  return places;
}

}  // namespace davit::cli
