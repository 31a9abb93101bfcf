#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/wasm_builder.hpp"
#include "wasm/component/names.hpp"
#include "wasm/summary.hpp"
#include "wasm/wit/wit.hpp"

namespace davit::wasm {
namespace {

using namespace test;

Result<BinarySummary> read(const Bytes& bytes) { return summarize(bytes, Limits{}, ReadDepth::code); }

TEST(names, tell_labels_from_other_text) {
  for (const std::string_view good : {"a", "a1", "a-1", "foo-BAR-b2", "B", "ABC-d"}) EXPECT_TRUE(is_label(good)) << good;
  for (const std::string_view bad : {"", "1", "1-a", "a--b", "-a", "a-", "NevEr", "aB", "a_b", "a b", "a.b"})
    EXPECT_FALSE(is_label(bad)) << bad;
}

TEST(names, take_interfaces_apart) {
  const auto name = parse_extern_name("wasi:cli/environment@0.2.0");

  ASSERT_TRUE(name);
  EXPECT_EQ(name->kind, NameKind::interface);
  EXPECT_EQ(name->package, "wasi:cli");
  EXPECT_EQ(name->label, "environment");
  EXPECT_EQ(name->version, "0.2.0");
  for (const std::string_view bad :
       {"a:b", "a:/c", ":b/c", "A:b/c", "a:b/", "a:b/c@", "a/b", "[method]a", "[method]a.", "[constructor]a.b"})
    EXPECT_FALSE(parse_extern_name(bad)) << bad;
}

TEST(names, know_versions) {
  for (const std::string_view good : {"0.0.0", "1.2.3", "1.2.3-rc.1", "1.2.3+build.007", "1.2.3-a-b.2+x"})
    EXPECT_TRUE(is_version(good)) << good;
  for (const std::string_view bad : {"", "1", "1.2", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "1.2.3 ", "1.2.x"})
    EXPECT_FALSE(is_version(bad)) << bad;
  EXPECT_EQ(canonical_version("1.2.3"), "1");
  EXPECT_EQ(canonical_version("0.2.6-rc.1"), "0.2");
  EXPECT_EQ(canonical_version("0.0.3"), "0.0.3");
}

TEST(names, that_differ_in_case_or_annotation_only_are_the_same) {
  EXPECT_EQ(uniqueness_key("foo-BAR"), uniqueness_key("FOO-bar"));
  EXPECT_EQ(uniqueness_key("[method]a.b"), uniqueness_key("[static]a.B"));
  EXPECT_EQ(uniqueness_key("[method]a.a"), uniqueness_key("a"));
  EXPECT_NE(uniqueness_key("[constructor]a"), uniqueness_key("a"));
  EXPECT_NE(uniqueness_key("a1"), uniqueness_key("a-1"));
}

struct Bad {
  const char* what;
  Bytes bytes;
  const char* message;
};

class invalid_component : public testing::TestWithParam<Bad> {};

TEST_P(invalid_component, is_refused_with_its_reason) {
  const auto summary = read(GetParam().bytes);

  ASSERT_FALSE(summary);
  EXPECT_TRUE(summary.error().offset.has_value());
  EXPECT_NE(summary.error().message.find(GetParam().message), std::string::npos) << summary.error().message;
}

Builder component() { return Builder::component(); }
Builder types(std::string_view section) { return component().section(7, section); }

std::vector<Bad> wrong_types() {
  std::string flags("\1\x6e\x21");
  for (char i = 0; i < 33; ++i) flags += std::string("\2f") + static_cast<char>('a' + i % 26);
  return {
      {"flags", types(flags).bytes(), "more than 32 flags"},
      {"empty_label", types(literal("\1\x72\1\0\x7f")).bytes(), "cannot be empty"},
      {"label", types(literal("\1\x6d\1\2aB")).bytes(), "not in kebab case"},
      {"label_twice", types(literal("\1\x6d\2\1a\1A")).bytes(), "conflicts"},
      {"own_of_a_list", types(literal("\2\x70\x7f\x69\0")).bytes(), "not a resource type"},
      {"list_of_a_function", types(literal("\2\x40\0\1\0\x70\0")).bytes(), "not a defined type"},
      {"import_of_a_list", types(literal("\1\x70\x7f")).section(10, literal("\1\0\1a\1\0")).bytes(), "not a function type"},
      {"instance_of_a_function", types(literal("\1\x40\0\1\0")).section(10, literal("\1\0\1a\5\0")).bytes(), "not an instance type"},
      {"resource_in_a_type", types(literal("\1\x42\1\1\x3f\x7f\0")).bytes(), "within a concrete component"},
      {"stream_of_characters", types(literal("\1\x66\1\x74")).bytes(), "stream<char>"},
      {"map_of_floats", types(literal("\1\x63\x75\x7f")).bytes(), "invalid map key"},
      {"fixed_list_of_nothing", types(literal("\1\x67\x7f\0")).bytes(), "more than zero"},
      {"borrow_as_result", types(literal("\3\x3f\x7f\0\x68\0\x40\0\0\1")).bytes(), "cannot contain a `borrow`"},
      {"module_type", component().section(3, literal("\1\x60\0\0")).section(10, literal("\1\0\1a\0\x11\0")).bytes(), "not a module type"},
      {"declared_alias", types(literal("\1\x42\1\2\1\0\0\1a")).bytes(), "may only refer to types or instances"},
      {"record_without_a_name", types(literal("\2\x72\1\1a\x7f\x40\1\1p\0\1\0")).section(10, literal("\1\0\1f\1\1")).bytes(),
       "without a name"},
  };
}

std::vector<Bad> wrong_names() {
  const auto function = [] { return types(literal("\1\x40\0\1\0")); };
  return {
      {"import_name", function().section(10, literal("\1\0\5NevEr\1\0")).bytes(), "not in kebab case"},
      {"interface_name", function().section(10, literal("\1\0\3a:b\1\0")).bytes(), "not a valid extern name"},
      {"version",
       types(literal("\1\x42\0"))
           .section(10, literal("\1\0\x07"
                                "a:b/c@1\5\0"))
           .bytes(),
       "invalid interface version"},
      {"method_without_resource", function().section(10, literal("\1\0\x0b[method]r.m\1\0")).bytes(), "at least one argument"},
      {"static_without_resource", function().section(10, literal("\1\0\x0b[static]r.m\1\0")).bytes(), "is not known"},
      {"export_twice", function().section(10, literal("\1\0\1a\1\0")).section(11, literal("\2\0\1b\1\0\0\0\1B\1\0\0")).bytes(),
       "conflicts"},
      {"implements_of_a_function", function().section(10, literal("\1\2\1a\1\0\5a:b/c\1\0")).bytes(), "only instances"},
  };
}

std::vector<Bad> wrong_links() {
  const Bytes needy = module_importing("m", "f").bytes();
  const Bytes plain = small_module().bytes();
  const auto instance = [&] { return component().nested(1, plain).section(2, literal("\1\0\0\0")); };
  const auto aliased = [&] { return instance().section(6, literal("\1\0\0\1\0\1f")); };
  return {
      {"argument_missing", component().nested(1, needy).section(2, literal("\1\0\0\0")).bytes(), "missing module instantiation argument"},
      {"field_missing", instance().nested(1, module_importing("m", "g").bytes()).section(2, literal("\1\0\1\1\1m\x12\0")).bytes(),
       "does not export an item named"},
      {"argument_twice", instance().section(2, literal("\1\0\0\2\1m\x12\0\1m\x12\0")).bytes(), "duplicate module instantiation argument"},
      {"alias_missing", instance().section(6, literal("\1\0\0\1\0\1g")).bytes(), "no export named"},
      {"alias_sort", instance().section(6, literal("\1\0\2\1\0\1f")).bytes(), "is not a core memory"},
      {"import_twice",
       component()
           .nested(1, Builder::module().section(1, literal("\1\x60\0\0")).section(2, literal("\2\1m\1f\0\0\1m\1f\0\0")).bytes())
           .bytes(),
       "duplicate import name"},
      {"lift_of_another_type", aliased().section(7, literal("\1\x40\1\1p\x79\1\0")).section(8, literal("\1\0\0\0\0\0")).bytes(),
       "does not match"},
      {"encoding_twice", aliased().section(7, literal("\1\x40\0\1\0")).section(8, literal("\1\0\0\0\2\0\1\0")).bytes(), "conflicts"},
      {"async_of_sync", aliased().section(7, literal("\1\x40\0\1\0")).section(8, literal("\1\0\0\0\1\6\0")).bytes(),
       "requires an async function"},
      {"callback_without_async", aliased().section(8, literal("\1\0\0\0\1\7\0\0")).bytes(), "callback without async"},
      {"realloc_without_memory", aliased().section(8, literal("\1\0\0\0\1\4\0\0")).bytes(), "requires `memory`"},
      {"drop_of_a_list", types(literal("\1\x70\x7f")).section(8, literal("\1\3\0")).bytes(), "not a resource type"},
      {"component_argument_missing",
       component()
           .nested(4, types(literal("\1\x40\0\1\0")).section(10, literal("\1\0\1a\1\0")).bytes())
           .section(5, literal("\1\0\0\0"))
           .bytes(),
       "missing import named"},
  };
}

const auto name_of = [](const auto& entry) { return std::string(entry.param.what); };
INSTANTIATE_TEST_SUITE_P(types, invalid_component, testing::ValuesIn(wrong_types()), name_of);
INSTANTIATE_TEST_SUITE_P(names, invalid_component, testing::ValuesIn(wrong_names()), name_of);
INSTANTIATE_TEST_SUITE_P(links, invalid_component, testing::ValuesIn(wrong_links()), name_of);

TEST(component_reader, says_where_in_the_nesting_a_failure_is) {
  const Bytes bad_module = Builder::module().section(3, literal("\1\5")).bytes();
  const Bytes inner = component().nested(1, small_module().bytes()).nested(1, bad_module).bytes();

  const auto of_module = read(component().nested(4, component().bytes()).nested(4, inner).bytes());
  const auto of_type = read(types(literal("\2\x42\0\x42\1\1\x70\5")).bytes());

  ASSERT_FALSE(of_module);
  EXPECT_TRUE(of_module.error().message.starts_with("in component 1, module 1: ")) << of_module.error().message;
  ASSERT_FALSE(of_type);
  EXPECT_TRUE(of_type.error().message.starts_with("in type 1: ")) << of_type.error().message;
}

TEST(component_reader, bounds_types_that_grow_with_every_step) {
  // Each record holds the one before twice.
  std::string section("\x40\x72\1\1a\x7f", 6);
  for (char i = 0; i < 63; ++i) section += std::string("\x72\2\1a") + i + std::string("\1b") + i;

  const auto summary = read(types(section).bytes());

  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ErrorCode::limit);
}

// Components and packages that tools made, kept as seeds of the fuzz targets.
std::vector<Bytes> seeds() {
  std::vector<Bytes> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(DAVIT_SEEDS) / "wit")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const ByteView bytes = as_bytes(text);
    files.emplace_back(bytes.begin(), bytes.end());
  }
  return files;
}

TEST(component_reader, survives_real_components_cut_anywhere) {
  const std::vector<Bytes> files = seeds();
  ASSERT_FALSE(files.empty());

  for (const Bytes& whole : files) {
    ASSERT_TRUE(read(whole));
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto text = wit_text(ByteView(whole).first(length), Limits{});
      if (!text) {
        EXPECT_NE(text.error().code, ErrorCode::internal) << length;
      }
    }
  }
}

TEST(component_reader, survives_real_components_with_any_byte_changed) {
  const std::vector<Bytes> files = seeds();
  ASSERT_FALSE(files.empty());

  for (Bytes file : files) {
    for (std::size_t i = 0; i < file.size(); ++i) {
      const std::byte before = file[i];
      for (const unsigned change : {0x01U, 0x80U, 0xffU}) {
        file[i] = before ^ static_cast<std::byte>(change);
        (void)wit_text(file, Limits{});
      }
      file[i] = before;
    }
  }
}

}  // namespace
}  // namespace davit::wasm
