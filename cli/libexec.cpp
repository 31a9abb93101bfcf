#include "cli/libexec.hpp"

#include "manifests/own_files.hpp"

namespace davit::cli {

std::vector<std::string> libexec_places(const Context& context, std::string_view name) {
  std::vector<std::string> places = places_of_own(name);
  if (const auto folder = context.environment("DAVIT_LIBEXEC")) places.insert(places.begin(), *folder + "/" + std::string(name));
  return places;
}

}  // namespace davit::cli
