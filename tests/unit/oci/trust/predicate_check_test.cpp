#include "oci/trust/predicate_check.hpp"

#include <gtest/gtest.h>

#include "manifests/predicate_type.hpp"
#include "manifests/statement.hpp"

namespace davit::oci {
namespace {

constexpr std::int64_t k_now = 1'800'000'000;

Finding finding_with(std::string_view type, const std::string& predicate) {
  const auto json = parse_json(predicate, JsonLimits{});
  const Statement statement{
      .subjects = {{.digests = {{"sha256", std::string(64, 'a')}}}}, .predicate_type = std::string(type), .predicate = *json};
  return {.verified = true, .signer = "x", .predicate_type = std::string(type), .statement = to_bytes(write_statement(statement))};
}

AttestationDemand demand_for(std::string_view type) { return {.type = std::string(type), .signers = {"x"}}; }

TEST(predicate_check, a_builder_is_the_one_that_slsa_names) {
  AttestationDemand demand = demand_for(k_predicate_slsa_1);
  demand.builder = TextRule::exactly("https://builder");
  const auto good = finding_with(k_predicate_slsa_1, R"({"runDetails":{"builder":{"id":"https://builder"}}})");
  const auto bad = finding_with(k_predicate_slsa_1, R"({"runDetails":{"builder":{"id":"https://builder/evil"}}})");
  const auto none = finding_with(k_predicate_slsa_1, R"({"builder":{"id":"https://builder"}})");

  EXPECT_TRUE(check_predicate(demand, good, k_now).passed);
  EXPECT_FALSE(check_predicate(demand, bad, k_now).passed);
  EXPECT_FALSE(check_predicate(demand, none, k_now).passed);
}

TEST(predicate_check, a_source_is_found_with_and_without_its_revision) {
  AttestationDemand demand = demand_for(k_predicate_slsa_1);
  demand.source = TextRule::exactly("https://example.com/team/app");
  const auto with = [](const std::string& uri) {
    return finding_with(k_predicate_slsa_1, R"({"buildDefinition":{"resolvedDependencies":[{"uri":")" + uri + R"("}]}})");
  };

  EXPECT_TRUE(check_predicate(demand, with("git+https://example.com/team/app@refs/heads/main"), k_now).passed);
  EXPECT_TRUE(check_predicate(demand, with("https://example.com/team/app"), k_now).passed);
  EXPECT_FALSE(check_predicate(demand, with("git+https://example.com/team/app2@refs/heads/main"), k_now).passed);
  EXPECT_FALSE(check_predicate(demand, with("https://evil@example.com/team/app"), k_now).passed);
}

TEST(predicate_check, age_is_that_of_the_trusted_time_before_the_statements_own) {
  AttestationDemand demand = demand_for(k_predicate_slsa_1);
  demand.max_age_seconds = 3600;
  auto finding = finding_with(k_predicate_slsa_1, R"({"runDetails":{"metadata":{"finishedOn":"2027-01-15T07:59:00Z"}}})");
  ASSERT_TRUE(check_predicate(demand, finding, k_now).passed);

  finding.times = {{.seconds = k_now - 7200, .source = "log"}};
  EXPECT_FALSE(check_predicate(demand, finding, k_now).passed);
  finding.times = {{.seconds = k_now + 7200, .source = "log"}};
  EXPECT_FALSE(check_predicate(demand, finding, k_now).passed);
  EXPECT_FALSE(check_predicate(demand, finding_with(k_predicate_slsa_1, "{}"), k_now).passed);
}

TEST(predicate_check, vulnerabilities_are_counted_wherever_the_scanner_put_them) {
  AttestationDemand demand = demand_for(k_predicate_vuln);
  demand.severities = {{"critical", 0}, {"high", 1}};
  const auto with = [](const std::string& result) { return finding_with(k_predicate_vuln, R"({"scanner":{"result":)" + result + "}}"); };

  EXPECT_TRUE(check_predicate(demand, with(R"({"Results":[{"Vulnerabilities":[{"Severity":"HIGH"},{"Severity":"LOW"}]}]})"), k_now).passed);
  EXPECT_FALSE(check_predicate(demand, with(R"({"matches":[{"vulnerability":{"severity":"Critical"}}]})"), k_now).passed);
  EXPECT_FALSE(check_predicate(demand, with(R"([{"severity":"High"},{"severity":"high"}])"), k_now).passed);
  EXPECT_FALSE(check_predicate(demand, with("null"), k_now).passed);
  EXPECT_FALSE(check_predicate(demand, finding_with(k_predicate_vuln, "{}"), k_now).passed);
}

TEST(predicate_check, conditions_look_at_one_place) {
  const auto finding = finding_with("urn:x", R"({"a/b":{"~":[true,3]},"name":"abc","size":7})");
  const auto check = [&](PredicateCondition condition) {
    AttestationDemand demand = demand_for("urn:x");
    demand.conditions.push_back(std::move(condition));
    return check_predicate(demand, finding, k_now).passed;
  };

  EXPECT_TRUE(check({.pointer = "/a~1b/~0/1", .one_of = {Json(3)}}));
  EXPECT_FALSE(check({.pointer = "/a~1b/~0/1", .one_of = {Json("3")}}));
  EXPECT_FALSE(check({.pointer = "/a~1b/~0/2", .one_of = {Json(3)}}));
  EXPECT_FALSE(check({.pointer = "/a~1b/~0/01x", .one_of = {Json(3)}}));
  EXPECT_TRUE(check({.pointer = "/name", .pattern = *TextRule::pattern("a.c")}));
  EXPECT_FALSE(check({.pointer = "/name", .pattern = *TextRule::pattern("b")}));
  EXPECT_TRUE(check({.pointer = "/size", .at_most = 7}));
  EXPECT_FALSE(check({.pointer = "/size", .at_most = 6.5}));
  EXPECT_FALSE(check({.pointer = "/name", .at_most = 6.5}));
}

TEST(predicate_check, another_type_never_fulfils_a_demand) {
  EXPECT_FALSE(check_predicate(demand_for("urn:y"), finding_with("urn:x", "{}"), k_now).passed);
}

}  // namespace
}  // namespace davit::oci
