#include "cli/optimize/cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <future>
#include <vector>

namespace davit::cli {
namespace {

// `davit-optimize-3 sha256:…\n`, then the content.
constexpr std::string_view k_mark = "davit-optimize-3 ";
constexpr std::size_t k_header_bytes = k_mark.size() + 7 + 64 + 1;

std::string header_for(ByteView content) { return std::string(k_mark) + cache_digest_of(content).text() + "\n"; }

}  // namespace

Digest cache_digest_of(ByteView content) {
  constexpr std::size_t k_parts = 4;
  constexpr std::size_t k_worth_threads = std::size_t{1} << 20;
  const std::size_t step = content.size() / k_parts;
  const auto policy = content.size() >= k_worth_threads ? std::launch::async : std::launch::deferred;
  std::array<std::future<Digest>, k_parts> parts;
  for (std::size_t i = 0; i < k_parts; ++i) {
    const ByteView part = i + 1 < k_parts ? content.subspan(i * step, step) : content.subspan(i * step);
    parts[i] = std::async(policy, [part] { return digest_of(part); });
  }
  std::string text = std::to_string(content.size());
  for (std::future<Digest>& part : parts) text += "\n" + part.get().hex();
  return digest_of(text);
}

std::optional<OptimizeCache::Entry> OptimizeCache::find(const Digest& key) const {
  const std::string path = path_of(key);
  auto file = oci::MappedFile::open(path, k_max_cache_bytes);
  if (!file) return std::nullopt;
  const ByteView bytes = file->bytes();
  const bool whole = bytes.size() >= k_header_bytes && as_text(bytes.first(k_header_bytes)) == header_for(bytes.subspan(k_header_bytes));
  if (!whole) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    return std::nullopt;
  }
  // The time of use decides what goes first; a cache that is read-only simply keeps the old one.
  (void)::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  return Entry(*std::move(file), k_header_bytes);
}

Result<void> OptimizeCache::store(const Digest& key, ByteView content) const {
  TRY(oci::make_folders(folder_));
  TRY_ASSIGN(const std::unique_ptr<oci::AtomicFile> file, oci::AtomicFile::create(path_of(key), 0600));
  const std::string header = header_for(content);
  TRY(file->write(as_bytes(header)));
  TRY(file->write(content));
  TRY(file->finish());
  evict();
  return {};
}

void OptimizeCache::evict() const {
  struct Found {
    std::filesystem::path path;
    std::uint64_t size;
    std::filesystem::file_time_type used;
  };
  std::vector<Found> entries;
  std::uint64_t total = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    std::error_code gone;  // another run may have removed it
    const std::uint64_t size = it->file_size(gone);
    const auto used = it->last_write_time(gone);
    if (gone) continue;
    entries.push_back({it->path(), size, used});
    total += size;
  }
  std::ranges::sort(entries, {}, &Found::used);
  for (const Found& entry : entries) {
    if (total <= k_max_cache_bytes) return;
    std::error_code gone;
    std::filesystem::remove(entry.path, gone);
    total -= entry.size;
  }
}

}  // namespace davit::cli
