// Layers of images and files of `docker save`: every name and link that is found stays below the root, and what is read
// out is no longer than the bounds.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

#include "oci/formats/file_tree.hpp"
#include "oci/formats/package.hpp"

namespace {

using namespace davit;
using namespace davit::oci;

constexpr ImageLimits k_limits{.entries = 500, .layer_bytes = std::uint64_t{8} << 20, .kept_bytes = std::uint64_t{8} << 20};

// The same bytes as two layers, so that whiteouts and hard links meet something.
LayerStack two_layers(ByteView layer) {
  return {.count = 2, .walk = [layer](std::size_t, const ArchiveLimits& limits, const EntryVisitor& visit) {
            const auto source = make_memory_source(to_bytes(layer));
            return walk_archive(*source, limits, visit);
          }};
}

void look_into(ByteView layer) {
  auto spool = Spool::create();
  if (!spool) return;
  const auto keep = [](const std::string&, ByteKind, const ArchiveEntry&) { return true; };
  const auto tree = FileTree::read(two_layers(layer), k_limits, *spool, keep, nullptr);
  if (!tree) return;
  for (const std::string& name : tree->spooled_names()) {
    if (clean_entry_name(name) != name) std::abort();
    const TreeNode* node = tree->find("/../" + name);
    if (node == nullptr || node->type != EntryType::file || !node->spooled) std::abort();
    if (tree->spooled(*node).size > k_limits.kept_bytes) std::abort();
  }
  for (const std::string& name : tree->names_of(ByteKind::wasm)) {
    const TreeNode* node = tree->find(name);
    if (node != nullptr && node->kind == ByteKind::wasm && !node->spooled) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  look_into({reinterpret_cast<const std::byte*>(data), size});

  static const int fd = ::memfd_create("archive", MFD_CLOEXEC);
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, data, size, 0) != static_cast<ssize_t>(size)) return 0;
  const auto packages = read_all_package_files("/proc/self/fd/" + std::to_string(fd), {.files = KeepFiles::all});
  if (!packages) return 0;
  for (const Package& package : *packages) {
    if (package.files.size() != package.description.files.size()) std::abort();
    for (const PackagedFile& file : package.files) {
      if (!is_clean_path(file.entry.path)) std::abort();
    }
  }
  return 0;
}
