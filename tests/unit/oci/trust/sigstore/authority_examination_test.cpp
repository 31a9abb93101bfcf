#include "oci/trust/sigstore/authority_examination.hpp"

#include <gtest/gtest.h>

#include "oci/trust/sigstore/trusted_root.hpp"
#include "support/forge/forms.hpp"
#include "support/processors.hpp"

namespace davit::oci {
namespace {

using namespace davit::forge;

bool has_second_processor() { return usable_processors() > 1; }
Certificate leaf_of(const World& world) { return *Certificate::parse(world.certify(Key::ec())); }
const AuthorityChain& chain_of(const SigstoreTrust& trust) { return trust.root->certificate_authorities().front().chain; }

TEST(authority_examination, certificates_remember_what_was_found) {
  const World world;
  const SigstoreTrust trust = trust_of(world);
  const Certificate leaf = leaf_of(world);
  ASSERT_FALSE(chain_of(trust).was_read());
  { const AuthorityExamination beside(leaf, trust); }
  EXPECT_EQ(chain_of(trust).was_read(), has_second_processor());
  const auto& certificates = chain_of(trust).read();
  ASSERT_TRUE(certificates) << certificates.error().message;
  ASSERT_EQ(certificates->size(), 2U);
  EXPECT_EQ(certificates->front().has_told_issuer(), has_second_processor());
  EXPECT_TRUE(certificates->front().is_issued_by(certificates->back()));
}

TEST(authority_examination, of_another_authority_nothing_is_checked) {
  const World world;
  World other;
  other.fulcio = Authority("other");
  const SigstoreTrust trust = trust_of(world);
  const Certificate leaf = leaf_of(other);
  { const AuthorityExamination beside(leaf, trust); }
  EXPECT_EQ(chain_of(trust).was_read(), has_second_processor());
  EXPECT_FALSE(chain_of(trust).read()->front().has_told_issuer());
}

TEST(authority_examination, nothing_begins_on_one_processor) {
  const OneProcessor one;
  const World world;
  const SigstoreTrust trust = trust_of(world);
  const Certificate leaf = leaf_of(world);
  { const AuthorityExamination beside(leaf, trust); }
  EXPECT_FALSE(chain_of(trust).was_read());
}

TEST(authority_examination, nothing_begins_where_the_root_names_no_issuer_of_the_time_or_another_chain_counts) {
  World world;
  const Certificate leaf = leaf_of(world);
  SigstoreTrust trust = trust_of(world);
  trust.certificate_chain = {"of the caller"};
  { const AuthorityExamination beside(leaf, trust); }
  EXPECT_FALSE(chain_of(trust).was_read());

  world.fulcio_window = window(k_epoch + k_year);
  trust = trust_of(world);
  { const AuthorityExamination beside(leaf, trust); }
  EXPECT_FALSE(chain_of(trust).was_read());

  trust.root = nullptr;
  { const AuthorityExamination beside(leaf, trust); }
}

}  // namespace
}  // namespace davit::oci
