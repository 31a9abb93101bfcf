#include "oci/trust/crypto/chain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/forge/certificates.hpp"

namespace davit::oci {
namespace {

using forge::Authority;
using forge::CertificateSpec;
using forge::k_epoch;
using forge::k_year;
using forge::Key;

const CertificateSpec k_issuer_spec{.common_name = "middle", .ca = true, .key_usage = "critical,keyCertSign", .extended_key_usage = ""};

Certificate read(const Bytes& der) { return *Certificate::parse(der); }

struct Family {
  Key root_key = Key::ec(), middle_key = Key::ec(), leaf_key = Key::ec();
  Certificate root, middle, leaf;
  explicit Family(const CertificateSpec& middle_spec = k_issuer_spec, const CertificateSpec& leaf_spec = {.common_name = "leaf"})
      : root(read(forge::make_certificate(
            root_key, {.common_name = "root", .ca = true, .key_usage = "critical,keyCertSign", .extended_key_usage = ""}, {}, root_key))),
        middle(read(forge::make_certificate(middle_key, middle_spec, root.der(), root_key))),
        leaf(read(forge::make_certificate(leaf_key, leaf_spec, middle.der(), middle_key))) {}
  [[nodiscard]] Result<std::vector<Certificate>> chain(std::int64_t at = k_epoch + 10,
                                                       std::string_view purpose = k_purpose_code_signing) const {
    return find_chain(leaf, {.intermediates = {&middle, 1}, .anchors = {&root, 1}, .at = at, .purpose = purpose});
  }
};

TEST(chain, leads_from_the_leaf_to_the_anchor) {
  const Family family;
  const auto chain = family.chain();
  ASSERT_TRUE(chain);
  EXPECT_THAT(*chain, testing::ElementsAre(family.leaf, family.middle, family.root));
}

TEST(chain, the_answer_who_issued_a_certificate_is_of_that_issuer_in_any_order) {
  const Family family, other;  // the same names, other keys
  for (int turn = 0; turn < 2; ++turn) {
    EXPECT_FALSE(family.leaf.is_issued_by(other.middle));
    EXPECT_TRUE(family.leaf.is_issued_by(family.middle));
    EXPECT_TRUE(family.leaf.is_issued_by(family.middle));
    EXPECT_FALSE(family.leaf.is_issued_by(other.middle));
    EXPECT_FALSE(family.leaf.is_issued_by(family.root));
  }
}

TEST(chain, is_found_by_several_threads_at_once) {
  const Family family, other;
  std::atomic<int> right = 0, wrong = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 50; ++turn) {
        if (family.chain()) ++right;
        if (find_chain(family.leaf, {&other.middle, 1}, {&other.root, 1}, k_epoch)) ++wrong;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(right, 200);
  EXPECT_EQ(wrong, 0);
}

TEST(chain, a_leaf_that_is_trusted_itself_is_a_chain_of_one) {
  const Family family;
  EXPECT_TRUE(find_chain(family.leaf, {}, std::span(&family.leaf, 1), k_epoch));
  EXPECT_FALSE(find_chain(family.leaf, {}, std::span(&family.leaf, 1), k_epoch - 1));
}

TEST(chain, needs_every_certificate_of_the_way_and_a_trusted_end) {
  const Family family, other;
  EXPECT_FALSE(find_chain(family.leaf, {}, std::span(&family.root, 1), k_epoch));
  EXPECT_FALSE(find_chain(family.leaf, std::span(&family.middle, 1), {}, k_epoch));
  EXPECT_FALSE(find_chain(family.leaf, std::span(&family.middle, 1), std::span(&other.root, 1), k_epoch));
  EXPECT_FALSE(find_chain(family.leaf, std::span(&other.middle, 1), std::span(&family.root, 1), k_epoch));
}

TEST(chain, CVE_2026_24122_an_issuer_that_had_expired_ends_it) {
  CertificateSpec spec = k_issuer_spec;
  spec.not_after = k_epoch + 100;
  const Family family(spec);
  EXPECT_TRUE(family.chain(k_epoch + 100));
  EXPECT_EQ(family.chain(k_epoch + 101).error().code, ErrorCode::untrusted);
  EXPECT_THAT(family.chain(k_epoch + 101).error().message, testing::HasSubstr("had expired"));
  EXPECT_THAT(family.chain(k_epoch + 2 * k_year).error().message, testing::HasSubstr("had expired"));
  EXPECT_THAT(family.chain(k_epoch - 1).error().message, testing::HasSubstr("not valid yet"));
}

TEST(chain, an_issuer_must_be_allowed_to_issue) {
  CertificateSpec not_ca = k_issuer_spec, no_usage = k_issuer_spec, other_purpose = k_issuer_spec, critical = k_issuer_spec;
  not_ca.ca = false;
  no_usage.key_usage = "critical,digitalSignature";
  other_purpose.extended_key_usage = "timeStamping";
  critical.extras = {{"1.2.3.4", to_bytes("x"), true}};
  for (const auto& spec : {not_ca, no_usage, other_purpose, critical}) EXPECT_FALSE(Family(spec).chain());
  other_purpose.extended_key_usage = "codeSigning";
  EXPECT_TRUE(Family(other_purpose).chain());
}

TEST(chain, a_name_constraint_that_must_be_understood_is_refused) {
  CertificateSpec spec = k_issuer_spec;
  spec.extras = {{"2.5.29.30", forge::tlv(0x30, {}), true}};
  EXPECT_THAT(Family(spec).chain().error().message, testing::HasSubstr("2.5.29.30"));
}

TEST(chain, a_path_length_bounds_the_issuers_below) {
  const Key root_key = Key::ec(), a_key = Key::ec(), b_key = Key::ec(), leaf_key = Key::ec();
  CertificateSpec spec = k_issuer_spec;
  const Certificate root = read(forge::make_certificate(root_key, spec, {}, root_key));
  spec.common_name = "a";
  for (const int length : {0, 1}) {
    spec.path_length = length;
    const Certificate a = read(forge::make_certificate(a_key, spec, root.der(), root_key));
    CertificateSpec below = k_issuer_spec;
    below.common_name = "b";
    const Certificate b = read(forge::make_certificate(b_key, below, a.der(), a_key));
    const Certificate leaf = read(forge::make_certificate(leaf_key, {.common_name = "leaf"}, b.der(), b_key));
    const std::vector middle{a, b};
    EXPECT_EQ(find_chain(leaf, middle, std::span(&root, 1), k_epoch).has_value(), length == 1);
  }
}

TEST(chain, the_leaf_must_be_for_the_purpose_itself) {
  for (const char* usage : {"", "timeStamping", "anyExtendedKeyUsage"}) {
    EXPECT_FALSE(Family(k_issuer_spec, {.common_name = "leaf", .extended_key_usage = usage}).chain()) << usage;
  }
}

TEST(chain, weak_signatures_and_keys_do_not_count) {
  EXPECT_THAT(Family(k_issuer_spec, {.common_name = "leaf", .hash = "SHA1"}).chain().error().message, testing::HasSubstr("weak"));
  const Family family;
  const Certificate weak = read(forge::make_certificate(Key::rsa(1024), {.common_name = "leaf"}, family.middle.der(), family.middle_key));
  EXPECT_FALSE(find_chain(weak, std::span(&family.middle, 1), std::span(&family.root, 1), k_epoch));
}

TEST(chain, many_issuers_of_one_name_end_in_a_limit_or_a_refusal) {
  std::vector<Certificate> ring;
  const Key key = Key::ec();
  for (int i = 0; i < 64; ++i) {
    ring.push_back(read(forge::make_certificate(key, k_issuer_spec, {}, key)));
  }
  const Certificate leaf = read(forge::make_certificate(Key::ec(), {.common_name = "leaf"}, ring.front().der(), key));
  const Family other;
  EXPECT_EQ(find_chain(leaf, ring, std::span(&other.root, 1), k_epoch).error().code, ErrorCode::limit);
}

}  // namespace
}  // namespace davit::oci
