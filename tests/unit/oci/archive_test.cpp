#include "oci/archive.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "oci/io/file.hpp"
#include "unit/oci/memory_sink.hpp"

namespace davit::oci {
namespace {

Bytes tar_of(const std::vector<std::pair<std::string, std::string>>& files, Compression compression) {
  MemorySink sink;
  auto writer = *make_archive_writer(sink, compression);
  for (const auto& [name, text] : files) {
    const auto source = make_memory_source(to_bytes(text));
    EXPECT_TRUE(writer->add_file(name, text.size(), *source));
  }
  EXPECT_TRUE(writer->close());
  return sink.bytes;
}

// One stored deflate block, which may be at most 64 KiB long.
Bytes gzip_of(const Bytes& plain) {
  const auto size = static_cast<unsigned>(plain.size());
  Bytes out;
  for (const unsigned byte : {0x1fU, 0x8bU, 8U, 0U, 0U, 0U, 0U, 0U, 0U, 3U, 1U, size & 0xff, size >> 8, ~size & 0xff, (~size >> 8) & 0xff})
    out.push_back(std::byte(byte));
  out.insert(out.end(), plain.begin(), plain.end());
  std::uint32_t crc = ~0U;
  for (const std::byte byte : plain) {
    crc ^= std::to_integer<std::uint32_t>(byte);
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  for (const std::uint32_t word : {~crc, std::uint32_t{size}}) {
    for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(std::byte(word >> shift & 0xff));
  }
  return out;
}

TEST(archive, gives_back_what_was_written) {
  for (const Compression compression : {Compression::none, Compression::gzip}) {
    const auto source = make_memory_source(tar_of({{"a/b", "one"}, {"c", "two"}}, compression));
    std::string seen;

    const auto walked = walk_archive(*source, {}, [&](const ArchiveEntry& entry, Source& data) -> Result<bool> {
      TRY_ASSIGN(const Bytes bytes, read_all(data, 100));
      seen += entry.name + "=" + std::string(as_text(bytes)) + ";";
      return true;
    });

    ASSERT_TRUE(walked);
    EXPECT_EQ(seen, "a/b=one;c=two;");
  }
}

TEST(archive, writes_the_same_bytes_for_the_same_content) {
  EXPECT_EQ(tar_of({{"a", "x"}}, Compression::gzip), tar_of({{"a", "x"}}, Compression::gzip));
}

TEST(archive, cleans_names_and_refuses_those_that_leave) {
  EXPECT_EQ(clean_entry_name("./a//b/./c/"), "a/b/c");
  EXPECT_EQ(clean_entry_name("./"), "");
  for (const char* name : {"/a", "../a", "a/../b", "a/.."}) EXPECT_EQ(clean_entry_name(name), std::nullopt) << name;
}

// What a walk of the first bytes of an archive with one short and one long file sees; both as a stream and as a file.
class CutArchive : public testing::Test {
 protected:
  static constexpr std::size_t k_second_header = 1024;
  static constexpr std::size_t k_second_data = 1536;
  static constexpr std::size_t k_second_bytes = 700;

  static Bytes first_bytes(std::size_t count) {
    Bytes all = tar_of({{"a", "one"}, {"b", std::string(k_second_bytes, 'x')}}, Compression::none);
    all.resize(count);
    return all;
  }

  static void expect(const Bytes& tar, const std::string& seen, bool good) {
    for (const bool reads : {true, false}) {
      std::string names;
      const EntryVisitor visit = [&](const ArchiveEntry& entry, Source& data) -> Result<bool> {
        if (reads) TRY(read_all(data, 10'000));
        names += entry.name;
        return true;
      };
      const auto source = make_memory_source(tar);
      const std::string path = testing::TempDir() + "davit-cut-archive";
      ASSERT_TRUE(write_file(path, tar, 0600));
      for (const auto& walked : {walk_archive(*source, {}, visit), walk_archive_file(path, {}, visit)}) {
        EXPECT_EQ(walked.has_value(), good) << tar.size();
        EXPECT_TRUE(walked || walked.error().code == ErrorCode::malformed);
      }
      EXPECT_TRUE(!good || names == seen + seen) << names;
      static_cast<void>(::unlink(path.c_str()));
    }
  }
};

TEST_F(CutArchive, is_whole_when_only_padding_and_end_are_missing) {
  for (const std::size_t size : {k_second_data + k_second_bytes, k_second_data + k_second_bytes + 1, k_second_data + 1024})
    expect(first_bytes(size), "ab", true);
  expect(first_bytes(k_second_header), "a", true);
  expect(first_bytes(512 + 3), "a", true);
}

TEST_F(CutArchive, is_refused_when_data_or_a_header_is_missing) {
  for (const std::size_t size :
       {std::size_t{513}, k_second_header + 1, k_second_data - 1, k_second_data, k_second_data + k_second_bytes - 1})
    expect(first_bytes(size), "", false);
}

TEST(archive, a_compressed_one_need_not_be_padded_either) {
  for (const std::size_t cut : {std::size_t{515}, std::size_t{514}}) {
    Bytes tar = tar_of({{"a", "one"}}, Compression::none);
    tar.resize(cut);
    const auto source = make_memory_source(gzip_of(tar));
    const auto walked = walk_archive(*source, {}, [](const ArchiveEntry&, Source&) -> Result<bool> { return true; });
    EXPECT_EQ(walked.has_value(), cut == 515);
  }
}

TEST(archive, counts_what_it_unpacks) {
  const auto source = make_memory_source(tar_of({{"zeros", std::string(std::size_t{1} << 20, '\0')}}, Compression::gzip));

  const auto walked = walk_archive(*source, {.total_bytes = 1000}, [](const ArchiveEntry&, Source&) -> Result<bool> { return true; });

  ASSERT_FALSE(walked);
  EXPECT_EQ(walked.error().code, ErrorCode::limit);
}

}  // namespace
}  // namespace davit::oci
