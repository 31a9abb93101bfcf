#include "oci/trust/key_forms.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "oci/trust/crypto/sealed_pkcs8.hpp"
#include "oci/trust/pem.hpp"

namespace davit::oci {
namespace {

PasswordSource password(std::string_view text) {
  return [text]() -> Result<SecretBytes> { return SecretBytes(text); };
}

Result<SecretBytes> nobody_to_ask() { return fail(ErrorCode::usage, "asked for a password"); }

// What openssl's command line writes; its files are what people have.
class OpensslFile : public testing::Test {
 protected:
  OpensslFile() : folder_(testing::TempDir() + "davit-key-forms") { std::filesystem::create_directories(folder_); }
  ~OpensslFile() override { std::filesystem::remove_all(folder_); }

  std::string made_by(const std::string& command) const {
    const std::string whole = "cd " + folder_ + " && " + command + " 2>/dev/null";
    EXPECT_EQ(std::system(whole.c_str()), 0) << whole;  // NOLINT(concurrency-mt-unsafe): one thread
    std::ifstream stream(folder_ + "/out.pem");
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  std::string folder_;
};

TEST_F(OpensslFile, is_read_in_every_form) {
  const std::string make = "openssl ecparam -genkey -name prime256v1 -noout -out ec.pem && ";
  struct Case {
    std::string command;
    KeyForm form;
    KeyKind kind;
  };
  const std::array cases{
      Case{make + "cp ec.pem out.pem", KeyForm::sec1, KeyKind::ecdsa_p256},
      Case{"openssl ecparam -genkey -name secp384r1 -out out.pem", KeyForm::sec1, KeyKind::ecdsa_p384},
      Case{"openssl genrsa -traditional -out out.pem 2048", KeyForm::pkcs1, KeyKind::rsa},
      Case{make + "openssl pkcs8 -topk8 -nocrypt -in ec.pem -out out.pem", KeyForm::pkcs8, KeyKind::ecdsa_p256},
      Case{make + "openssl pkcs8 -topk8 -passout pass:horse -in ec.pem -out out.pem", KeyForm::pkcs8_sealed, KeyKind::ecdsa_p256},
      Case{make + "openssl pkcs8 -topk8 -scrypt -passout pass:horse -in ec.pem -out out.pem", KeyForm::pkcs8_sealed, KeyKind::ecdsa_p256},
      Case{make + "openssl pkcs8 -topk8 -v2 aes-128-cbc -v2prf hmacWithSHA512 -passout pass:horse -in ec.pem -out out.pem",
           KeyForm::pkcs8_sealed, KeyKind::ecdsa_p256},
      Case{"openssl genpkey -algorithm ed25519 -aes256 -pass pass:horse -out out.pem", KeyForm::pkcs8_sealed, KeyKind::ed25519},
  };
  for (const Case& each : cases) {
    const std::string pem = made_by(each.command);

    const auto facts = describe_key_file(pem);
    const auto key = open_key_file(pem, password("horse"));

    ASSERT_TRUE(facts) << each.command << facts.error().message;
    EXPECT_EQ(facts->form, each.form);
    EXPECT_EQ(facts->sealing.has_value(), each.form == KeyForm::pkcs8_sealed);
    ASSERT_TRUE(key) << each.command << key.error().message;
    EXPECT_EQ(key->public_key().kind(), each.kind);
    const auto other = open_key_file(pem, password("mule"));
    EXPECT_EQ(!other && other.error().code == ErrorCode::denied, each.form == KeyForm::pkcs8_sealed);
  }
}

TEST_F(OpensslFile, sealed_in_a_weak_way_is_refused_with_what_to_do) {
  const std::string make = "openssl ecparam -genkey -name prime256v1 -noout -out ec.pem && ";
  for (const std::string& command : {make + "openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -passout pass:horse -in ec.pem -out out.pem",
                                     make + "openssl pkcs8 -topk8 -v2 des3 -passout pass:horse -in ec.pem -out out.pem",
                                     make + "openssl ec -aes128 -passout pass:horse -in ec.pem -out out.pem"}) {
    const auto key = open_key_file(made_by(command), nobody_to_ask);

    ASSERT_FALSE(key) << command;
    EXPECT_EQ(key.error().code, ErrorCode::unsupported) << key.error().message;
    EXPECT_NE(key.error().hint.find("openssl pkcs8"), std::string::npos);
  }
}

TEST_F(OpensslFile, with_costs_over_the_limit_is_refused_before_the_password) {
  const std::string make = "openssl ecparam -genkey -name prime256v1 -noout -out ec.pem && ";
  for (const std::string& command : {make + "openssl pkcs8 -topk8 -iter 10000001 -passout pass:horse -in ec.pem -out out.pem",
                                     make + "openssl pkcs8 -topk8 -scrypt -scrypt_N 2 -scrypt_r 8 -scrypt_p 17 -passout pass:horse -in "
                                            "ec.pem -out out.pem"}) {
    const std::string pem = made_by(command);

    EXPECT_EQ(open_key_file(pem, nobody_to_ask).error().code, ErrorCode::limit) << command;
    EXPECT_EQ(describe_key_file(pem).error().code, ErrorCode::limit);
  }
}

TEST_F(OpensslFile, reads_what_davit_seals) {
  const PrivateKey key = *PrivateKey::generate(KeyKind::ecdsa_p384);
  std::ofstream(folder_ + "/in.pem") << *seal_standard_key(key, SecretBytes("horse"));

  const std::string shown = made_by("openssl pkey -passin pass:horse -in in.pem -pubout -out out.pem");

  EXPECT_EQ(shown, key.public_key().pem());
}

TEST(key_forms, keep_the_key_and_tell_how_it_is_sealed) {
  const PrivateKey key = *PrivateKey::generate(KeyKind::ed25519);
  const std::string sealed = *seal_standard_key(key, SecretBytes("horse"));
  const SecretBytes plain = write_plain_key(key);

  const auto facts = describe_key_file(sealed);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->sealing->derivation, "pbkdf2-hmac-sha256");
  EXPECT_EQ(facts->sealing->cipher, "aes-256-cbc");
  EXPECT_EQ(facts->sealing->iterations, 600000U);
  EXPECT_EQ(open_key_file(sealed, password("horse"))->public_key(), key.public_key());
  EXPECT_EQ(open_key_file(as_text(plain.view()), nobody_to_ask)->public_key(), key.public_key());
}

TEST(key_forms, refuse_every_cut_of_a_sealed_file) {
  const PrivateKey key = *PrivateKey::generate();
  const Bytes sealed = parse_pem(*seal_standard_key(key, SecretBytes("horse")))->content;

  for (std::size_t length = 0; length < sealed.size(); ++length) {
    const auto opened = open_key_file(write_pem("ENCRYPTED PRIVATE KEY", ByteView(sealed).first(length)), nobody_to_ask);
    ASSERT_FALSE(opened) << length;
    EXPECT_EQ(opened.error().code, ErrorCode::malformed) << length;
  }
}

TEST(key_forms, refuse_a_public_key_and_foreign_blocks_where_a_private_key_must_be) {
  const PrivateKey key = *PrivateKey::generate();

  EXPECT_EQ(open_key_file(key.public_key().pem(), nobody_to_ask).error().code, ErrorCode::malformed);
  EXPECT_EQ(open_key_file(write_pem("CERTIFICATE", as_bytes("x")), nobody_to_ask).error().code, ErrorCode::malformed);
  EXPECT_EQ(open_key_file(write_pem("RSA PRIVATE KEY", as_bytes("x")), nobody_to_ask).error().code, ErrorCode::malformed);
  EXPECT_EQ(open_key_file("", nobody_to_ask).error().code, ErrorCode::malformed);
}

TEST(key_forms, refuse_a_label_that_lies_about_the_key) {
  const PrivateKey key = *PrivateKey::generate(KeyKind::ecdsa_p256);

  EXPECT_FALSE(open_key_file(write_pem("EC PRIVATE KEY", key.pkcs8().view()), nobody_to_ask));
  EXPECT_FALSE(open_key_file(write_pem("RSA PRIVATE KEY", key.pkcs8().view()), nobody_to_ask));
}

}  // namespace
}  // namespace davit::oci
