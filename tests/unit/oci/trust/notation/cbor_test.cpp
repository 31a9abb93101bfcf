#include "oci/trust/notation/cbor.hpp"

#include <gtest/gtest.h>

#include "manifests/encoding.hpp"

namespace davit::oci {
namespace {

Result<Cbor> parse_hex(std::string_view hex) { return parse_cbor(*decode_hex(hex)); }

TEST(cbor, reads_and_writes_the_examples_of_the_specification) {
  for (const char* hex : {"00",
                          "17",
                          "1818",
                          "190100",
                          "1a00010000",
                          "1b0000000100000000",
                          "1bffffffffffffffff",
                          "20",
                          "3863",
                          "3bffffffffffffffff",
                          "40",
                          "4401020304",
                          "60",
                          "6449455446",
                          "62c3bc",
                          "80",
                          "83010203",
                          "a0",
                          "a201020304",
                          "a26161016162820203",
                          "f4",
                          "f5",
                          "f6",
                          "c11a514b67b0",
                          "d28443a10126a04101420203"}) {
    const auto value = parse_hex(hex);
    ASSERT_TRUE(value) << hex << ": " << value.error().message;
    EXPECT_EQ(encode_hex(write_cbor(*value)), hex);
  }
}

TEST(cbor, refuses_what_deterministic_encoding_never_writes) {
  for (const char* hex : {"1817",
                          "1900ff",
                          "1a0000ffff",
                          "1b00000000ffffffff",
                          "3817",
                          "5800",
                          "7800",
                          "9800",
                          "b800",
                          "d817f6",  // not shortest
                          "5f4101ff",
                          "7f6161ff",
                          "9f01ff",
                          "bf0102ff",
                          "ff",  // indefinite
                          "f93c00",
                          "fa47c35000",
                          "fb3ff199999999999a",
                          "f7",
                          "f0",
                          "f818",
                          "f814",  // floats, simple
                          "a201020103",
                          "1c",
                          "3d",
                          "62c328",
                          "0000",
                          ""}) {
    EXPECT_FALSE(parse_hex(hex)) << hex;
  }
}

TEST(cbor, refuses_every_prefix) {
  const Bytes whole = *decode_hex("d28446a20126036161a11821814401020304420203410a");
  ASSERT_TRUE(parse_cbor(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) EXPECT_FALSE(parse_cbor(ByteView(whole).first(length))) << length;
}

TEST(cbor, refuses_a_length_far_beyond_the_input_before_it_allocates) {
  for (const char* hex : {"5bffffffffffffffff", "7b7fffffffffffffff", "9bffffffffffffffff", "bbffffffffffffffff"})
    EXPECT_FALSE(parse_hex(hex));
}

TEST(cbor, bounds_depth_and_numbers_of_items) {
  EXPECT_TRUE(parse_hex("818181818181818100"));
  EXPECT_EQ(parse_hex("81818181818181818100").error().code, ErrorCode::limit);
  EXPECT_EQ(parse_hex("b841").error().code, ErrorCode::limit);
  Bytes many = *decode_hex("991000");
  many.resize(many.size() + 4096);
  EXPECT_EQ(parse_cbor(many).error().code, ErrorCode::limit);
}

TEST(cbor, tells_integers_that_fit_from_those_that_do_not) {
  EXPECT_EQ(parse_hex("3818")->as_integer(), -25);
  EXPECT_EQ(parse_hex("1b7fffffffffffffff")->as_integer(), INT64_MAX);
  EXPECT_EQ(parse_hex("3b7fffffffffffffff")->as_integer(), INT64_MIN);
  EXPECT_FALSE(parse_hex("1b8000000000000000")->as_integer());
  EXPECT_FALSE(parse_hex("3b8000000000000000")->as_integer());
  EXPECT_EQ(Cbor::integer(INT64_MIN).as_integer(), INT64_MIN);
}

}  // namespace
}  // namespace davit::oci
