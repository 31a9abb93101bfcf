#include "oci/trust/notation/kept_lists.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <vector>

#include "manifests/digest.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/crypto/revocation_documents.hpp"

namespace davit::oci {
namespace {

// `davit-crl-1 SECONDS\n`, then the list.
constexpr std::string_view k_mark = "davit-crl-1 ";
constexpr std::size_t k_max_header_bytes = 64;

void forget_oldest(const std::string& folder) {
  std::vector<std::pair<std::filesystem::file_time_type, std::filesystem::path>> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    files.emplace_back(entry->last_write_time(ignored), entry->path());
  }
  if (files.size() <= k_max_kept_lists) return;
  std::ranges::sort(files);
  files.resize(files.size() - k_max_kept_lists);
  for (const auto& file : files) std::filesystem::remove(file.second, error);
}

}  // namespace

std::string KeptLists::path_of(const std::string& place) const { return folder_ + "/" + digest_of(place).hex() + ".crl"; }

std::optional<Bytes> KeptLists::find(const std::string& place, std::int64_t now) const {
  if (folder_.empty()) return std::nullopt;
  const auto content = read_file(path_of(place), k_max_crl_bytes + k_max_header_bytes);
  if (!content) return std::nullopt;
  std::string_view text = davit::as_text(*content);
  const std::size_t end = text.substr(0, k_max_header_bytes).find('\n');
  if (!text.starts_with(k_mark) || end == std::string_view::npos) return std::nullopt;
  std::int64_t since = 0;
  const auto read = std::from_chars(text.data() + k_mark.size(), text.data() + end, since);
  if (read.ec != std::errc() || read.ptr != text.data() + end) return std::nullopt;
  if (since < 0 || since > now || now - since >= k_longest_kept_seconds) return std::nullopt;
  return to_bytes(text.substr(end + 1));
}

Result<void> KeptLists::store(const std::string& place, ByteView list, std::int64_t now) const {
  if (folder_.empty()) return {};
  TRY(make_folders(folder_));
  Bytes content = to_bytes(std::string(k_mark) + std::to_string(now) + "\n");
  content.insert(content.end(), list.begin(), list.end());
  TRY(write_file(path_of(place), content, 0600));
  forget_oldest(folder_);
  return {};
}

}  // namespace davit::oci
