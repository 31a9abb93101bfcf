#include "wasm/signature_section.hpp"

#include <gtest/gtest.h>

#include "manifests/encoding.hpp"
#include "support/wasm_builder.hpp"
#include "wasm/custom_section.hpp"

namespace davit::wasm {
namespace {

using test::Builder;
using test::literal;

constexpr std::string_view k_delimiter_content = "0123456789abcdef";

// `(module (type (func)) (func))`, which the worked example of the format's description signs.
Builder example() {
  return Builder::module().section(1, literal("\1\x60\0\0")).section(3, literal("\1\0")).section(10, literal("\1\2\0\x0b"));
}

const Bytes& example_file() {
  static const Bytes bytes = example().bytes();
  return bytes;
}

Builder in_parts(int parts, bool tail = false) {
  Builder out = example();
  for (int i = 0; i < parts; ++i) {
    out.custom("note", std::string(1, static_cast<char>('a' + i)));
    out.custom("signature_delimiter", k_delimiter_content);
  }
  if (tail) out.custom("note", "tail");
  return out;
}

Bytes signed_copy(ByteView file, std::size_t signature_bytes = 64) {
  SignableModuleView module = *open_signable_module(file, std::nullopt);
  EXPECT_TRUE(add_signature(module, Bytes(signature_bytes, std::byte{7})));
  return write_signed_module(module);
}

std::vector<ModuleSignature> read(ByteView file, bool lenient = false) {
  auto found = read_module_signatures(file, {.lenient = lenient});
  EXPECT_TRUE(found) << found.error().message;
  return found ? *std::move(found) : std::vector<ModuleSignature>{};
}

ErrorCode refusal_of(ByteView file, bool lenient = false) {
  const auto found = read_module_signatures(file, {.lenient = lenient});
  EXPECT_FALSE(found);
  return found ? ErrorCode::internal : found.error().code;
}

TEST(signature_section, writes_the_worked_example_byte_for_byte) {
  SignableModuleView module = *open_signable_module(example_file(), std::nullopt);
  EXPECT_EQ(module.hashes.front().hex(), "287dca0a672f5acf3cd626b1b0704dc3d4f58eb7148fb389161aec938d5f54cb");
  EXPECT_EQ(as_text(ByteView(module.message).first(7)), "wasmsig");

  add_signature(module, *decode_hex("ba385f9d8ad2187386551852ce4df10117b18ad1e1acb31472d467d0a719f10b"
                                    "d1103f8cbc4c3697da11dcee75ee9a62819ab56b3f027947d77794f8d12bc902"));
  const Bytes payload = write_signature_data(module.sets);
  const Bytes file = write_signed_module(module);

  EXPECT_EQ(payload.size(), 107U);
  EXPECT_EQ(encode_hex(ByteView(payload).first(6)), "010101016601");
  EXPECT_EQ(file.size(), 143U);
  EXPECT_EQ(digest_of(file).hex(), "a0efc179f045f68abe3302a5cd02c1a0f176e9b32a9dc06ceb14d290a9ccc6e4");
}

TEST(signature_section, covers_every_part_to_the_end_of_the_file) {
  for (const bool tail : {false, true}) {
    const auto found = read(signed_copy(in_parts(3, tail).bytes()));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().defect, "");
    EXPECT_EQ(found.front().message.size(), 10U + 32U * (tail ? 4U : 3U));
  }
}

TEST(signature_section, keeps_the_signatures_of_others_and_adds_none_twice) {
  const Bytes once = signed_copy(example().bytes());
  SignableModuleView again = *open_signable_module(once, std::nullopt);
  EXPECT_FALSE(add_signature(again, Bytes(64, std::byte{7})));
  EXPECT_TRUE(add_signature(again, Bytes(64, std::byte{8})));

  const auto found = read(write_signed_module(again));

  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].message, found[1].message);
}

// (a) of the known weak points: a file cut behind a delimiter still has a signed hash.
TEST(signature_section, weak_point_a_a_file_cut_at_a_delimiter_is_refused) {
  const Bytes whole = signed_copy(in_parts(3).bytes());
  const auto cut_at =
      static_cast<std::ptrdiff_t>(whole.size() - make_custom_section("signature_delimiter", as_bytes(k_delimiter_content)).size() -
                                  make_custom_section("note", as_bytes("c")).size());
  const Bytes cut(whole.begin(), whole.begin() + cut_at);

  EXPECT_NE(read(cut).front().defect.find("3 parts were signed and 2 are there"), std::string::npos);
  EXPECT_EQ(read(cut, true).front().defect, "");
  EXPECT_EQ(read(cut, true).front().warnings.size(), 1U);
}

// (b): parts that nobody signed pass for signed ones.
TEST(signature_section, weak_point_b_unsigned_sections_at_the_end_are_refused) {
  Bytes extended = signed_copy(in_parts(2).bytes());
  const Bytes more = make_custom_section("evil", as_bytes("x"));
  extended.insert(extended.end(), more.begin(), more.end());

  EXPECT_NE(read(extended).front().defect.find("2 of 3 parts are signed"), std::string::npos);
  EXPECT_EQ(read(extended, true).front().warnings.size(), 1U);

  Bytes bare = signed_copy(example().bytes());
  bare.insert(bare.end(), more.begin(), more.end());
  EXPECT_NE(read(bare).front().defect, "");
  EXPECT_NE(read(bare, true).front().defect, "");  // without a delimiter nothing says where the signed part ended
}

