#include "manifests/lower_case.hpp"

#include <gtest/gtest.h>

namespace davit {
namespace {

TEST(LowerCase, ChangesTheLettersOfAsciiAndNothingElse) {
  EXPECT_EQ(lower_case("Content-TYPE @[`{ 09"), "content-type @[`{ 09");
  EXPECT_EQ(lower_case("\xC3\x84\x80\xFFZ"), "\xC3\x84\x80\xFFz");
  EXPECT_EQ(lower_case(""), "");
}

}  // namespace
}  // namespace davit
