// Packages that are files: known by what is in them, and never half read.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "oci/archive.hpp"
#include "oci/formats/package.hpp"
#include "unit/oci/memory_sink.hpp"

namespace davit::oci {
namespace {

const std::string k_wasm = std::string("\0asm\1\0\0\0", 8) + std::string("\0\2\1x", 4);

using Files = std::vector<std::pair<std::string, std::string>>;

std::string tar_of(const Files& files, Compression compression = Compression::none) {
  MemorySink sink;
  const auto writer = *make_archive_writer(sink, compression);
  for (const auto& [name, content] : files) {
    const auto source = make_memory_source(to_bytes(content));
    EXPECT_TRUE(writer->add_file(name, content.size(), *source));
  }
  EXPECT_TRUE(writer->close());
  return sink.text();
}

class package_file : public testing::Test {
 protected:
  package_file() : fd_(::memfd_create("package", MFD_CLOEXEC)) {}
  ~package_file() override { ::close(fd_); }
  package_file(const package_file&) = delete;
  package_file& operator=(const package_file&) = delete;

  Result<Package> read(std::string_view content, const ReadOptions& options = {}) {
    EXPECT_EQ(::ftruncate(fd_, 0), 0);
    EXPECT_EQ(::pwrite(fd_, content.data(), content.size(), 0), static_cast<ssize_t>(content.size()));
    return read_package_file("/proc/self/fd/" + std::to_string(fd_), options);
  }

  // A shorter archive is refused, or what comes out is whole.
  void cut_everywhere(const std::string& whole) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto package = read(std::string_view(whole).substr(0, length));
      if (!package) continue;
      EXPECT_EQ(package->wasm.blob.digest, digest_of(k_wasm)) << length;
    }
    EXPECT_TRUE(read(whole));
  }

 private:
  int fd_;
};

std::string docker_archive(Compression compression) {
  const std::string layer = tar_of({{"app.wasm", k_wasm}});
  const std::string stored = compression == Compression::none ? layer : tar_of({{"app.wasm", k_wasm}}, compression);
  const std::string config =
      R"({"architecture":"wasm","os":"wasi","config":{"Cmd":["/app.wasm"]},"rootfs":{"diff_ids":[")" + digest_of(layer).text() + "\"]}}";
  return tar_of(
      {{"config.json", config}, {"layer.tar", stored}, {"manifest.json", R"([{"Config":"config.json","Layers":["layer.tar"]}])"}});
}

std::string oci_archive() {
  const std::string config = "{}";
  const auto descriptor = [](const std::string& type, const std::string& content) {
    return R"({"mediaType":")" + type + R"(","digest":")" + digest_of(content).text() + R"(","size":)" + std::to_string(content.size()) +
           "}";
  };
  const std::string manifest = R"({"schemaVersion":2,"config":)" + descriptor("application/vnd.wasm.config.v1+json", config) +
                               R"(,"layers":[)" + descriptor("application/vnd.wasm.content.layer.v1+wasm", k_wasm) + "]}";
  const std::string index =
      R"({"schemaVersion":2,"manifests":[)" + descriptor("application/vnd.oci.image.manifest.v1+json", manifest) + "]}";
  const auto blob = [](const std::string& content) { return "blobs/sha256/" + digest_of(content).hex(); };
  return tar_of({{"oci-layout", R"({"imageLayoutVersion":"1.0.0"})"},
                 {"index.json", index},
                 {blob(config), config},
                 {blob(manifest), manifest},
                 {blob(k_wasm), k_wasm}});
}

