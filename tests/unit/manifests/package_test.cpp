#include "manifests/package.hpp"

#include <gtest/gtest.h>

namespace davit {
namespace {

PackageDescription everything() {
  PackageDescription out;
  out.title = "app.wasm";
  out.path = "bin/app.wasm";
  out.entrypoint = {"/bin/app.wasm"};
  out.command = std::vector<std::string>{};
  out.environment = {"A=1", "B="};
  out.working_folder = "/data";
  out.user = "1000:1000";
  out.ports = {"8080/tcp"};
  out.volumes = {"/var/data"};
  out.labels = {{"team", "crane"}};
  out.annotations = {{"org.opencontainers.image.version", "1.0"}};
  out.platform = Platform{.architecture = "wasm", .os = "wasip1", .variant = "v1"};
  out.created = "2026-01-01T00:00:00Z";
  out.author = "Sam";
  out.history = {JsonObject{{"created_by", "COPY app.wasm /"}}};
  out.other_config = JsonObject{{"StopSignal", "SIGINT"}, {"Odd", JsonArray{1, 2}}};
  out.companions = {{"spin.toml", "spin_manifest_version = 2\n"}};
  out.files = {{.path = "data/a", .size = 1, .mode = 0644}, {.path = "data/b", .size = 2, .mode = 0755}};
  return out;
}

std::string text_of(const PackageDescription& description) { return write_json(to_json(description)); }

TEST(package, says_every_facet_and_reads_back_what_it_wrote) {
  const PackageDescription all = everything();

  const auto read = parse_package_description(text_of(all));

  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(text_of(*read), text_of(all));
  EXPECT_EQ(facets_of(*read).size(), 18U);
  EXPECT_EQ(read->command, std::vector<std::string>{});
}

TEST(package, an_empty_description_is_an_empty_object) {
  EXPECT_EQ(text_of({}), "{}");
  EXPECT_TRUE(facets_of({}).empty());
  EXPECT_TRUE(facets_of(*parse_package_description("{}")).empty());
}

TEST(package, keeps_only_the_facets_asked_for) {
  const PackageDescription kept = keep_facets(everything(), {Facet::title, Facet::platform});

  EXPECT_EQ(facets_of(kept), (Facets{Facet::title, Facet::platform}));
  EXPECT_EQ(kept.platform->os, "wasip1");
}

TEST(package, the_two_parts_of_a_description_make_it_whole_again) {
  const PackageDescription all = everything();
  for (const Facet facet : facets_of(all)) {
    Facets others = facets_of(all);
    others.erase(facet);
    const PackageDescription said = keep_facets(all, others);
    EXPECT_FALSE(facets_of(said).contains(facet)) << name_of(facet);

    const PackageDescription again = complete(said, keep_facets(all, {facet}));

    EXPECT_EQ(text_of(again), text_of(all)) << name_of(facet);
  }
}

TEST(package, what_a_format_says_itself_wins_over_what_is_remembered) {
  PackageDescription said;
  said.title = "new.wasm";
  said.labels = {{"team", "other"}};
  said.command = std::vector<std::string>{};

  const PackageDescription both = complete(said, everything());

  EXPECT_EQ(both.title, "new.wasm");
  EXPECT_EQ(both.labels, (Annotations{{"team", "other"}}));
  EXPECT_EQ(both.command, std::vector<std::string>{});
  EXPECT_EQ(both.user, "1000:1000");
}

TEST(package, tables_of_names_are_completed_name_by_name) {
  PackageDescription said;
  said.annotations = {{"a", "1"}};
  said.other_config = JsonObject{{"x", 1}};
  PackageDescription remembered;
  remembered.annotations = {{"a", "2"}, {"b", "3"}};
  remembered.other_config = JsonObject{{"x", 2}, {"y", 3}};

  const PackageDescription both = complete(said, remembered);

  EXPECT_EQ(both.annotations, (Annotations{{"a", "1"}, {"b", "3"}}));
  EXPECT_EQ(write_json(both.other_config), R"({"x":1,"y":3})");
}

TEST(package, refuses_paths_that_lead_outside) {
  for (const std::string bad : {"/a", "../a", "a/../b", "a//b", "a/", "./a", ".."}) {
    EXPECT_FALSE(is_clean_path(bad)) << bad;
    EXPECT_FALSE(parse_package_description(R"({"path":")" + bad + "\"}")) << bad;
    EXPECT_FALSE(parse_package_description(R"({"files":[{"path":")" + bad + R"(","size":1}]})")) << bad;
  }
  EXPECT_FALSE(parse_package_description(R"({"title":"a/b"})"));
  EXPECT_FALSE(parse_package_description(R"({"files":[{"path":"a\u0000b","size":1}]})"));
}

TEST(package, refuses_what_is_not_a_description) {
  for (const std::string_view bad :
       {"", "[]", "1", R"({"title":1})", R"({"entrypoint":"x"})", R"({"labels":{"a":1}})", R"({"history":{}})", R"({"otherConfig":[]})",
        R"({"files":[{"path":"a"}]})", R"({"files":[{"path":"a","size":1},{"path":"a","size":1}]})"}) {
    const auto read = parse_package_description(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, ErrorCode::malformed) << bad;
  }
  EXPECT_EQ(parse_package_description(std::string(k_max_remembered_bytes + 1, ' ')).error().code, ErrorCode::limit);
}

TEST(package, keeps_only_permission_bits_of_a_file) {
  EXPECT_EQ(parse_package_description(R"({"files":[{"path":"a","size":1,"mode":2541}]})")->files.front().mode, 0755U);
}

TEST(package, reads_what_a_newer_version_remembered) { EXPECT_EQ(parse_package_description(R"({"title":"a","new":{}})")->title, "a"); }

}  // namespace
}  // namespace davit
