#include "oci/io/file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/oci/memory_sink.hpp"

namespace davit::oci {
namespace {

Bytes counting_bytes(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::byte>((i * 31 + i / 251) & 0xFFU);
  return out;
}

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

class MappedFileTest : public AtomicFileTest {
 protected:
  MappedFile mapped(const Bytes& content) {
    EXPECT_TRUE(write_file(path(), content));
    auto file = MappedFile::open(path(), content.size());
    EXPECT_TRUE(file);
    return *std::move(file);
  }
};

TEST_F(MappedFileTest, ARangeIsWrittenAsItIs) {
  const Bytes content = counting_bytes(1'000'003);
  MappedFile first = mapped(content);
  MappedFile file = mapped(counting_bytes(1));
  file = std::move(first);
  for (const auto& [start, size] : std::vector<std::pair<std::size_t, std::size_t>>{
           {0, content.size()}, {0, 0}, {content.size(), 0}, {1, 131'072}, {7, 131'073}, {4095, 16'384}, {999'000, 1'003}}) {
    MemorySink out;
    const ByteView range = file.bytes().subspan(start, size);
    ASSERT_TRUE(file.write_range(range, out));
    EXPECT_TRUE(std::equal(out.bytes.begin(), out.bytes.end(), range.begin(), range.end())) << start << " " << size;
  }
}

TEST_F(MappedFileTest, StepsEndWherePagesOfTheOutputDo) {
  class Steps : public MemorySink {
   public:
    explicit Steps(std::size_t begin) : position_(begin) {}
    Result<void> write(ByteView data) override {
      position_ += data.size();
      ends.push_back(position_);
      return MemorySink::write(data);
    }
    std::vector<std::size_t> ends{};

   private:
    std::size_t position_;
  };
  const Bytes content = counting_bytes(500'000);
  const MappedFile file = mapped(content);
  Steps out(1'000);
  ASSERT_TRUE(file.write_range(file.bytes(), out, 1'000));
  EXPECT_EQ(out.bytes, content);
  ASSERT_GT(out.ends.size(), 2U);
  for (std::size_t i = 0; i + 1 < out.ends.size(); ++i) EXPECT_EQ(out.ends[i] % 4096, 0U) << i;
}

TEST_F(MappedFileTest, BytesFromElsewhereAreWrittenToo) {
  const Bytes content = counting_bytes(100'000);
  const MappedFile file = mapped(content);
  const Bytes other(100'000, std::byte{7});
  MemorySink out;
  ASSERT_TRUE(file.write_range(other, out));
  EXPECT_EQ(out.bytes, other);
}

TEST_F(MappedFileTest, AFileThatBecameShorterIsAnError) {
  const Bytes content = counting_bytes(300'000);
  const MappedFile file = mapped(content);
  ASSERT_EQ(::truncate(path().c_str(), 200'000), 0);
  MemorySink out;
  const auto written = file.write_range(file.bytes(), out);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::io);
  EXPECT_NE(written.error().message.find("became shorter"), std::string::npos);
}

}  // namespace
}  // namespace davit::oci