TEST_F(package_file, is_known_by_what_is_in_it) {
  const std::vector<std::pair<std::string, Files>> kinds = {
      {"fastly", {{"app/fastly.toml", "name = \"app\"\n"}, {"app/bin/main.wasm", k_wasm}}},
      {"wasmer", {{"wasmer.toml", "[[module]]\nname = \"a\"\nsource = \"b/a.wasm\"\n"}, {"b/a.wasm", k_wasm}, {"c.wasm", k_wasm + "x"}}},
      {"workers", {{"wrangler.toml", "name = \"a\"\n"}, {"src/module.wasm", k_wasm}}},
      {"spin",
       {{"spin.toml", "spin_manifest_version = 2\n[component.a]\nsource = \"a.wasm\"\n"}, {"a.wasm", k_wasm}, {"b.wasm", k_wasm + "x"}}},
      {"opa-bundle", {{".manifest", "{}"}, {"policy.wasm", k_wasm}, {"data.json", "{}"}}},
      {"helm-plugin", {{"p/plugin.yaml", "name: p\n"}, {"p/plugin.wasm", k_wasm}}},
      {"envoy", {{"plugin.wasm", k_wasm}}},
      {"archive", {{"some.wasm", k_wasm}}},
  };
  for (const auto& [format, files] : kinds) {
    for (const Compression compression : {Compression::none, Compression::gzip, Compression::zstd}) {
      const auto package = read(tar_of(files, compression));
      ASSERT_TRUE(package) << format << ": " << package.error().message;
      EXPECT_EQ(package->from, format);
      EXPECT_EQ(package->wasm.blob.digest, digest_of(k_wasm)) << format;
    }
  }
  EXPECT_EQ(read(k_wasm)->from, "file");
  EXPECT_EQ(read(docker_archive(Compression::none))->from, "image");
}

TEST_F(package_file, without_wasm_is_refused_by_name) {
  const auto provider = read(tar_of({{"claims.jwt", "x"},
                                     {"x86_64-linux.bin",
                                      "\x7f"
                                      "ELF"}},
                                    Compression::gzip));
  const auto plain = read(tar_of({{"readme", "x"}}));
  const auto native = read(
      "\x7f"
      "ELF........");

  for (const auto* refused : {&provider, &plain, &native}) {
    ASSERT_FALSE(*refused);
    EXPECT_EQ(refused->error().code, ErrorCode::unsupported);
  }
  EXPECT_NE(provider.error().message.find("provider archive"), std::string::npos);
  EXPECT_NE(native.error().message.find("native"), std::string::npos);
}

TEST_F(package_file, keeps_only_the_files_that_are_the_programs) {
  const auto package = read(
      tar_of({{"app/fastly.toml", "name = \"app\"\n"}, {"app/bin/main.wasm", k_wasm}, {"app/files/a/b", "x"}, {"app/src/main.rs", "y"}}));

  ASSERT_TRUE(package);
  ASSERT_EQ(package->files.size(), 1U);
  EXPECT_EQ(package->description.files.front().path, "a/b");
  EXPECT_EQ(package->description.companions.at("fastly.toml"), "name = \"app\"\n");
  EXPECT_EQ(package->description.path, "");
}

TEST_F(package_file, compressed_layers_are_compared_with_the_digests_of_their_plain_tars) {
  std::string changed = docker_archive(Compression::none);
  changed.replace(changed.find("sha256:") + 7, 4, "0000");

  EXPECT_TRUE(read(docker_archive(Compression::gzip)));
  EXPECT_TRUE(read(docker_archive(Compression::zstd)));
  EXPECT_EQ(read(changed).error().code, ErrorCode::mismatch);
}

TEST_F(package_file, cut_anywhere_never_yields_half_a_file) {
  cut_everywhere(tar_of({{"app/fastly.toml", "x = 1\n"}, {"app/bin/main.wasm", k_wasm}}, Compression::gzip));
  cut_everywhere(tar_of({{"wasmer.toml", "x = 1\n"}, {"a.wasm", k_wasm}}, Compression::zstd));
  cut_everywhere(docker_archive(Compression::none));
  cut_everywhere(docker_archive(Compression::gzip));
  cut_everywhere(docker_archive(Compression::zstd));
  cut_everywhere(oci_archive());
}

}  // namespace
}  // namespace davit::oci
