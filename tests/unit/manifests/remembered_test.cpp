#include "manifests/remembered.hpp"

#include <gtest/gtest.h>

namespace davit {
namespace {

PackageDescription rich() {
  PackageDescription out;
  out.title = "greet.wasm";
  out.path = "app/greet.wasm";
  out.entrypoint = {"/app/greet.wasm", "--serve"};
  out.environment = {"A=1"};
  out.platform = Platform{.architecture = "wasm", .os = "wasip1"};
  out.labels = {{"one", "1"}, {"two", "2"}};
  out.annotations = {{"org.example.a", "x"}};
  out.companions = {{"spin.lock", "{}"}};
  out.other_config.set("Healthcheck", JsonObject{{"Test", "x"}});
  return out;
}

std::string text(const PackageDescription& description) { return write_json(to_json(description)); }

TEST(remembered, gives_back_what_the_packaging_could_not_say) {
  PackageDescription said;
  said.platform = Platform{.architecture = "wasm", .os = "wasi"};
  said.labels = {{"one", "1"}, {"added", "by the format"}};
  said.companions = {{"runtime-config.json", "{}"}};
  said.path = "plugin.wasm";

  const auto memory = parse_remembered(to_text(difference(rich(), said)));

  ASSERT_TRUE(memory) << memory.error().message;
  EXPECT_EQ(text(restore(said, *memory)), text(rich()));
}

TEST(remembered, nothing_where_nothing_differs) { EXPECT_EQ(to_text(difference(rich(), rich())), ""); }

TEST(remembered, what_was_changed_since_stays) {
  PackageDescription said = rich();
  said.path = "plugin.wasm";
  const Remembered memory = difference(rich(), said);
  said.path = "other.wasm";
  said.labels["one"] = "changed";

  const PackageDescription restored = restore(said, memory);

  EXPECT_EQ(restored.path, "other.wasm");
  EXPECT_EQ(restored.labels.at("one"), "changed");
}

TEST(remembered, keeps_the_size_of_an_invented_companion_small) {
  PackageDescription said = rich();
  said.companions["wasmer.toml"] = std::string(100'000, 'x');

  const std::string kept = to_text(difference(rich(), said));

  EXPECT_LT(kept.size(), 300U);
  EXPECT_EQ(text(restore(said, *parse_remembered(kept))), text(rich()));
}

TEST(remembered, a_time_that_nobody_chose_is_not_lost) {
  PackageDescription wanted;
  wanted.created = "1970-01-01T00:00:00Z";

  EXPECT_EQ(to_text(difference(wanted, {})), "");
}

TEST(remembered, refuses_paths_that_lead_outside) {
  EXPECT_FALSE(parse_remembered(R"({"invented":{"path":"../x"}})"));
  EXPECT_FALSE(parse_remembered(R"({"path":"/x"})"));
}

}  // namespace
}  // namespace davit
