// The lists that compilers leave in a program: crates, Go modules, names of imports. Malformed ones are refused, and
// no cut of a good one is read as something else.
#include <gtest/gtest.h>

#include "manifests/encoding.hpp"
#include "wasm/cursor.hpp"
#include "wasm/sbom/dep_v0.hpp"
#include "wasm/sbom/go_build_info.hpp"
#include "wasm/sbom/import_dependency.hpp"

namespace davit::wasm {
namespace {

constexpr std::string_view k_crates =
    R"({"packages":[{"name":"app","version":"0.1.0","source":"local","dependencies":[1,2],"root":true},)"
    R"({"name":"serde","version":"1.0.2","source":"crates.io"},)"
    R"({"name":"cc","version":"1.2.0","source":"crates.io","kind":"build","dependencies":[1]}],"format":8})";

TEST(cargo_packages, are_read_with_their_uses_and_dependencies) {
  const auto packages = parse_cargo_packages(k_crates);

  ASSERT_TRUE(packages.has_value()) << packages.error().message;
  ASSERT_EQ(packages->size(), 3U);
  EXPECT_TRUE((*packages)[0].is_root);
  EXPECT_EQ((*packages)[0].dependencies, (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ((*packages)[1].source, "crates.io");
  EXPECT_TRUE((*packages)[2].is_build);
}

TEST(cargo_packages, refuse_every_cut) {
  for (std::size_t size = 0; size < k_crates.size(); ++size) EXPECT_FALSE(parse_cargo_packages(k_crates.substr(0, size))) << size;
}

TEST(cargo_packages, refuse_what_breaks_a_rule_of_the_format) {
  const std::string root = R"({"name":"a","version":"1","source":"local","root":true)";
  for (const std::string& list :
       std::vector<std::string>{"",                                 // no root
                                root + "}," + root + "}",           // two
                                root + R"(,"dependencies":[1]})",   // past the end
                                root + R"(,"dependencies":[-1]})",  //
                                root + R"(,"dependencies":[0]})",   // itself
                                root + R"(,"dependencies":[1]},{"name":"b","version":"1","source":"local","dependencies":[0]})",  // around
                                root + R"(,"kind":"test"})",                                                                      //
                                R"({"name":"","version":"1","source":"local","root":true})",                                      //
                                R"({"name":"a","version":1,"source":"local","root":true})",                                       //
                                R"({"version":"1","source":"local","root":true})"}) {
    const auto packages = parse_cargo_packages("{\"packages\":[" + list + "]}");
    ASSERT_FALSE(packages.has_value()) << list;
    EXPECT_EQ(packages.error().code, ErrorCode::malformed) << list;
  }
}

TEST(cargo_packages, bound_their_number_and_depth) {
  std::string many = R"({"packages":[{"name":"a","version":"1","source":"local","root":true})";
  for (std::size_t i = 0; i < k_max_cargo_packages; ++i) many += R"(,{"name":"a","version":"1","source":""})";

  EXPECT_EQ(parse_cargo_packages(many + "]}").error().code, ErrorCode::limit);
  EXPECT_EQ(parse_cargo_packages(std::string(1'000, '[')).error().code, ErrorCode::limit);
}

constexpr std::string_view k_go =
    "path\texample.com/app/cmd\nmod\texample.com/app\t(devel)\t\ndep\tgolang.org/x/text\tv0.3.0\th1:abc=\n"
    "dep\texample.com/old\tv1.0.0\n=>\texample.com/new\tv1.1.0\th1:def=\nbuild\tGOOS=wasip1\nbuild\t-ldflags=-X a=b\n";

TEST(go_build_info, is_read_with_replacements_and_settings) {
  const auto info = parse_go_build_info(k_go);

  ASSERT_TRUE(info.has_value()) << info.error().message;
  EXPECT_EQ(info->package, "example.com/app/cmd");
  EXPECT_EQ(info->main->path, "example.com/app");
  ASSERT_EQ(info->modules.size(), 2U);
  EXPECT_EQ(info->modules[0].sum, "h1:abc=");
  EXPECT_EQ(info->modules[1].replaced_by, "example.com/new");
  EXPECT_EQ(info->modules[1].sum, "h1:def=");
  EXPECT_EQ(info->settings[1].second, "-X a=b");
}

TEST(go_build_info, refuses_lines_that_say_nothing) {
  for (const std::string_view text : {"dep", "dep\t", "=>\tb\tv1", "\t", "mod\t\tv1", "\xff\xfe\n"})
    EXPECT_FALSE(parse_go_build_info(text)) << text;
  EXPECT_TRUE(parse_go_build_info(""));
  EXPECT_TRUE(parse_go_build_info("later\tkind of line\n\n"));
}

void append(Bytes& out, std::string_view text) {
  const ByteView bytes = as_bytes(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// A module whose data holds these pieces one after the other, from address 64 on.
Bytes module_with(const std::vector<std::string>& pieces) {
  Bytes data;
  append_leb(data, pieces.size());
  std::size_t address = 64;
  for (const std::string& piece : pieces) {
    append(data, std::string("\0\x41", 2));
    // Two bytes, so that the sign bit of the last is clear.
    append_padded_leb(data, address, 3);
    append(data, "\x0b");
    append_leb(data, piece.size());
    append(data, piece);
    address += piece.size();
  }
  Bytes file;
  append(file, std::string("\0asm\1\0\0\0\5\3\1\0\1\x0b", 14));
  append_leb(file, data.size());
  file.insert(file.end(), data.begin(), data.end());
  return file;
}

std::string framed(std::string_view text) {
  const auto start = decode_hex("3077af0c9274080241e1c107e6d618e6");
  const auto end = decode_hex("f932433186182072008242104116d8f2");
  return std::string(as_text(*start)) + std::string(text) + std::string(as_text(*end));
}

Result<std::optional<GoBuildInfo>> find_in(const Bytes& file) {
  TRY_ASSIGN(const auto tree, read_binary_tree(file, Limits{}));
  return find_go_build_info(tree.front(), Limits{});
}

TEST(go_build_info, is_found_in_data_cut_anywhere_into_segments) {
  const std::string whole = "before" + framed(k_go) + "after";
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    const auto info = find_in(module_with({whole.substr(0, cut), whole.substr(cut)}));
    ASSERT_TRUE(info.has_value()) << cut;
    ASSERT_TRUE(info->has_value()) << cut;
    EXPECT_EQ((**info).modules.size(), 2U) << cut;
  }
}

TEST(go_build_info, is_not_found_where_a_mark_is_missing) {
  const std::string whole = framed(k_go);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto info = find_in(module_with({whole.substr(0, size)}));
    ASSERT_TRUE(info.has_value()) << size;
    EXPECT_FALSE(info->has_value()) << size;
  }
}

TEST(go_build_info, refuses_a_data_section_cut_at_every_byte) {
  const Bytes whole = module_with({framed(k_go)});
  for (std::size_t size = 14; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(find_in(cut).has_value()) << size;
  }
}

TEST(import_dependency, reads_every_form_of_the_component_model) {
  const auto interface = parse_import_dependency("wasi:http/types@0.2.0");
  EXPECT_EQ(interface->package + " " + interface->interface + " " + interface->version, "wasi:http types 0.2.0");
  const auto unlocked = parse_import_dependency("unlocked-dep=<a:b@{>=1.0.0 <2.0.0}>");
  EXPECT_EQ(unlocked->form, ImportForm::unlocked);
  EXPECT_EQ(unlocked->package + " " + unlocked->version, "a:b >=1.0.0 <2.0.0");
  const auto locked = parse_import_dependency("locked-dep=<a:b/c@1.2.3>,integrity=<sha256-AAAA>");
  EXPECT_EQ(locked->form, ImportForm::locked);
  EXPECT_EQ(locked->version + " " + locked->integrity, "1.2.3 sha256-AAAA");
  EXPECT_EQ(parse_import_dependency("url=<https://example.com/a.wasm>")->url, "https://example.com/a.wasm");
  EXPECT_EQ(parse_import_dependency("integrity=<sha256-AAAA>")->form, ImportForm::integrity);
}

TEST(import_dependency, takes_no_plain_name_for_a_package) {
  for (const std::string_view name : {"", "run", "a:", ":b", "locked-dep=<>", "unlocked-dep=<a:b", "url=<", "=<>"})
    EXPECT_FALSE(parse_import_dependency(name).has_value()) << name;
}

}  // namespace
}  // namespace davit::wasm
