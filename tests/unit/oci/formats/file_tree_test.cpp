#include "oci/formats/file_tree.hpp"

#include <gtest/gtest.h>

#include "unit/oci/memory_sink.hpp"

namespace davit::oci {
namespace {

const std::string k_wasm("\0asm\1\0\0\0", 8);

// Layers in memory, made with the writer of the archive door.
class MemoryImage : public ImageSource {
 public:
  using Files = std::vector<std::pair<std::string, std::string>>;
  explicit MemoryImage(const std::vector<Files>& layers) {
    for (const Files& files : layers) {
      MemorySink sink;
      const auto writer = *make_archive_writer(sink, Compression::gzip);
      for (const auto& [name, content] : files) {
        const auto source = make_memory_source(to_bytes(content));
        EXPECT_TRUE(name.ends_with('/') ? writer->add_folder(name.substr(0, name.size() - 1))
                                        : writer->add_file(name, content.size(), *source));
      }
      EXPECT_TRUE(writer->close());
      tars.push_back(sink.text());
    }
  }
  [[nodiscard]] const Json& config() const override { return config_; }
  [[nodiscard]] const Annotations& annotations() const override { return annotations_; }
  [[nodiscard]] std::size_t layer_count() const override { return tars.size(); }
  Result<void> read_layer(std::size_t index, const LayerReader& read) override {
    const auto source = make_memory_source(to_bytes(tars.at(index)));
    return read(*source);
  }
  std::vector<std::string> tars{};

