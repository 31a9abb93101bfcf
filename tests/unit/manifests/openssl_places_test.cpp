#include "manifests/openssl_places.hpp"

#include <gtest/gtest.h>

namespace davit {
namespace {

// Which one a program takes is tested with programs, in e2e/test_install.py.
TEST(OpensslPlaces, AreOwnLibrariesByTheirPathsAndThenTheSystems) {
  std::vector<std::string> places = openssl_places("libcrypto.so.3");
  ASSERT_FALSE(places.empty());
  EXPECT_EQ(places.back(), "libcrypto.so.3");
  places.pop_back();
  for (const std::string& place : places) EXPECT_TRUE(place.starts_with('/')) << place << ": the environment would say where to look";
}

}  // namespace
}  // namespace davit
