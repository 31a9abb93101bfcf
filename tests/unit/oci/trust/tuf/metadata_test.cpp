#include "unit/oci/trust/tuf/world.hpp"

#include <gmock/gmock.h>

namespace davit::oci::tuf_test {
namespace {

using testing::HasSubstr;

struct Delegating : World {
  Signer dev{}, sub{};
  void delegate(const Json& roles, const std::map<std::string, Json>& bodies) {
    repo.files = JsonObject{};
    repo.delegations = JsonObject{{"keys", keys_json({&dev, &sub})}, {"roles", roles}};
    for (const auto& [role, body] : bodies) repo.delegated[role] = seal(body, {&dev});
    repo.publish();
  }
  [[nodiscard]] Json role(const std::string& name, const std::vector<std::string>& paths, bool terminating = false) const {
    return JsonObject{{"name", name},
                      {"keyids", Json::strings({dev.id})},
                      {"threshold", 1},
                      {"terminating", terminating},
                      {"paths", Json::strings(paths)}};
  }
  [[nodiscard]] static Json body(const std::string& target, JsonObject more = {}) {
    more.set("targets", target.empty() ? JsonObject{} : JsonObject{{target, target_json("{}")}});
    return head("targets", 1, k_later, std::move(more));
  }
  Result<TufFile> find(const std::string& target) {
    auto client = TufClient::open(repo, memory, to_bytes(first_root), now);
    TRY(client->update());
    return client->find_target(target);
  }
};

TEST(tuf_delegations, a_delegated_role_speaks_for_its_paths_only) {
  Delegating world;
  world.delegate(JsonArray{world.role("dev", {"dev/*.json"})}, {{"dev", Delegating::body("dev/a.json")}});
  EXPECT_TRUE(world.find("dev/a.json"));
  EXPECT_EQ(world.find("dev/b.json").error().code, ErrorCode::not_found);
  Delegating greedy;
  greedy.delegate(JsonArray{greedy.role("dev", {"dev/*.json"})}, {{"dev", Delegating::body("trusted_root.json")}});
  EXPECT_EQ(greedy.find("trusted_root.json").error().code, ErrorCode::not_found);
  EXPECT_EQ(greedy.find("dev/deeper/a.json").error().code, ErrorCode::not_found);
}

TEST(tuf_delegations, need_the_keys_and_the_version_of_the_delegation) {
  Delegating world;
  world.delegate(JsonArray{world.role("dev", {"*"})}, {});
  world.repo.delegated["dev"] = seal(Delegating::body("x"), {&world.sub});
  world.repo.publish_next();
  EXPECT_THAT(world.find("x").error().message, HasSubstr("dev version 1 is signed by 0"));
  world.repo.delegated["dev"] = seal(Delegating::body("x"), {&world.dev});
  world.repo.publish_next();
  EXPECT_TRUE(world.find("x"));
  world.repo.metadata.erase("1.dev.json");
  world.memory.files.erase("dev.json");
  EXPECT_EQ(world.find("x").error().code, ErrorCode::not_found);
}

TEST(tuf_delegations, are_searched_in_order_and_a_terminating_one_ends_the_search) {
  Delegating world;
  world.delegate(JsonArray{world.role("first", {"*"}, true), world.role("second", {"*"})},
                 {{"first", Delegating::body("")}, {"second", Delegating::body("x")}});
  EXPECT_EQ(world.find("x").error().code, ErrorCode::not_found);
  Delegating open;
  open.delegate(JsonArray{open.role("first", {"*"}), open.role("second", {"*"})},
                {{"first", Delegating::body("")}, {"second", Delegating::body("x")}});
  EXPECT_TRUE(open.find("x"));
}

TEST(tuf_delegations, circles_end) {
  Delegating world;
  const Json again = JsonObject{{"keys", keys_json({&world.dev})}, {"roles", JsonArray{world.role("b", {"*"}), world.role("a", {"*"})}}};
  world.delegate(JsonArray{world.role("a", {"*"})},
                 {{"a", Delegating::body("", {{"delegations", again}})}, {"b", Delegating::body("", {{"delegations", again}})}});
  EXPECT_EQ(world.find("x").error().code, ErrorCode::not_found);
}

TEST(tuf_delegations, no_role_takes_the_name_of_a_top_level_role_and_names_lead_nowhere) {
  for (const char* name : {"root", "timestamp", "snapshot", "targets", ""}) {
    Delegating world;
    world.delegate(JsonArray{world.role(name, {"*"})}, {});
    EXPECT_EQ(world.update().error().code, ErrorCode::malformed) << name;
  }
  Delegating world;
  world.delegate(JsonArray{world.role("../../x", {"*"})}, {{"../../x", Delegating::body("t")}});
  EXPECT_TRUE(world.find("t"));
  for (const auto& [name, content] : world.memory.files) EXPECT_EQ(name.find('/'), std::string::npos) << name;
}

TEST(tuf_delegations, by_prefixes_of_hashes_and_in_bins) {
  const std::string hash = davit::digest_of("x").hex();
  Delegating world;
  JsonObject by_hash{{"name", "dev"},
                     {"keyids", Json::strings({world.dev.id})},
                     {"threshold", 1},
                     {"terminating", false},
                     {"path_hash_prefixes", Json::strings({hash.substr(0, 2)})}};
  world.delegate(JsonArray{by_hash}, {{"dev", Delegating::body("x")}});
  EXPECT_TRUE(world.find("x"));
  Delegating bins;
  bins.repo.files = JsonObject{};
  bins.repo.delegations =
      JsonObject{{"keys", keys_json({&bins.dev})},
                 {"succinct_roles",
                  JsonObject{{"keyids", Json::strings({bins.dev.id})}, {"threshold", 1}, {"bit_length", 4}, {"name_prefix", "bin"}}}};
  bins.repo.delegated["bin-" + hash.substr(0, 1)] = seal(Delegating::body("x"), {&bins.dev});
  bins.repo.publish();
  EXPECT_TRUE(bins.find("x"));
}

TEST(tuf_metadata, refuses_every_prefix_and_every_changed_byte_of_what_is_signed) {
  World world;
  const std::string root = world.first_root;
  for (std::size_t length = 0; length < root.size(); ++length)
    EXPECT_FALSE(TrustedMetadata::begin(root.substr(0, length), k_now)) << length;
  const std::string canonical(as_text(parse_tuf(root, TufKind::root)->signed_bytes));
  for (std::size_t i = 0; i < root.size(); i += 7) {
    std::string changed = root;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto trusted = TrustedMetadata::begin(changed, k_now);
    if (!trusted) continue;
    EXPECT_EQ(as_text(trusted->root().signed_bytes), canonical) << i;
  }
}

TEST(tuf_metadata, refuses_forms_that_break_a_rule) {
  const Signer key;
  const auto parse = [&](const std::string& from, const std::string& to) {
    std::string text = seal(head("timestamp", 1, k_later, {{"meta", JsonObject{{"snapshot.json", JsonObject{{"version", 1}}}}}}), {&key});
    EXPECT_NE(text.find(from), std::string::npos) << from;
    text.replace(text.find(from), from.size(), to);
    return parse_tuf(text, TufKind::timestamp);
  };
  EXPECT_TRUE(parse("1.0.31", "1.0"));
  for (const auto& [from, to] :
       std::initializer_list<std::pair<std::string, std::string>>{{"1.0.31", "2.0"},
                                                                  {R"("version":1,"exp)", R"("version":0,"exp)"},
                                                                  {R"("version":1,"exp)", R"("version":-1,"exp)"},
                                                                  {R"("version":1,"exp)", R"("version":1.5,"exp)"},
                                                                  {k_later, "tomorrow"},
                                                                  {"snapshot.json", "other.json"},
                                                                  {R"("_type":"timestamp")", R"("_type":"root")"},
                                                                  {R"("signatures":[)", R"("extra":1,"signatures":[)"},
                                                                  {R"("sig":")", R"("signature":")"}}) {
    EXPECT_FALSE(parse(from, to)) << to;
  }
  EXPECT_TRUE(parse(R"("sig":")", R"("sig":"no hex)"));
}

TEST(tuf_metadata, writes_the_canonical_form) {
  const auto json = parse_json("{\"b\":[1,true,null,\"\\u00fc\\n\\\"\\\\/\"],\"a\":{\"z\":-5,\"A\":18446744073709551615}}", {});
  EXPECT_EQ(as_text(*write_canonical(*json)), "{\"a\":{\"A\":18446744073709551615,\"z\":-5},\"b\":[1,true,null,\"\xC3\xBC\n\\\"\\\\/\"]}");
  EXPECT_FALSE(write_canonical(*parse_json("[1.5]", {})));
}

TEST(tuf_metadata, keys_of_unknown_kinds_sign_nothing) {
  World world;
  std::string text = world.first_root;
  for (std::size_t at = text.find("\"scheme\":\"ed25519\""); at != std::string::npos; at = text.find("\"scheme\":\"ed25519\""))
    text.replace(at, 18, "\"scheme\":\"ed99999\"");
  EXPECT_THAT(TrustedMetadata::begin(text, k_now).error().message, HasSubstr("signed by 0 of the 2"));
}
}  // namespace
}  // namespace davit::oci::tuf_test
