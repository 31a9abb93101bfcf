#include "manifests/openssl_places.hpp"

#include <gtest/gtest.h>

namespace davit {
namespace {

TEST(OpensslPlaces, AreTheOwnLibraryByItsPathAndThenTheSystems) {
  const std::vector<std::string> places = openssl_places("libcrypto.so.3");
  ASSERT_EQ(places.size(), 3U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(places[i].starts_with('/')) << places[i] << ": the environment would say where to look";
    EXPECT_TRUE(places[i].ends_with("/davit-openssl.so")) << places[i];
  }
  EXPECT_TRUE(places[1].ends_with("libexec/davit/davit-openssl.so")) << places[1];
  EXPECT_EQ(places[2], "libcrypto.so.3");
}

}  // namespace
}  // namespace davit
