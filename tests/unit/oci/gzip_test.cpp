#include "oci/io/gzip.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <random>

#include "oci/archive.hpp"
#include "oci/io/file.hpp"
#include "unit/oci/memory_sink.hpp"

namespace davit::oci {
namespace {

Bytes compressed(ByteView data, unsigned threads, std::size_t cut = k_copy_buffer_bytes) {
  MemorySink out;
  const auto sink = make_gzip_sink(out, threads);
  for (std::size_t at = 0; at < data.size(); at += cut) EXPECT_TRUE(sink->write(data.subspan(at, std::min(cut, data.size() - at))));
  EXPECT_TRUE(sink->finish());
  EXPECT_FALSE(out.finished);
  return out.bytes;
}

// Text-like bytes that compress, with runs that reach back over the border of a block.
Bytes sample(std::size_t size) {
  std::mt19937 random(7);
  Bytes out;
  out.reserve(size + 64);
  while (out.size() < size) {
    const std::size_t back = random() % 40'000 + 1;
    if (out.size() > back && random() % 3 != 0) {
      for (int i = 0; i < 40; ++i) out.push_back(out[out.size() - back]);
    } else {
      out.push_back(std::byte(random() % 251));
    }
  }
  out.resize(size);
  return out;
}

// The program that everybody has is the judge.
Bytes unpacked_by(const std::string& program, ByteView data) {
  const auto folder = TempDir::create("");
  EXPECT_TRUE(write_file(folder->path() + "/in", data));
  const std::string command = program + " < " + folder->path() + "/in > " + folder->path() + "/out";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  return *read_file(folder->path() + "/out", std::uint64_t{1} << 30);
}

TEST(gzip, is_read_by_gzip) {
  for (const std::size_t size : {0UL, 1UL, 256UL * 1024, 256UL * 1024 + 1, 1'500'000UL}) {
    const Bytes data = sample(size);
    const Bytes packed = compressed(data, 2);

    EXPECT_TRUE(unpacked_by("gzip -dc", packed) == data) << size;
    EXPECT_TRUE(unpacked_by("gzip -t", packed).empty()) << size;
  }
}

TEST(gzip, bytes_do_not_depend_on_threads_or_on_how_they_were_written) {
  const Bytes data = sample(3'000'001);
  const Bytes one = compressed(data, 1);

  EXPECT_TRUE(compressed(data, 2) == one);
  EXPECT_TRUE(compressed(data, 4) == one);
  EXPECT_TRUE(compressed(data, 3, 70'001) == one);
  EXPECT_TRUE(compressed(data, 0, 3'000'001) == one);
  EXPECT_EQ(digest_of(compressed(data, 1)), digest_of(one));
}

TEST(gzip, has_one_member_without_time_or_name) {
  const Bytes packed = compressed(sample(600'000), 2);

  EXPECT_EQ(as_text(packed).substr(0, 10), std::string_view("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10));
}

TEST(gzip, is_as_small_as_gzip) {
  const Bytes data = sample(2'000'000);

  EXPECT_LT(compressed(data, 2).size(), unpacked_by("gzip -n", data).size() * 101 / 100);
}

TEST(gzip, passes_the_errors_of_its_sink_on) {
  class Broken : public MemorySink {
   public:
    Result<void> write(ByteView) override { return fail(ErrorCode::io, "disk full"); }
  } broken;
  const auto sink = make_gzip_sink(broken, 2);
  const Bytes data = sample(2'000'000);

  Result<void> written = sink->write(data);
  if (written) written = sink->finish();

  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, "disk full");
}

TEST(gzip, layers_are_read_by_gzip_and_zstd) {
  const Bytes data = sample(700'000);
  const auto tar = [&](Compression compression) {
    MemorySink sink;
    auto writer = *make_archive_writer(sink, compression);
    EXPECT_TRUE(writer->add_file("a/b", data.size(), *make_memory_source(data)));
    EXPECT_TRUE(writer->close());
    return sink.bytes;
  };
  const Bytes plain = tar(Compression::none);

  EXPECT_TRUE(unpacked_by("gzip -dc", tar(Compression::gzip)) == plain);
  EXPECT_TRUE(unpacked_by("zstd -dc", tar(Compression::zstd)) == plain);
  EXPECT_TRUE(tar(Compression::zstd) == tar(Compression::zstd));
}

}  // namespace
}  // namespace davit::oci
