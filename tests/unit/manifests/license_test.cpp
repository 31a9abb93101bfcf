#include "manifests/license.hpp"

#include <gtest/gtest.h>

namespace davit {
namespace {

bool accepts(std::string_view text) { return check_license_expression(text).has_value(); }

TEST(license, accepts_names_operators_exceptions_and_brackets) {
  for (const std::string_view text : {"MIT", "Apache-2.0 WITH LLVM-exception", "(MIT OR Apache-2.0) AND BSD-3-Clause", "GPL-2.0+",
                                      "LicenseRef-Mine", "DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2", "((MIT))", "MIT  OR 0BSD"}) {
    EXPECT_TRUE(accepts(text)) << text;
  }
}

TEST(license, refuses_what_is_no_expression) {
  for (const std::string_view text :
       {"", " ", "NOPE", "MIT OR", "OR MIT", "MIT Apache-2.0", "(MIT", "MIT)", "()", "MIT WITH", "MIT WITH NOPE", "mit", "MIT/Apache-2.0",
        "LicenseRef-", "LicenseRef-a b", "DocumentRef-:LicenseRef-x", "MIT or 0BSD", "MIT\n"}) {
    EXPECT_FALSE(accepts(text)) << text;
  }
}

TEST(license, bounds_the_number_of_words) {
  std::string text = "MIT";
  for (int i = 0; i < 100'000; ++i) text += " OR MIT";

  const auto checked = check_license_expression(text);

  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code, ErrorCode::limit);
}

TEST(license, names_the_word_that_does_not_fit) {
  const auto checked = check_license_expression("MIT AND Nope-1.0");

  ASSERT_FALSE(checked.has_value());
  EXPECT_NE(checked.error().message.find("\"Nope-1.0\""), std::string::npos);
}

}  // namespace
}  // namespace davit
