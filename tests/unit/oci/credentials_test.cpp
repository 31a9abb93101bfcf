#include "oci/registry/credentials.hpp"

#include <gtest/gtest.h>

#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"

namespace davit::oci {
namespace {

class credentials : public testing::Test {
 protected:
  std::string write(const std::string& name, std::string_view text) {
    const std::string path = folder_.path() + "/" + name;
    EXPECT_TRUE(write_file(path, as_bytes(text)));
    return path;
  }
  static std::string auth(std::string_view pair) { return encode_base64(as_bytes(pair)); }
  TempDir folder_ = *TempDir::create("");
};

TEST_F(credentials, takes_the_longest_key_that_matches) {
  const std::string path = write("c.json", R"({"auths":{"https://r.example.com/":{"auth":")" + auth("a:1") +
                                               R"("},"r.example.com/team":{"auth":")" + auth("b:2:3") + R"("}}})");

  const auto general = find_credentials({{path}, path}, "r.example.com", "other/app");
  const auto special = find_credentials({{path}, path}, "r.example.com", "team/app");

  ASSERT_TRUE(general && *general && special && *special);
  EXPECT_EQ((*general)->username, "a");
  EXPECT_EQ((*special)->username, "b");
  EXPECT_EQ((*special)->password, "2:3");
}

TEST_F(credentials, gives_nothing_to_a_host_that_only_looks_alike) {
  const std::string path = write("c.json", R"({"auths":{"r.example.com":{"auth":")" + auth("a:1") + R"("}}})");

  for (const char* host : {"r.example.com.evil.org", "r.example.co", "r.example.com:5000", "evil-r.example.com"}) {
    const auto found = find_credentials({{path}, path}, host, "app");
    ASSERT_TRUE(found);
    EXPECT_FALSE(*found) << host;
  }
}

TEST_F(credentials, knows_docker_hub_under_its_old_names) {
  const std::string path = write("c.json", R"({"auths":{"https://index.docker.io/v1/":{"auth":")" + auth("hub:pw") + R"("}}})");

  const auto found = find_credentials({{path}, path}, "docker.io", "library/app");

  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->username, "hub");
}

TEST_F(credentials, keeps_what_it_does_not_know_when_it_stores) {
  const std::string path = write("c.json", R"({"auths":{"x.example.com":{"auth":"eDp5"}},"psFormat":"table"})");

  ASSERT_TRUE(store_credentials({{path}, path}, "r.example.com", {.username = "me", .password = "pw"}));
  ASSERT_TRUE(erase_credentials({{path}, path}, "x.example.com").value_or(false));

  const auto bytes = read_file(path, 4096);
  const std::string text(as_text(*bytes));
  EXPECT_NE(text.find("psFormat"), std::string::npos);
  EXPECT_NE(text.find("r.example.com"), std::string::npos);
  EXPECT_EQ(text.find("x.example.com"), std::string::npos);
}

TEST_F(credentials, refuses_a_helper_name_that_is_a_path) {
  const std::string path = write("c.json", R"({"credsStore":"../../bin/sh"})");

  EXPECT_EQ(find_credentials({{path}, path}, "r.example.com", "app").error().code, ErrorCode::malformed);
}

TEST_F(credentials, names_the_file_that_is_broken) {
  const std::string path = write("c.json", "{");

  const auto found = find_credentials({{path}, path}, "r.example.com", "app");

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().place, path);
}

}  // namespace
}  // namespace davit::oci
