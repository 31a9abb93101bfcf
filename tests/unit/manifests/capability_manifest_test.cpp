#include "manifests/capability_manifest.hpp"

#include <gtest/gtest.h>

#include "manifests/capability_pattern.hpp"

namespace davit {
namespace {

// The example of the design page.
constexpr std::string_view k_example = R"({ "schemaVersion": 1,
  "requests": {
    "filesystem": [ { "guest": "/data", "access": "read", "reason": "lookup tables" } ],
    "environment": [ "LOG_LEVEL", "APP_*" ],
    "arguments": true, "stdio": ["stdin", "stdout", "stderr"],
    "network": { "outbound": ["tcp://db.internal:5432"], "inbound": [], "resolve": true },
    "http": { "outbound": ["https://api.example.com"], "serve": false },
    "clocks": ["wall", "monotonic"], "random": true, "threads": false, "host": [] },
  "limits": { "memory": "64MiB", "time": "5s" } })";

CapabilityRequests parsed(std::string_view requests) {
  auto manifest = parse_capability_manifest("{\"schemaVersion\":1,\"requests\":" + std::string(requests) + "}");
  EXPECT_TRUE(manifest) << manifest.error().message;
  return manifest ? manifest->requests : CapabilityRequests{};
}

TEST(capability_manifest, of_the_design_page_is_read_whole) {
  const auto manifest = parse_capability_manifest(k_example);

  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->requests.filesystem[0].reason, "lookup tables");
  EXPECT_EQ(manifest->limits.memory, "64MiB");
  EXPECT_EQ(capability_annotation(capabilities_of(manifest->requests)),
            "arguments,clocks,environment,filesystem,http,network,random,stdio");
}

TEST(capability_manifest, written_and_read_again_is_the_same) {
  const CapabilityManifest manifest = *parse_capability_manifest(k_example);

  const std::string text = write_capability_manifest(manifest);

  EXPECT_EQ(*parse_capability_manifest(text), manifest);
  EXPECT_EQ(write_capability_manifest(*parse_capability_manifest(text)), text);
}

TEST(capability_manifest, does_not_depend_on_the_order_of_lists) {
  EXPECT_EQ(parsed(R"({"environment":["B","A"]})"), parsed(R"({"environment":["A","B"]})"));
}

TEST(capability_manifest, says_where_it_is_wrong) {
  const auto manifest = parse_capability_manifest(R"({"schemaVersion":1,"requests":{"network":{"outbound":["tcp://db"]}}})");

  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().code, ErrorCode::malformed);
  EXPECT_EQ(manifest.error().place, "JSON pointer /requests/network/outbound/0");
}

TEST(capability_manifest, of_another_version_is_unsupported) {
  const auto manifest = parse_capability_manifest(R"({"schemaVersion":2,"requests":{}})");

  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().code, ErrorCode::unsupported);
}

TEST(capability_pattern, covers_what_lies_inside_it_and_no_more) {
  EXPECT_TRUE(covers(PatternKind::path, "/data", "/data/in"));
  EXPECT_FALSE(covers(PatternKind::path, "/data", "/database"));
  EXPECT_TRUE(covers(PatternKind::path, "/", "/x"));
  EXPECT_TRUE(covers(PatternKind::environment, "APP_*", "APP_KEY"));
  EXPECT_TRUE(covers(PatternKind::environment, "APP_*", "APP_K*"));
  EXPECT_FALSE(covers(PatternKind::environment, "APP_K*", "APP_*"));
  EXPECT_TRUE(covers(PatternKind::network, "tcp://*.example.com:*", "tcp://a.example.com:80"));
  EXPECT_FALSE(covers(PatternKind::network, "tcp://*.example.com:*", "tcp://example.com:80"));
  EXPECT_FALSE(covers(PatternKind::network, "tcp://*.example.com:*", "tcp://badexample.com:80"));
  EXPECT_FALSE(covers(PatternKind::network, "tcp://*:80", "udp://a:80"));
  EXPECT_TRUE(covers(PatternKind::http, "https://a.org", "https://a.org:443/x"));
  EXPECT_FALSE(covers(PatternKind::http, "https://a.org/v1", "https://a.org/v10"));
  EXPECT_FALSE(covers(PatternKind::http, "https://a.org", "https://a.org:8443"));
}

TEST(excess, names_everything_beyond_a_grant) {
  const CapabilityRequests wanted = parsed(
      R"({"filesystem":[{"guest":"/data","access":"write"}],"environment":["PATH"],"arguments":true,"stdio":["stdin"],"clocks":["wall"],"random":true,"host":["env"],"network":{"resolve":true}})");
  const CapabilityRequests granted = parsed(R"({"filesystem":[{"guest":"/","access":"read"}],"environment":["P*"],"random":true})");

  EXPECT_EQ(excess(wanted, granted), (std::vector<std::string>{"filesystem write \"/data\"", "arguments", "stdio stdin", "network resolve",
                                                               "clocks wall", "host \"env\""}));
  EXPECT_TRUE(excess(wanted, wanted).empty());
}

TEST(quantity, has_a_unit_and_fits) {
  EXPECT_EQ(*parse_memory_limit("64MiB"), 64ULL << 20U);
  EXPECT_EQ(*parse_time_limit("5s"), 5'000U);
  EXPECT_FALSE(parse_memory_limit("64"));
  EXPECT_FALSE(parse_memory_limit("99999999999999999999GiB"));
  EXPECT_FALSE(parse_memory_limit("18446744073709551615GiB"));
  EXPECT_FALSE(parse_time_limit("-5s"));
  EXPECT_FALSE(parse_time_limit(""));
}

}  // namespace
}  // namespace davit
