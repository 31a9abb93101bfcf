#include "manifests/predicate_type.hpp"

#include <gtest/gtest.h>

namespace davit {
namespace {

TEST(predicate_type, a_short_name_is_the_uri_that_cosign_writes) {
  EXPECT_EQ(predicate_type_of("slsaprovenance1"), "https://slsa.dev/provenance/v1");
  EXPECT_EQ(predicate_type_of("slsaprovenance"), "https://slsa.dev/provenance/v0.2");
  EXPECT_EQ(predicate_type_of("capabilities"), "urn:davit:capabilities:v1");
}

TEST(predicate_type, a_uri_is_itself) {
  EXPECT_EQ(predicate_type_of("https://example.com/type/v1"), "https://example.com/type/v1");
  EXPECT_EQ(predicate_type_of("urn:x"), "urn:x");
}

TEST(predicate_type, anything_else_is_nothing) {
  for (const char* name : {"", "sbom", "SPDX", "http:", ":x", "a b:c", "x:\x01"}) EXPECT_FALSE(predicate_type_of(name)) << name;
}

}  // namespace
}  // namespace davit
