#include "oci/io/file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace davit::oci {
namespace {

class AtomicFileTest : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = TempDir::create("");
    ASSERT_TRUE(folder);
    folder_.emplace(*std::move(folder));
  }
  [[nodiscard]] std::string path() const { return folder_->path() + "/file"; }
  [[nodiscard]] std::string content() const {
    const auto bytes = read_file(path(), 1024);
    return bytes ? std::string(as_text(*bytes)) : "absent";
  }
  std::optional<TempDir> folder_{};
};

TEST_F(AtomicFileTest, HasNoNameBeforeItIsWhole) {
  for (const Durability durability : {Durability::always, Durability::when_replacing}) {
    auto file = AtomicFile::create(path(), 0644, durability);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write(as_bytes("half")));
    EXPECT_EQ(content(), "absent");
  }
  EXPECT_EQ(content(), "absent");
}

TEST_F(AtomicFileTest, TheOldContentStaysUntilTheNewIsWhole) {
  ASSERT_TRUE(write_file(path(), as_bytes("old"), 0600));
  auto file = AtomicFile::create(path(), 0644, Durability::when_replacing);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write(as_bytes("new")));
  EXPECT_EQ(content(), "old");
  ASSERT_TRUE((*file)->finish());
  EXPECT_EQ(content(), "new");
  struct stat info {};
  ASSERT_EQ(::stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(AtomicFileTest, RoomThatWasReservedAndNotUsedIsNoPartOfIt) {
  for (const std::uint64_t reserved : {0U, 3U, 5U, 100000U}) {
    auto file = AtomicFile::create(path(), 0644, Durability::when_replacing);
    ASSERT_TRUE(file);
    if (reserved > 0) (*file)->reserve(reserved);
    ASSERT_TRUE((*file)->write(as_bytes("bytes")));
    ASSERT_TRUE((*file)->finish());
    EXPECT_EQ(content(), "bytes") << reserved;
  }
}

}  // namespace
}  // namespace davit::oci
