#include "cli/package_source.hpp"

#include <algorithm>

#include "cli/input.hpp"
#include "cli/stores.hpp"
#include "oci/copy.hpp"

namespace davit::cli {
namespace {

// One package, or one for each wasm file.
template <typename One, typename Every>
Result<std::vector<oci::Package>> one_or_all(bool all, const One& one, const Every& every) {
  if (all) return every();
  auto package = one();
  if (!package) return std::move(package).error();
  std::vector<oci::Package> out;
  out.push_back(*std::move(package));
  return out;
}

Result<std::vector<oci::Package>> read_reference(Context& context, const Reference& reference, const oci::ReadOptions& options, bool all,
                                                 std::unique_ptr<oci::Repository>& repository) {
  const auto* local = std::get_if<LocalReference>(&reference);
  if (local != nullptr && local->kind == ArchiveKind::docker_archive) {
    TRY_ASSIGN(const auto image, oci::open_docker_archive(local->path, local->tag));
    return one_or_all(
        all, [&] { return oci::read_image_package(*image, options); }, [&] { return oci::read_all_image_packages(*image, options); });
  }
  TRY_ASSIGN(repository, open_repository(context, reference, StoreAccess::read));
  TRY_ASSIGN(const auto manifest, oci::fetch_wasm_manifest(*repository, selector_of(reference)));
  return one_or_all(
      all, [&] { return oci::read_package(*repository, manifest, options); },
      [&] { return oci::read_all_packages(*repository, manifest, options); });
}

}  // namespace

Result<PackageSource> load_packages(Context& context, const std::string& text, const oci::ReadOptions& options, bool all) {
  PackageSource out{.name = text};
  TRY_ASSIGN(const std::optional<Reference> reference, store_reference_in(text));
  if (!reference) {
    TRY_ASSIGN(out.packages,
               one_or_all(
                   all, [&] { return oci::read_package_file(text, options); }, [&] { return oci::read_all_package_files(text, options); }));
    return out;
  }
  auto packages = read_reference(context, *reference, options, all, out.repository);
  if (!packages) return std::move(packages).error().in(to_text(*reference));
  out.packages = *std::move(packages);
  const bool leaves = std::ranges::any_of(out.packages, &oci::Package::leaves_files);
  if (leaves) context.warn("the image was not made for wasm, so its other files stay behind; \"--files all\" brings them");
  // All packages of one source are the same tree.
  const auto left = std::ranges::find_if(out.packages, [](const oci::Package& each) { return !each.left_behind.empty(); });
  if (left != out.packages.end()) context.warn(left->left_behind);
  return out;
}

}  // namespace davit::cli
