#include "oci/image_files.hpp"

#include <gtest/gtest.h>

namespace davit::oci {
namespace {

const std::string k_wasm("\0asm\1\0\0\0", 8);

class CollectingSink : public Sink {
 public:
  Result<void> write(ByteView data) override {
    text += as_text(data);
    return {};
  }
  Result<void> finish() override { return {}; }
  std::string text{};
};

// Layers in memory, made with the writer of the archive door.
class MemoryImage : public ImageSource {
 public:
  using Files = std::vector<std::pair<std::string, std::string>>;
  explicit MemoryImage(const std::vector<Files>& layers) {
    for (const Files& files : layers) {
      CollectingSink sink;
      const auto writer = *make_archive_writer(sink, Compression::gzip);
      for (const auto& [name, content] : files) {
        const auto source = make_memory_source(to_bytes(content));
        EXPECT_TRUE(name.ends_with('/') ? writer->add_folder(name.substr(0, name.size() - 1))
                                        : writer->add_file(name, content.size(), *source));
      }
      EXPECT_TRUE(writer->close());
      tars.push_back(sink.text);
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

std::vector<std::string> wasm_in(const std::vector<MemoryImage::Files>& layers) {
  MemoryImage image(layers);
  const auto files = ImageFiles::scan(image, {});
  EXPECT_TRUE(files) << files.error().message;
  return files ? files->wasm_files() : std::vector<std::string>{};
}

using Names = std::vector<std::string>;

TEST(image_files, are_those_of_the_highest_layer) {
  MemoryImage image({{{"a", "text"}, {"b", k_wasm}}, {{"a", k_wasm}, {"b", "text"}}});

  const auto files = ImageFiles::scan(image, {});

  ASSERT_TRUE(files);
  EXPECT_EQ(files->wasm_files(), Names{"a"});
  EXPECT_EQ(files->find("/a")->layer, 1U);
}

TEST(image_files, a_whiteout_removes_a_name_and_all_below_it) {
  EXPECT_EQ(wasm_in({{{"d/e/x", k_wasm}, {"d0", k_wasm}, {"de", k_wasm}}, {{".wh.d", ""}}}), (Names{"d0", "de"}));
}

TEST(image_files, an_opaque_folder_hides_lower_layers_and_not_its_own) {
  EXPECT_EQ(wasm_in({{{"d/x", k_wasm}, {"y", k_wasm}}, {{"d/z", k_wasm}, {"d/.wh..wh..opq", ""}}}), (Names{"d/z", "y"}));
  EXPECT_EQ(wasm_in({{{"x", k_wasm}}, {{".wh..wh..opq", ""}, {"y", k_wasm}}}), Names{"y"});
}

TEST(image_files, a_whiteout_does_not_touch_its_own_or_higher_layers) {
  EXPECT_EQ(wasm_in({{{"x", "text"}}, {{"x", k_wasm}, {".wh.x", ""}}, {{"y", k_wasm}}}), (Names{"x", "y"}));
}

TEST(image_files, a_file_over_a_folder_replaces_it_and_a_folder_over_a_folder_does_not) {
  EXPECT_EQ(wasm_in({{{"d/x", k_wasm}}, {{"d", k_wasm}}}), Names{"d"});
  EXPECT_EQ(wasm_in({{{"d/x", k_wasm}}, {{"d/", ""}}}), Names{"d/x"});
  EXPECT_EQ(wasm_in({{{"d", k_wasm}}, {{"d/x", k_wasm}}}), Names{"d/x"});
}

TEST(image_files, are_found_by_paths_that_stay_inside) {
  MemoryImage image({{{"d/x", k_wasm}}});
  const auto files = ImageFiles::scan(image, {});

  for (const std::string_view path : {"d/x", "/d/x", "//d/./x", "/d/../d/x", "/../../d/x"}) EXPECT_NE(files->find(path), nullptr) << path;
  for (const std::string_view path : {"", "/", "x", "/d/x/y", "/d/.."}) EXPECT_EQ(files->find(path), nullptr) << path;
}

TEST(image_files, tell_kinds_by_their_first_bytes) {
  MemoryImage image({{{"w", k_wasm + "rest"},
                      {"short", k_wasm.substr(0, 4)},
                      {"elf",
                       "\x7f"
                       "ELF...."},
                      {"sh", "#!/bin/sh"},
                      {"empty", ""}}});
  const auto files = ImageFiles::scan(image, {});

  EXPECT_EQ(files->find("w")->kind, FileKind::wasm);
  EXPECT_EQ(files->find("short")->kind, FileKind::other);
  EXPECT_EQ(files->find("elf")->kind, FileKind::native);
  EXPECT_EQ(files->find("sh")->kind, FileKind::script);
  EXPECT_EQ(files->find("empty")->kind, FileKind::other);
}

TEST(image_files, bound_the_names_of_all_layers_together) {
  MemoryImage image({{{"a", ""}, {"b", ""}}, {{"c", ""}, {"d", ""}}});

  EXPECT_TRUE(ImageFiles::scan(image, {.entries = 4}));
  EXPECT_EQ(ImageFiles::scan(image, {.entries = 3}).error().code, ErrorCode::limit);
}

TEST(image_files, bound_what_a_layer_unpacks_to) {
  MemoryImage image({{{"a", std::string(1000, 'x')}, {"b", "y"}}});

  EXPECT_EQ(ImageFiles::scan(image, {.layer_bytes = 999}).error().code, ErrorCode::limit);
}

TEST(image_files, extract_streams_one_file) {
  const std::string content = k_wasm + std::string(300000, 'z');
  MemoryImage image({{{"a", "x"}, {"b", content}, {"c", "y"}}});
  const auto files = ImageFiles::scan(image, {});
  CollectingSink sink;

  ASSERT_TRUE(extract_file(image, *files->find("b"), {}, sink));

  EXPECT_EQ(sink.text, content);
}

TEST(image_files, a_layer_cut_anywhere_never_yields_a_shorter_file) {
  const std::string content = k_wasm + std::string(2000, 'x');
  MemoryImage image({{{"a", content}}});
  const std::string whole = image.tars.at(0);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    image.tars.at(0) = whole.substr(0, length);
    const auto files = ImageFiles::scan(image, {});
    const ImageFile* found = files ? files->find("a") : nullptr;
    if (found == nullptr) continue;
    CollectingSink sink;
    const auto extracted = extract_file(image, *found, {}, sink);
    EXPECT_TRUE(!extracted || sink.text == content) << length;
  }
}

}  // namespace
}  // namespace davit::oci
