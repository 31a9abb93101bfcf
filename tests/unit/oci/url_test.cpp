#include "oci/http/url.hpp"

#include <gtest/gtest.h>

namespace davit::oci {
namespace {

TEST(url, knows_its_origin) {
  const auto url = Url::parse("HTTPS://Registry.Example.com:8443/v2/?a=b#frag");

  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "registry.example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/v2/?a=b");
}

TEST(url, hides_the_query_in_messages) { EXPECT_EQ(Url::parse("https://h/p?sig=secret")->redacted(), "https://h/p"); }

TEST(url, refuses_credentials_and_other_schemes) {
  for (const char* text : {"https://me:pw@host/", "ftp://host/", "file:///etc/passwd", "https://", "https://a b/", "https://h:99999/"}) {
    EXPECT_FALSE(Url::parse(text)) << text;
  }
}

TEST(url, resolves_what_locations_hold) {
  const auto base = Url::parse("http://localhost:5000/v2/app/blobs/uploads/?x=1");

  EXPECT_EQ(base->resolve("/v2/other?y=2")->text(), "http://localhost:5000/v2/other?y=2");
  EXPECT_EQ(base->resolve("next")->text(), "http://localhost:5000/v2/app/blobs/uploads/next");
  EXPECT_EQ(base->resolve("https://cdn.example.com/b")->text(), "https://cdn.example.com/b");
  EXPECT_FALSE(base->same_origin(*base->resolve("http://localhost:5001/")));
  EXPECT_FALSE(base->same_origin(*base->resolve("//localhost:5001/")));
}

TEST(url, resolves_no_other_scheme_and_nothing_empty) {
  const auto base = Url::parse("http://localhost:5000/v2/app/tags/list");
  for (const char* reference : {"", "ftp://127.0.0.1/x", "file:///x", "FILE:/x", "ldap:x", "javascript:1", "http:x", "x:y/z", ":"})
    EXPECT_FALSE(base->resolve(reference)) << reference;
  EXPECT_EQ(base->resolve("a/b:c")->text(), "http://localhost:5000/v2/app/tags/a/b:c");
  EXPECT_EQ(base->resolve("?at=a:b")->text(), "http://localhost:5000/v2/app/tags/list?at=a:b");
}

TEST(url, knows_loopback_hosts_and_no_others) {
  for (const char* host : {"localhost", "localhost:5000", "127.0.0.1", "127.8.9.1:80", "[::1]:5000", "a.localhost"})
    EXPECT_TRUE(is_loopback_host(host)) << host;
  for (const char* host : {"127.example.com", "127.0.0.1.example.com", "localhost.example.com", "[::2]", "10.0.0.1"})
    EXPECT_FALSE(is_loopback_host(host)) << host;
}

}  // namespace
}  // namespace davit::oci
