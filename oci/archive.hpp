// Tar archives: walked as a stream whatever their compression, and an OCI layout in one tar as a Repository.
//
// Tars come from strangers. Names are cleaned or refused here, counts and sizes are bounded, and nothing is ever
// extracted by name: who walks an archive gets names and bytes. The library behind this is libarchive.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "oci/repository.hpp"

namespace davit::oci {

struct ArchiveLimits {
  std::size_t entries = 200'000;
  std::uint64_t total_bytes = std::uint64_t{64} << 30;  ///< after decompression: what a bomb runs into
  std::uint64_t ratio = 1100;                           ///< decompressed to compressed, beyond the first 64 MiB; deflate cannot exceed 1032
};

enum class EntryType : std::uint8_t { file, folder, symbolic_link, hard_link, device, other };

struct ArchiveEntry {
  std::string name;      ///< clean and relative: `a/b`, no `..`, no leading `/` or `./`
  std::string raw_name;  ///< as it stands in the archive
  EntryType type = EntryType::file;
  std::uint64_t size = 0;
  std::string link_target{};  ///< as it stands in the archive
  unsigned mode = 0;
  /// Where the data begins in the file, when it stands there as it is (a plain file of an uncompressed tar).
  std::optional<std::uint64_t> data_offset{};
};

/// Told each entry with its data, which may be left unread. Returning false ends the walk.
using EntryVisitor = std::function<Result<bool>(const ArchiveEntry& entry, Source& data)>;

/// Walks a tar from a stream: plain, gzip or zstd, found by its bytes.
/// Errors: malformed (no tar, broken compression, a name that leaves the root), limit, and those of the stream
Result<void> walk_archive(Source& stream, const ArchiveLimits& limits, const EntryVisitor& visit);

/// The same for a file; skipped data of an uncompressed tar is not read.
Result<void> walk_archive_file(const std::string& path, const ArchiveLimits& limits, const EntryVisitor& visit);

/// The same for a zip file.
Result<void> walk_zip_file(const std::string& path, const ArchiveLimits& limits, const EntryVisitor& visit);

/// The plain bytes of a gzip or zstd stream, found by its first bytes; others pass as they are. `packed` must outlive it.
/// @param ratio  plain to packed bytes, beyond the first 64 MiB. Errors of the stream: malformed, limit
Result<std::unique_ptr<Source>> make_plain_source(Source& packed, std::uint64_t ratio);

/// `./a//b/` → `a/b`; nothing when the name is absolute, leaves the root or is empty of parts.
std::optional<std::string> clean_entry_name(std::string_view name);

/// Writes a tar whose bytes depend on names and contents alone: owner 0, time 0, fixed modes.
class ArchiveWriter {
 public:
  virtual ~ArchiveWriter() = default;
  virtual Result<void> add_folder(const std::string& name) = 0;
  virtual Result<void> add_file(const std::string& name, std::uint64_t size, Source& data, unsigned mode = 0644) = 0;
  /// Writes the end of the archive; does not finish the sink.
  virtual Result<void> close() = 0;
};

enum class Compression { none, gzip, zstd };

/// Gzip is compressed in parallel with bytes that do not depend on it (oci/io/gzip.hpp); zstd by one thread.
/// @param sink  must outlive the writer
Result<std::unique_ptr<ArchiveWriter>> make_archive_writer(Sink& sink, Compression compression);

/// An OCI layout in a tar file (`oci-archive:`). Writes gather in a new file beside it that takes its name in
/// `flush()`; what was in the archive before stays in it.
std::unique_ptr<Repository> open_archive(std::string path);

}  // namespace davit::oci
