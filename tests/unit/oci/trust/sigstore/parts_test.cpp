// The small parts: trees, notes, names in certificates, DER.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifests/encoding.hpp"
#include "oci/trust/crypto/der.hpp"
#include "oci/trust/sigstore/checkpoint.hpp"
#include "oci/trust/sigstore/merkle.hpp"
#include "oci/trust/sigstore/signer_identity.hpp"
#include "support/forge/sigstore.hpp"

namespace davit::oci {
namespace {

using forge::Authority;
using forge::CertificateSpec;
using forge::Key;

TEST(merkle, every_leaf_of_every_small_tree_is_included_and_no_other) {
  for (std::size_t filled = 0; filled < 20; ++filled) {
    forge::Log log(Key::ed25519(), "https://log.example", true);
    log.fill(filled);
    const LogEntry entry = log.add("k", "v", as_bytes("leaf"));
    const InclusionProof& proof = *entry.proof;
    const Bytes leaf = merkle_leaf_hash(as_bytes("leaf"));
    EXPECT_TRUE(is_included(proof.log_index, proof.tree_size, leaf, proof.hashes, proof.root_hash));
    for (std::uint64_t index = 0; index < proof.tree_size + 2; ++index) {
      if (index != proof.log_index) {
        EXPECT_FALSE(is_included(index, proof.tree_size, leaf, proof.hashes, proof.root_hash));
      }
    }
    EXPECT_FALSE(is_included(proof.log_index, proof.tree_size, merkle_leaf_hash(as_bytes("other")), proof.hashes, proof.root_hash));
    EXPECT_FALSE(is_included(proof.log_index, 0, leaf, proof.hashes, proof.root_hash));
  }
  const Bytes only = merkle_leaf_hash(as_bytes("leaf"));
  EXPECT_TRUE(is_included(0, 1, only, {}, only));
  EXPECT_FALSE(is_included(0, 1, only, {only}, only));
}

TEST(checkpoint, says_origin_size_and_root) {
  const forge::Log log(Key::ec(), "https://rekor.example", false);
  const auto checkpoint = parse_checkpoint(log.checkpoint());
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->origin, "rekor.example - 4815162342");
  EXPECT_EQ(checkpoint->size, 5U);
  EXPECT_EQ(checkpoint->root, log.root());
  EXPECT_EQ(checkpoint->signatures.size(), 1U);
  EXPECT_TRUE(checkpoint->signed_text.ends_with("=\n"));
}

TEST(checkpoint, refuses_every_cut_and_what_is_no_note) {
  const forge::Log log(Key::ec(), "https://rekor.example", false);
  const std::string good = log.checkpoint();
  for (std::size_t length = 0; length < good.size(); ++length) EXPECT_FALSE(parse_checkpoint(good.substr(0, length))) << length;
  const std::string root = encode_base64(log.root());
  const std::string tail = good.substr(good.find("\n\n"));
  const std::string shelf[] = {"\n5\n" + root + tail,
                               "o\n05\n" + root + tail,
                               "o\n-5\n" + root + tail,
                               "o\n5\n" + tail,
                               "o\n5\nAAAA" + tail,
                               "o\n5\n" + root + "\n\n",
                               "o\n5\n" + root + "\n\nx\n",
                               good + "\n",
                               good + "- rekor.example AAAA\n",
                               "o\n5\n\n" + root + tail,
                               good + "\u2014 name\n",
                               good + "\u2014 name AAAA\n"};
  for (const std::string& note : shelf) EXPECT_FALSE(parse_checkpoint(note)) << note;
  std::string many = good;
  for (std::size_t i = 0; i < k_max_note_signatures; ++i) many += "\u2014 w AAAAAAAA\n";
  EXPECT_EQ(parse_checkpoint(many).error().code, ErrorCode::limit);
}

TEST(signer_identity, reads_name_issuer_and_all_extensions) {
  const Authority authority("a");
  CertificateSpec spec{.alternative_names = "URI:https://github.example/w.yml"};
  const auto arc = [](int number) { return "1.3.6.1.4.1.57264.1." + std::to_string(number); };
  for (int number = 1; number <= 6; ++number) spec.extras.push_back({arc(number), to_bytes("raw " + std::to_string(number))});
  for (int number = 8; number <= 24; ++number)
    spec.extras.push_back({arc(number), forge::tlv(0x0c, as_bytes("text " + std::to_string(number)))});
  const auto identity = read_identity(*Certificate::parse(authority.issue(Key::ec(), spec)));
  ASSERT_TRUE(identity) << identity.error().message;
  EXPECT_EQ(identity->name, "https://github.example/w.yml");
  EXPECT_EQ(identity->issuer, "text 8") << "the newer extension wins";
  EXPECT_EQ(identity->extensions.size(), signer_extension_names().size());
  EXPECT_EQ(identity->extensions.at("githubWorkflowRef"), "raw 6");
  EXPECT_EQ(identity->extensions.at("sourceRepositoryURI"), "text 12");
  EXPECT_EQ(identity->extensions.at("tokenSubject"), "text 24");
}

TEST(signer_identity, takes_the_older_issuer_where_the_newer_is_absent_and_names_of_its_own_kind) {
  const Authority authority("a");
  CertificateSpec spec{.alternative_names = "otherName:1.3.6.1.4.1.57264.1.7;UTF8:someone!example",
                       .extras = {{"1.3.6.1.4.1.57264.1.1", to_bytes("https://old.example")}}};
  const auto identity = read_identity(*Certificate::parse(authority.issue(Key::ec(), spec)));
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->issuer, "https://old.example");
  EXPECT_EQ(identity->name, "someone!example");
}

