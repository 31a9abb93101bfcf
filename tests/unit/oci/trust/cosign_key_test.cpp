#include "oci/trust/cosign_key.hpp"

#include <gtest/gtest.h>

#include "manifests/json.hpp"
#include "oci/trust/pem.hpp"

namespace davit::oci {
namespace {

class SealedKey : public testing::Test {
 protected:
  // Deriving the key from the password is slow by design, so one file serves all cases.
  static void SetUpTestSuite() {
    key_ = new PrivateKey(*PrivateKey::generate());
    pem_ = new std::string(*seal_private_key(*key_, SecretBytes("a password")));
  }
  static void TearDownTestSuite() {
    delete key_;
    delete pem_;
  }

  // The same file with one part of its JSON replaced by another text.
  static std::string with(const std::string& from, const std::string& to, std::string_view label = "ENCRYPTED SIGSTORE PRIVATE KEY") {
    const auto block = parse_pem(*pem_);
    std::string json(as_text(block->content));
    const std::size_t at = json.find(from);
    EXPECT_NE(at, std::string::npos) << from << " in " << json;
    json.replace(at, from.size(), to);
    return write_pem(label, as_bytes(json));
  }
  static ErrorCode refusal_of(const std::string& pem) {
    const auto opened = open_private_key(pem, SecretBytes("a password"));
    EXPECT_FALSE(opened);
    return opened ? ErrorCode::internal : opened.error().code;
  }

  static PrivateKey* key_;
  static std::string* pem_;
};
PrivateKey* SealedKey::key_ = nullptr;
std::string* SealedKey::pem_ = nullptr;

TEST_F(SealedKey, opens_with_its_password) {
  const auto opened = open_private_key(*pem_, SecretBytes("a password"));

  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->public_key(), key_->public_key());
}

TEST_F(SealedKey, opens_under_the_older_label) {
  EXPECT_TRUE(open_private_key(with("kdf", "kdf", "ENCRYPTED COSIGN PRIVATE KEY"), SecretBytes("a password")));
}

TEST_F(SealedKey, says_that_the_password_is_wrong) {
  for (const std::string_view password : {"", "a passwore", "a password "}) {
    const auto opened = open_private_key(*pem_, SecretBytes(password));
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::denied);
  }
}

TEST_F(SealedKey, allows_an_empty_password) {
  const auto pem = seal_private_key(*key_, SecretBytes());

  ASSERT_TRUE(pem);
  EXPECT_TRUE(open_private_key(*pem, SecretBytes()));
}

TEST_F(SealedKey, refuses_every_prefix_of_its_file) {
  for (std::size_t length = 0; length + 1 < pem_->size(); ++length) {
    const auto opened = open_private_key(pem_->substr(0, length), SecretBytes("a password"));
    ASSERT_FALSE(opened) << length;
    EXPECT_EQ(opened.error().code, ErrorCode::malformed) << length;
  }
}

TEST_F(SealedKey, refuses_every_prefix_of_its_document) {
  const Bytes document = parse_pem(*pem_)->content;
  for (std::size_t length = 0; length < document.size(); ++length) {
    const auto opened =
        open_private_key(write_pem("ENCRYPTED SIGSTORE PRIVATE KEY", ByteView(document).first(length)), SecretBytes("a password"));
    ASSERT_FALSE(opened) << length;
    EXPECT_EQ(opened.error().code, ErrorCode::malformed) << length;
  }
}

TEST_F(SealedKey, refuses_costs_that_would_take_the_machine_down) {
  EXPECT_EQ(refusal_of(with("65536", "1073741824")), ErrorCode::limit);
  EXPECT_EQ(refusal_of(with("65536", "16384")), ErrorCode::limit);
  EXPECT_EQ(refusal_of(with("65536", "0")), ErrorCode::limit);
  EXPECT_EQ(refusal_of(with("\"r\":8", "\"r\":1024")), ErrorCode::limit);
  EXPECT_EQ(refusal_of(with("\"p\":1", "\"p\":1000000")), ErrorCode::limit);
  EXPECT_EQ(refusal_of(with("65536", "-65536")), ErrorCode::malformed);
}

TEST_F(SealedKey, refuses_other_ciphers_and_wrong_lengths) {
  EXPECT_EQ(refusal_of(with("scrypt", "argon2")), ErrorCode::unsupported);
  EXPECT_EQ(refusal_of(with("nacl/secretbox", "none")), ErrorCode::unsupported);
  EXPECT_EQ(refusal_of(with("\"nonce\":\"", "\"nonce\":\"AAAA")), ErrorCode::malformed);
  EXPECT_EQ(refusal_of(with("\"salt\":\"", "\"salt\":\"AAAA")), ErrorCode::malformed);
  EXPECT_EQ(refusal_of(with("\"ciphertext\":\"", "\"ciphertext\":\"\",\"was\":\"")), ErrorCode::malformed);
}

TEST_F(SealedKey, refuses_a_changed_ciphertext) {
  EXPECT_EQ(refusal_of(with("\"ciphertext\":\"", "\"ciphertext\":\"AAAA")), ErrorCode::denied);
}

TEST_F(SealedKey, refuses_a_password_over_the_limit) {
  const auto opened = open_private_key(*pem_, SecretBytes(std::string(k_max_password_bytes + 1, 'x')));

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::limit);
}

TEST_F(SealedKey, does_not_hold_the_key_in_the_clear) {
  const Bytes document = parse_pem(*pem_)->content;
  const std::string_view plain = as_text(key_->pkcs8().view());

  EXPECT_EQ(as_text(document).find(plain.substr(plain.size() - 32)), std::string_view::npos);
}

}  // namespace
}  // namespace davit::oci
