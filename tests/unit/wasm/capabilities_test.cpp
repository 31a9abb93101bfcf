#include "wasm/capabilities.hpp"

#include <gtest/gtest.h>

#include "support/wasm_builder.hpp"

namespace davit::wasm {
namespace {

using namespace test;

std::string reach_text(std::string_view module, std::string_view name) {
  const auto summary = summarize(module_importing(module, name).bytes(), Limits{});
  if (!summary) return summary.error().message;
  std::string out;
  for (const ReachedCapability& reached : reach_of(*summary)) out += (out.empty() ? "" : " ") + to_text(reached.capability);
  return out;
}

TEST(reach, of_preview_1_follows_its_functions) {
  constexpr const char* k_p1 = "wasi_snapshot_preview1";
  EXPECT_EQ(reach_text(k_p1, "fd_write"), "stdio.stderr stdio.stdout");
  EXPECT_EQ(reach_text(k_p1, "fd_read"), "stdio.stdin");
  EXPECT_EQ(reach_text(k_p1, "path_open"), "filesystem.read filesystem.write");
  EXPECT_EQ(reach_text(k_p1, "path_readlink"), "filesystem.read");
  EXPECT_EQ(reach_text(k_p1, "environ_sizes_get"), "environment");
  EXPECT_EQ(reach_text(k_p1, "args_get"), "arguments");
  EXPECT_EQ(reach_text(k_p1, "clock_time_get"), "clocks.monotonic clocks.wall");
  EXPECT_EQ(reach_text(k_p1, "random_get"), "random");
  EXPECT_EQ(reach_text(k_p1, "proc_exit"), "exit");
  EXPECT_EQ(reach_text(k_p1, "sched_yield"), "");
  EXPECT_EQ(reach_text(k_p1, "sock_accept"), "network.inbound");
  EXPECT_EQ(reach_text("wasi_unstable", "random_get"), "random");
}

TEST(reach, never_drops_what_is_unknown) {
  EXPECT_EQ(reach_text("wasi_snapshot_preview1", "brand_new"), "host:wasi_snapshot_preview1");
  EXPECT_EQ(reach_text("mystery", "f"), "host:mystery");
  EXPECT_EQ(reach_text("", "f"), "host:%");
  EXPECT_EQ(reach_text("a b,c", "f"), "host:a%20b%2cc");
  EXPECT_EQ(reach_text("env", "invoke_vi"), "host:env");
  EXPECT_EQ(reach_text("wasi:new/thing@1.0.0", "f"), "host:wasi:new/thing");
}

TEST(reach, knows_other_hosts) {
  EXPECT_EQ(reach_text("wasi", "thread-spawn"), "threads");
  EXPECT_EQ(reach_text("wasix_32v1", "proc_fork"), "process");
  EXPECT_EQ(reach_text("wasix_32v1", "fd_write"), "stdio.stderr stdio.stdout");
  EXPECT_EQ(reach_text("wasix_32v1", "resolve"), "network.resolve");
  EXPECT_EQ(reach_text("env", "proxy_http_call"), "http.outbound");
  EXPECT_EQ(reach_text("extism:host/env", "alloc"), "");
  EXPECT_EQ(reach_text("extism:host/user", "f"), "host:extism:host/user");
  EXPECT_EQ(reach_text("wasi:cli/environment@0.2.3", "get-arguments"), "arguments");
  EXPECT_EQ(reach_text("wasi:keyvalue/store@0.2.0-draft", "[method]bucket.get"), "keyvalue");
  EXPECT_EQ(reach_text("wasm:js-string", "length"), "");
}

TEST(derived_manifest, covers_exactly_the_reach) {
  for (const auto& [module, name] : std::vector<std::pair<const char*, const char*>>{{"wasi_snapshot_preview1", "path_open"},
                                                                                     {"wasi_snapshot_preview1", "sock_send"},
                                                                                     {"a b", "f"},
                                                                                     {"env", "proxy_http_call"},
                                                                                     {"wasi:http/client@0.3.0", "send"}}) {
    const auto reach = reach_of(*summarize(module_importing(module, name).bytes(), Limits{}));

    const auto manifest = parse_capability_manifest(write_capability_manifest(derive_manifest(reach)));

    ASSERT_TRUE(manifest) << manifest.error().message;
    const ReachComparison comparison = compare_reach(reach, manifest->requests);
    EXPECT_TRUE(comparison.not_requested.empty()) << module;
    EXPECT_TRUE(comparison.unreachable.empty()) << module;
  }
}

TEST(comparison, names_both_what_is_missing_and_what_is_idle) {
  const auto reach = reach_of(*summarize(module_importing("wasi_snapshot_preview1", "random_get").bytes(), Limits{}));
  CapabilityRequests requests;
  requests.arguments = true;

  const ReachComparison comparison = compare_reach(reach, requests);

  ASSERT_EQ(comparison.not_requested.size(), 1U);
  EXPECT_EQ(comparison.not_requested[0].capability.class_name, "random");
  EXPECT_EQ(comparison.unreachable, (std::vector<Capability>{{"arguments"}}));
}

}  // namespace
}  // namespace davit::wasm
