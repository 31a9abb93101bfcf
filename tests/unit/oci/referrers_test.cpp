#include <gtest/gtest.h>

#include <mutex>
#include <set>

#include "manifests/image_manifest.hpp"
#include "manifests/media_type.hpp"
#include "oci/registry/registry.hpp"

namespace davit::oci {
namespace {

const Digest k_subject = digest_of(as_bytes("subject"));

Descriptor referrer(const std::string& name) {
  Descriptor out = describe(as_bytes(name), media_type::k_oci_manifest);
  out.artifact_type = "application/vnd.example";
  return out;
}

struct Answer {
  int status = 200;
  std::string body{};
};

Answer listing(const std::vector<std::string>& names) {
  ImageIndex index{.media_type = std::string(media_type::k_oci_index)};
  for (const std::string& name : names) index.manifests.push_back(referrer(name));
  return {.body = write_image_index(index)};
}

// A registry that knows two places: the API and the tag.
struct Places {
  Answer api{};
  Answer tag{};
  std::mutex lock{};
  std::vector<std::string> asked{};
};

class PlacesTransport : public Transport {
 public:
  explicit PlacesTransport(Places& places) : places_(places) {}
  Result<HttpResponse> send(const HttpRequest& request) override {
    const std::lock_guard guard(places_.lock);
    const bool api = request.url.path.find("/referrers/") != std::string::npos;
    places_.asked.emplace_back(api ? "API" : "tag");
    const Answer& answer = api ? places_.api : places_.tag;
    HttpResponse response{.status = answer.status, .body = make_memory_source(to_bytes(answer.body))};
    response.headers.emplace_back("content-type", std::string(media_type::k_oci_index));
    return response;
  }

 private:
  Places& places_;
};

std::multiset<std::string> names_of(const std::vector<Descriptor>& manifests) {
  std::multiset<std::string> out;
  for (const Descriptor& manifest : manifests) {
    for (const char* name : {"a", "b"}) {
      if (manifest.digest == referrer(name).digest) out.insert(name);
    }
  }
  EXPECT_EQ(out.size(), manifests.size());
  return out;
}

Result<AllReferrers> ask(Places& places, bool at_once) {
  const auto repository = open_registry(std::make_shared<PlacesTransport>(places), {.host = "registry.test", .repository = "app"});
  return repository->list_all_referrers(k_subject, at_once);
}

class Referrers : public testing::TestWithParam<bool> {};

TEST_P(Referrers, OfBothPlacesAreListedOnce) {
  Places places{.api = listing({"a"}), .tag = listing({"a", "b"})};
  const auto found = ask(places, GetParam());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(names_of(found->manifests), (std::multiset<std::string>{"a", "b"}));
  EXPECT_FALSE(found->missed);
  EXPECT_EQ(places.asked.size(), 2U);
}

TEST_P(Referrers, OfARegistryWithoutTheApiAreThoseOfTheTag) {
  Places places{.api = {.status = 404}, .tag = listing({"b"})};
  const auto found = ask(places, GetParam());
  ASSERT_TRUE(found);
  EXPECT_EQ(names_of(found->manifests), (std::multiset<std::string>{"b"}));
  EXPECT_EQ(places.asked.size(), 2U) << "the tag is asked once";
}

TEST_P(Referrers, AreNoneWhereNeitherPlaceHasAny) {
  Places places{.api = {.status = 404}, .tag = {.status = 404}};
  const auto found = ask(places, GetParam());
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->manifests.empty());
  EXPECT_FALSE(found->missed);
}

TEST_P(Referrers, OfTheApiCountThoughTheTagCannotBeAsked) {
  Places places{.api = listing({"a"}), .tag = {.status = 403}};
  const auto found = ask(places, GetParam());
  ASSERT_TRUE(found);
  EXPECT_EQ(names_of(found->manifests), (std::multiset<std::string>{"a"}));
  ASSERT_TRUE(found->missed);
  EXPECT_EQ(found->missed->code, ErrorCode::denied);
}

TEST_P(Referrers, AreUnknownWhereTheOnlyPlaceCannotBeAsked) {
  for (const auto& [api, tag] : std::vector<std::pair<Answer, Answer>>{{{.status = 404}, {.status = 403}},
                                                                       {{.status = 403}, listing({"b"})},
                                                                       {{.body = "{\"manifests\":[{}]}"}, listing({"b"})},
                                                                       {{.status = 404}, {.body = "not an index"}}}) {
    Places places{.api = api, .tag = tag};
    EXPECT_FALSE(ask(places, GetParam())) << api.status << " " << tag.status;
  }
}

INSTANTIATE_TEST_SUITE_P(InTurnAndAtOnce, Referrers, testing::Bool());

}  // namespace
}  // namespace davit::oci