// (c) and (f): one record that cannot be read is neither passed over in silence nor does it take the others with it.
TEST(signature_section, weak_points_c_and_f_a_broken_record_is_told_and_the_others_are_still_there) {
  SignableModuleView module = *open_signable_module(example_file(), std::nullopt);
  add_signature(module, Bytes(64, std::byte{7}));
  auto& records = module.sets.front().records;
  records.insert(records.begin(), SignatureRecord{.raw = *decode_hex("ff")});
  records.push_back({.raw = *decode_hex("000140aa")});
  records.push_back({.raw = *decode_hex("000103aabbcc")});
  records.push_back({.raw = *decode_hex("000203aabbcc")});

  const auto found = read(write_signed_module(module));

  ASSERT_EQ(found.size(), 5U);
  EXPECT_NE(found[0].record.defect, "");
  EXPECT_EQ(found[1].record.defect, "");
  EXPECT_NE(found[2].record.defect.find("cannot be read"), std::string::npos);
  EXPECT_NE(found[3].record.defect.find("3 bytes, expected 64"), std::string::npos);
  EXPECT_NE(found[4].record.defect.find("algorithm 2"), std::string::npos);
}

// (d): a second section, or one that is not first, would be read by some and not by others.
TEST(signature_section, weak_point_d_a_second_or_later_signature_section_is_refused) {
  Bytes twice = signed_copy(example().bytes());
  const Bytes more = make_custom_section("signature", as_bytes("x"));
  twice.insert(twice.end(), more.begin(), more.end());
  const Bytes later = example().custom("signature", "x").bytes();

  for (const Bytes& file : {twice, later}) {
    EXPECT_EQ(refusal_of(file), ErrorCode::malformed);
    EXPECT_EQ(open_signable_module(file, std::nullopt).error().code, ErrorCode::malformed);
  }
}

// (e): a signer that writes sections anew hashes other bytes than the ones that run.
TEST(signature_section, weak_point_e_raw_bytes_are_hashed_also_of_sizes_that_are_not_minimal) {
  const Bytes padded = Builder::module().raw(literal("\1\x84\x80\0\1\x60\0\0")).bytes();
  const Bytes minimal = Builder::module().section(1, literal("\1\x60\0\0")).bytes();

  EXPECT_NE(open_signable_module(padded, std::nullopt)->hashes, open_signable_module(minimal, std::nullopt)->hashes);
  EXPECT_EQ(read(signed_copy(padded)).front().defect, "");
}

TEST(signature_section, a_module_whose_preamble_was_changed_to_a_component_is_refused) {
  Bytes file = signed_copy(example().bytes());
  file[4] = std::byte{0x0d};
  file[6] = std::byte{1};
  EXPECT_FALSE(read_module_signatures(file, {}));
}

TEST(signature_section, a_file_that_could_be_either_kind_is_not_signed) {
  EXPECT_EQ(open_signable_module(Builder::module().custom("a", "b").bytes(), std::nullopt).error().code, ErrorCode::malformed);
}

TEST(signature_section, a_file_without_signature_is_unsigned_and_not_broken) {
  EXPECT_EQ(refusal_of(example().bytes()), ErrorCode::unsigned_content);
}

TEST(signature_section, detached_data_speaks_about_the_same_bytes) {
  SignableModuleView module = *open_signable_module(example_file(), ByteView());
  add_signature(module, Bytes(64, std::byte{7}));
  const Bytes data = write_signature_data(module.sets);

  const auto found = read_module_signatures(example().bytes(), {.detached = ByteView(data)});

  ASSERT_TRUE(found);
  EXPECT_EQ(found->front().defect, "");
  EXPECT_NE(read_module_signatures(in_parts(1).bytes(), {.detached = ByteView(data)})->front().defect, "");
}

TEST(signature_data, is_refused_at_every_cut_and_with_anything_after_it) {
  SignableModuleView module = *open_signable_module(example_file(), std::nullopt);
  add_signature(module, Bytes(64, std::byte{7}));
  const Bytes data = write_signature_data(module.sets);
  for (std::size_t length = 0; length < data.size(); ++length) EXPECT_FALSE(parse_signature_data(ByteView(data).first(length))) << length;
  Bytes longer = data;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(parse_signature_data(longer));
}

TEST(signature_data, keeps_to_its_bounds_before_it_takes_memory) {
  EXPECT_FALSE(parse_signature_data(*decode_hex("010101ffffffff0f")));
  EXPECT_FALSE(parse_signature_data(*decode_hex("0101010105ffffffff0f")));
  Bytes many = *decode_hex("010101");
  append_leb(many, k_max_signature_sets + 1);
  many.resize(1000);
  EXPECT_EQ(parse_signature_data(many).error().code, ErrorCode::limit);
  EXPECT_EQ(parse_signature_data(Bytes(k_max_signature_data_bytes + 1)).error().code, ErrorCode::limit);
  for (const std::string_view other : {"02010100", "01020100", "01010200"}) {
    EXPECT_EQ(parse_signature_data(*decode_hex(other)).error().code, ErrorCode::unsupported) << other;
  }
  EXPECT_EQ(parse_signature_data(*decode_hex("01010101020000")).error().code, ErrorCode::malformed);  // a set without hashes
}

}  // namespace
}  // namespace davit::wasm
