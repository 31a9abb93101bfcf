#include "oci/archive.hpp"

#include <gtest/gtest.h>

namespace davit::oci {
namespace {

class MemorySink : public Sink {
 public:
  Result<void> write(ByteView data) override {
    bytes.insert(bytes.end(), data.begin(), data.end());
    return {};
  }
  Result<void> finish() override { return {}; }
  Bytes bytes{};
};

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

TEST(archive, counts_what_it_unpacks) {
  const auto source = make_memory_source(tar_of({{"zeros", std::string(std::size_t{1} << 20, '\0')}}, Compression::gzip));

  const auto walked = walk_archive(*source, {.total_bytes = 1000}, [](const ArchiveEntry&, Source&) -> Result<bool> { return true; });

  ASSERT_FALSE(walked);
  EXPECT_EQ(walked.error().code, ErrorCode::limit);
}

}  // namespace
}  // namespace davit::oci
