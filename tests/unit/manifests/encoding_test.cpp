#include "manifests/encoding.hpp"

#include <gtest/gtest.h>

namespace davit {
namespace {

std::string text_of(Result<Bytes> decoded) { return decoded ? std::string(as_text(*decoded)) : "error: " + decoded.error().message; }

TEST(encoding, gives_the_test_vectors_of_rfc_4648) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(encode_base64(as_bytes(plain)), encoded);
    EXPECT_EQ(text_of(decode_base64(encoded)), plain);
  }
}

TEST(encoding, base64url_has_no_padding_and_its_own_alphabet) {
  const Bytes bytes{std::byte{0xfb}, std::byte{0xff}};
  EXPECT_EQ(encode_base64url(bytes), "-_8");
  EXPECT_EQ(*decode_base64url("-_8"), bytes);
  EXPECT_FALSE(decode_base64url("-_8="));
}

TEST(encoding, refuses_base64_that_another_text_would_also_mean) {
  for (const char* text : {"Zh==", "Zg=", "Zg", "Z", "Zg==Zg==", "Z g==", "====", "Zm9v\n", "Zm9-"})
    EXPECT_FALSE(decode_base64(text)) << text;
}

TEST(encoding, hex_goes_there_and_back_and_is_lower_case) {
  EXPECT_EQ(encode_hex(as_bytes("\x01\xab")), "01ab");
  EXPECT_EQ(text_of(decode_hex("01ab")), "\x01\xab");
  for (const char* text : {"0", "0A", "zz", "0x"}) EXPECT_FALSE(decode_hex(text)) << text;
}

TEST(encoding, says_where_a_foreign_character_stands) {
  const auto decoded = decode_base64("Zm9v!mFy");
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().offset, 4U);
}

TEST(encoding, utf8_refuses_over_long_forms_surrogates_and_cuts) {
  for (const char* text : {"a", "é", "€", "𝄞", ""}) EXPECT_TRUE(is_utf8(text)) << text;
  for (const char* text : {"\x80", "\xc0\x80", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xff"})
    EXPECT_FALSE(is_utf8(text));
}

TEST(encoding, printable_text_cannot_steer_a_terminal) {
  EXPECT_EQ(printable("a\x1b[31mb\n"), "a\\x1b[31mb\\x0a");
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J"),
            "\\xc2\\x9b2J");
  EXPECT_EQ(printable("né"), "né");
  EXPECT_LE(printable(std::string(5000, 'x')).size(), 210U);
}

TEST(encoding, percent_keeps_only_unreserved_characters) { EXPECT_EQ(encode_percent("a b/c~é"), "a%20b%2Fc~%C3%A9"); }

}  // namespace
}  // namespace davit