 private:
  Json config_{};
  Annotations annotations_{};
};

class MemorySpool {
 public:
  MemorySpool() : spool(*Spool::create()) {}
  Spool spool;
};

LayerStack stack_in(MemoryImage& image) {
  return {.count = image.layer_count(), .walk = [&image](std::size_t i, const ArchiveLimits& limits, const EntryVisitor& visit) {
            return image.read_layer(i, [&](Source& stream) { return walk_archive(stream, limits, visit); });
          }};
}

Result<FileTree> read_tree(MemoryImage& image, const ImageLimits& limits = {}, bool keep_all = false,
                           const FileTree::Enough& enough = nullptr) {
  static std::vector<std::unique_ptr<MemorySpool>> spools;
  spools.push_back(std::make_unique<MemorySpool>());
  const auto keep = [keep_all](const std::string&, ByteKind, const ArchiveEntry&) { return keep_all; };
  return FileTree::read(stack_in(image), limits, spools.back()->spool, keep, enough);
}

std::vector<std::string> wasm_in(const std::vector<MemoryImage::Files>& layers) {
  MemoryImage image(layers);
  const auto files = read_tree(image);
  EXPECT_TRUE(files) << files.error().message;
  return files ? files->names_of(ByteKind::wasm) : std::vector<std::string>{};
}

using Names = std::vector<std::string>;

TEST(file_tree, are_those_of_the_highest_layer) {
  MemoryImage image({{{"a", "text"}, {"b", k_wasm}}, {{"a", k_wasm}, {"b", "text"}}});

  const auto files = read_tree(image);

  ASSERT_TRUE(files);
  EXPECT_EQ(files->names_of(ByteKind::wasm), Names{"a"});
  EXPECT_EQ(files->find("/a")->layer, 1U);
}

TEST(file_tree, a_whiteout_removes_a_name_and_all_below_it) {
  EXPECT_EQ(wasm_in({{{"d/e/x", k_wasm}, {"d0", k_wasm}, {"de", k_wasm}}, {{".wh.d", ""}}}), (Names{"d0", "de"}));
}

TEST(file_tree, an_opaque_folder_hides_lower_layers_and_not_its_own) {
  EXPECT_EQ(wasm_in({{{"d/x", k_wasm}, {"y", k_wasm}}, {{"d/z", k_wasm}, {"d/.wh..wh..opq", ""}}}), (Names{"d/z", "y"}));
  EXPECT_EQ(wasm_in({{{"x", k_wasm}}, {{".wh..wh..opq", ""}, {"y", k_wasm}}}), Names{"y"});
}

TEST(file_tree, a_whiteout_does_not_touch_its_own_or_higher_layers) {
  EXPECT_EQ(wasm_in({{{"x", "text"}}, {{"x", k_wasm}, {".wh.x", ""}}, {{"y", k_wasm}}}), (Names{"x", "y"}));
}

TEST(file_tree, a_file_over_a_folder_replaces_it_and_a_folder_over_a_folder_does_not) {
  EXPECT_EQ(wasm_in({{{"d/x", k_wasm}}, {{"d", k_wasm}}}), Names{"d"});
  EXPECT_EQ(wasm_in({{{"d/x", k_wasm}}, {{"d/", ""}}}), Names{"d/x"});
  EXPECT_EQ(wasm_in({{{"d", k_wasm}}, {{"d/x", k_wasm}}}), Names{"d/x"});
}

TEST(file_tree, are_found_by_paths_that_stay_inside) {
  MemoryImage image({{{"d/x", k_wasm}}});
  const auto files = read_tree(image);

  for (const std::string_view path : {"d/x", "/d/x", "//d/./x", "/d/../d/x", "/../../d/x"}) EXPECT_NE(files->find(path), nullptr) << path;
  for (const std::string_view path : {"", "/", "x", "/d/x/y", "/d/.."}) EXPECT_EQ(files->find(path), nullptr) << path;
}

TEST(file_tree, tell_kinds_by_their_first_bytes) {
  MemoryImage image({{{"w", k_wasm + "rest"},
                      {"short", k_wasm.substr(0, 4)},
                      {"elf",
                       "\x7f"
                       "ELF...."},
                      {"sh", "#!/bin/sh"},
                      {"empty", ""}}});
  const auto files = read_tree(image);

  EXPECT_EQ(files->find("w")->kind, ByteKind::wasm);
  EXPECT_EQ(files->find("short")->kind, ByteKind::other);
  EXPECT_EQ(files->find("elf")->kind, ByteKind::native);
  EXPECT_EQ(files->find("sh")->kind, ByteKind::script);
  EXPECT_EQ(files->find("empty")->kind, ByteKind::empty);
}

TEST(file_tree, bound_the_names_of_all_layers_together) {
  MemoryImage image({{{"a", ""}, {"b", ""}}, {{"c", ""}, {"d", ""}}});

  EXPECT_TRUE(read_tree(image, {.entries = 4}));
  EXPECT_EQ(read_tree(image, {.entries = 3}).error().code, ErrorCode::limit);
}

TEST(file_tree, bound_what_a_layer_unpacks_to) {
  MemoryImage image({{{"a", std::string(1000, 'x')}, {"b", "y"}}});

  EXPECT_EQ(read_tree(image, {.layer_bytes = 999}).error().code, ErrorCode::limit);
}

std::string content_of(const Spool& spool, const FileTree& tree, const std::string& name) {
  return *spool.text_of(tree.spooled(*tree.find(name)), 1 << 20);
}

TEST(file_tree, spools_wasm_files_and_what_is_to_be_kept) {
  const std::string content = k_wasm + std::string(300000, 'z');
  MemoryImage image({{{"a", "lower"}, {"data/x", "text"}}, {{"b", content}, {"a", "upper"}}});
  auto spool = *Spool::create();
  const auto keep = [](const std::string& name, ByteKind, const ArchiveEntry&) { return name != "data/x"; };

  const auto tree = FileTree::read(stack_in(image), {}, spool, keep, nullptr);

  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->spooled_names(), (Names{"a", "b"}));
  EXPECT_EQ(content_of(spool, *tree, "a"), "upper");
  EXPECT_EQ(content_of(spool, *tree, "b"), content);
  EXPECT_EQ(tree->spooled(*tree->find("b")).digest, digest_of(content));
}

TEST(file_tree, leaves_lower_layers_unread_when_it_has_enough) {
  MemoryImage image({{{"a", k_wasm}}, {{"b", k_wasm}}});
  image.tars.front() = "broken";

  const auto tree = read_tree(image, {}, false, [](const FileTree& seen) { return seen.find_settled("b") != nullptr; });

  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->names_of(ByteKind::wasm), Names{"b"});
  EXPECT_EQ(tree->find_settled("a"), nullptr);
}

TEST(file_tree, bounds_what_it_keeps) {
  MemoryImage image({{{"a", k_wasm + std::string(100, 'x')}}});

  EXPECT_EQ(read_tree(image, {.kept_bytes = 100}).error().code, ErrorCode::limit);
  EXPECT_EQ(read_tree(image, {.memory_bytes = 0}).error().code, ErrorCode::limit);
}

TEST(file_tree, a_layer_cut_anywhere_never_yields_a_shorter_file) {
  const std::string content = k_wasm + std::string(2000, 'x');
  MemoryImage image({{{"a", content}}});
  const std::string whole = image.tars.at(0);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    image.tars.at(0) = whole.substr(0, length);
    auto spool = *Spool::create();
    const auto keep = [](const std::string&, ByteKind, const ArchiveEntry&) { return false; };
    const auto tree = FileTree::read(stack_in(image), {}, spool, keep, nullptr);
    if (!tree || tree->find("a") == nullptr) continue;
    EXPECT_EQ(content_of(spool, *tree, "a"), content) << length;
  }
}

}  // namespace
}  // namespace davit::oci
