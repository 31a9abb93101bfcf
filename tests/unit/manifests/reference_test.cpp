#include "manifests/reference.hpp"

#include <gtest/gtest.h>

namespace davit {
namespace {

const std::string k_digest = "sha256:" + std::string(64, 'a');

const RegistryReference& remote(const Result<Reference>& parsed) { return std::get<RegistryReference>(*parsed); }
const LocalReference& local(const Result<Reference>& parsed) { return std::get<LocalReference>(*parsed); }

TEST(reference, takes_host_repository_tag_and_digest_apart) {
  const auto parsed = parse_reference("registry.example.com:5000/team/app:1.0@" + k_digest);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(remote(parsed).host, "registry.example.com:5000");
  EXPECT_EQ(remote(parsed).repository, "team/app");
  EXPECT_EQ(remote(parsed).tag, "1.0");
  EXPECT_EQ(remote(parsed).digest->text(), k_digest);
}

TEST(reference, follows_the_rules_of_docker_for_the_first_part) {
  EXPECT_EQ(remote(parse_reference("alpine")).repository, "library/alpine");
  EXPECT_EQ(remote(parse_reference("alpine")).host, "docker.io");
  EXPECT_EQ(remote(parse_reference("team/app")).host, "docker.io");
  EXPECT_EQ(remote(parse_reference("team/app")).repository, "team/app");
  EXPECT_EQ(remote(parse_reference("localhost/app")).host, "localhost");
  EXPECT_EQ(remote(parse_reference("index.docker.io/app")).host, "docker.io");
  EXPECT_EQ(remote(parse_reference("127.0.0.1:5000/app:2")).tag, "2");
  EXPECT_EQ(remote(parse_reference("[::1]:5000/app")).host, "[::1]:5000");
}

TEST(reference, knows_layouts_archives_and_files) {
  EXPECT_EQ(local(parse_reference("oci:out")).path, "out");
  EXPECT_EQ(local(parse_reference("oci:/a/b:1.0")).tag, "1.0");
  EXPECT_EQ(local(parse_reference("oci:/a:b/c")).path, "/a:b/c");
  EXPECT_EQ(local(parse_reference("oci:a@" + k_digest)).digest->text(), k_digest);
  EXPECT_EQ(local(parse_reference("oci-archive:a.tar:x")).kind, ArchiveKind::oci_archive);
  EXPECT_EQ(local(parse_reference("docker-archive:a.tar:name:tag")).tag, "name:tag");
  for (const char* text : {"-", "a.wasm", "./a", "/tmp/a", "../b", "dir/x.wat"}) {
    EXPECT_TRUE(std::holds_alternative<FileReference>(*parse_reference(text))) << text;
  }
}

TEST(reference, refuses_with_the_offending_part) {
  const std::pair<const char*, const char*> shelf[] = {{"", "empty"},
                                                       {"UPPER/app", "lower case"},
                                                       {"reg.io/App", "lower case"},
                                                       {"reg.io/a//b", "repository name"},
                                                       {"reg.io/a:", "tag"},
                                                       {"reg.io/a:b c", "tag"},
                                                       {"https://reg.io/a", "scheme"},
                                                       {"reg.io/a@sha256:12", "hex digits"},
                                                       {"reg.io/a@md5:1", ""},
                                                       {"reg.io:70000/a", "host name"},
                                                       {"reg.io/-a", "repository"},
                                                       {"reg.io/a..b", "repository"},
                                                       {"oci:", "path"},
                                                       {"docker-archive:a:", "empty"},
                                                       {"reg_io.x/a", "host name"},
                                                       {"reg.io/a\n", "repository"},
                                                       {"reg.io:/a", "host"},
                                                       {"[::1/a", "host"},
                                                       {"reg.io/a:..", "tag"},
                                                       {"user:pw@reg.io/a", ""}};
  for (const auto& [text, reason] : shelf) {
    const auto parsed = parse_reference(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::usage) << text;
    EXPECT_NE(parsed.error().message.find(reason), std::string::npos) << parsed.error().message;
  }
  EXPECT_FALSE(parse_reference("reg.io/" + std::string(250, 'a')));
  EXPECT_FALSE(parse_reference("reg.io/a:" + std::string(129, 'a')));
}

TEST(reference, docker_daemon_is_unsupported_and_says_what_to_do) {
  const auto parsed = parse_reference("docker-daemon:x");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ErrorCode::unsupported);
  EXPECT_NE(parsed.error().hint.find("docker save"), std::string::npos);
}

TEST(reference, its_text_parses_to_the_same) {
  for (const std::string& text :
       {std::string("reg.io/a/b:1"), "reg.io/a@" + k_digest, "reg.io/a:1@" + k_digest, std::string("oci:a/b:c"), "oci:a@" + k_digest,
        std::string("oci-archive:x.tar:1"), std::string("docker-archive:x.tar:n:t"), std::string("a.wasm")}) {
    const auto parsed = parse_reference(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(to_text(*parsed), text);
  }
}

TEST(reference, another_selection_replaces_the_first) {
  const auto parsed = parse_reference("reg.io/a:1");
  EXPECT_EQ(to_text(with_tag(*parsed, "2")), "reg.io/a:2");
  EXPECT_EQ(to_text(with_digest(*parsed, *Digest::parse(k_digest))), "reg.io/a@" + k_digest);
}

TEST(reference, a_file_is_no_store) { EXPECT_FALSE(parse_store_reference("a.wasm")); }

}  // namespace
}  // namespace davit