TEST(signer_identity, refuses_several_names_none_and_extensions_that_are_no_text) {
  const Authority authority("a");
  const auto with = [&](const std::string& names, std::vector<forge::Extra> extras) {
    return read_identity(*Certificate::parse(authority.issue(Key::ec(), {.alternative_names = names, .extras = std::move(extras)})))
        .has_value();
  };
  EXPECT_TRUE(with("email:a@b.example", {}));
  EXPECT_FALSE(with("", {}));
  EXPECT_FALSE(with("email:a@b.example,email:c@d.example", {}));
  EXPECT_FALSE(with("IP:127.0.0.1", {}));
  EXPECT_FALSE(with("otherName:1.2.3.4;UTF8:x", {}));
  EXPECT_FALSE(with("email:a@b.example", {{"1.3.6.1.4.1.57264.1.8", to_bytes("bare")}}));
  EXPECT_FALSE(with("email:a@b.example", {{"1.3.6.1.4.1.57264.1.8", forge::concat({forge::tlv(0x0c, as_bytes("x")), as_bytes("tail")})}}));
  EXPECT_FALSE(with("email:a@b.example", {{"1.3.6.1.4.1.57264.1.12", forge::tlv(0x0c, as_bytes("\xff"))}}));
}

TEST(der, one_encoding_for_one_value) {
  const auto bytes = [](std::initializer_list<int> list) {
    Bytes out;
    for (const int value : list) out.push_back(static_cast<std::byte>(value));
    return out;
  };
  EXPECT_TRUE(parse_der(bytes({0x30, 0x00}), der::k_sequence));
  for (const Bytes& shelf : {bytes({}), bytes({0x30}), bytes({0x30, 0x80, 0, 0}), bytes({0x30, 0x81, 0x00}), bytes({0x30, 0x82, 0, 0}),
                             bytes({0x30, 0x01}), bytes({0x30, 0x00, 0x00}), bytes({0x1f, 0x81, 0x00}), bytes({0x30, 0x85, 1, 1, 1, 1, 1})})
    EXPECT_FALSE(parse_der(shelf, der::k_sequence));
  EXPECT_EQ(*parse_oid(bytes({0x2a, 0x86, 0x48})), "1.2.840");
  for (const Bytes& shelf : {bytes({}), bytes({0x80, 0x01}), bytes({0x2a, 0x86})}) EXPECT_FALSE(parse_oid(shelf));
  EXPECT_EQ(*parse_small_integer(bytes({0x00, 0x80})), 128U);
  for (const Bytes& shelf : {bytes({}), bytes({0x80}), bytes({0x00, 0x01}), bytes({1, 2, 3, 4, 5, 6, 7, 8, 9})})
    EXPECT_FALSE(parse_small_integer(shelf));
  EXPECT_EQ(*parse_generalized_time(as_bytes("20260101000000Z")), forge::k_epoch);
  EXPECT_EQ(*parse_generalized_time(as_bytes("20260101000000.5Z")), forge::k_epoch);
  for (const char* shelf : {"", "20260101000000", "20260101000000+0100", "20260101000000.Z", "20260101000000.50Z", "20260230000000Z",
                            "20260101240000Z", "2026010100000aZ"})
    EXPECT_FALSE(parse_generalized_time(as_bytes(std::string_view(shelf)))) << shelf;
}

}  // namespace
}  // namespace davit::oci
