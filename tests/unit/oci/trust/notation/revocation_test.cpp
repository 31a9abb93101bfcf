#include <gtest/gtest.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>

#include "oci/io/file.hpp"
#include "oci/trust/clock_tolerance.hpp"
#include "oci/trust/crypto/revocation_documents.hpp"
#include "oci/trust/notation/kept_lists.hpp"
#include "oci/trust/notation/revocation_online.hpp"
#include "support/forge/certificates.hpp"

namespace davit::oci {
namespace {

using forge::k_epoch;
using forge::Key;

constexpr std::int64_t k_now = k_epoch + 1000;
constexpr const char* k_ocsp_url = "http://ocsp.example:80/";
constexpr const char* k_crl_url = "http://crl.example:80/list";

Certificate read(const Bytes& der) { return *Certificate::parse(der); }

X509* open(const Bytes& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  return d2i_X509(nullptr, &at, static_cast<long>(der.size()));
}

template <typename T, typename Write>
Bytes encode(T* object, Write write) {
  unsigned char* der = nullptr;
  const int length = write(object, &der);
  Bytes out = to_bytes(ByteView(reinterpret_cast<std::byte*>(der), static_cast<std::size_t>(length)));
  OPENSSL_free(der);
  return out;
}

struct Family {
  Key root_key = Key::ec(), leaf_key = Key::ec();
  Bytes root = forge::make_certificate(
      root_key, {.common_name = "root", .ca = true, .key_usage = "critical,keyCertSign,cRLSign", .extended_key_usage = ""}, {}, root_key);
  Bytes leaf = make_leaf(k_ocsp_url, k_crl_url);

  [[nodiscard]] Bytes make_leaf(const std::string& ocsp, const std::string& crl) const {
    forge::CertificateSpec spec{.common_name = "leaf"};
    if (!ocsp.empty()) {
      const Bytes place = forge::tlv(0x86, as_bytes(ocsp));
      const Bytes access = forge::tlv(0x30, forge::concat({forge::oid("1.3.6.1.5.5.7.48.1"), place}));
      spec.extras.push_back({.oid = "1.3.6.1.5.5.7.1.1", .content = forge::tlv(0x30, access)});
    }
    if (!crl.empty()) {
      const Bytes point = forge::tlv(0x30, forge::tlv(0xa0, forge::tlv(0xa0, forge::tlv(0x86, as_bytes(crl)))));
      spec.extras.push_back({.oid = "2.5.29.31", .content = forge::tlv(0x30, point)});
    }
    return forge::make_certificate(leaf_key, spec, root, root_key);
  }
};

struct Answer {
  int status = V_OCSP_CERTSTATUS_GOOD;
  std::int64_t from = k_now - 10;
  std::int64_t to = k_now + 10;
};

// An OCSP answer about `leaf`, signed by `signer_der`'s key.
Bytes make_ocsp(const Family& family, const Answer& answer, const Bytes& signer_der, const Key& signer_key, const Bytes& about) {
  X509* leaf = open(about);
  X509* root = open(family.root);
  X509* signer = open(signer_der);
  OCSP_BASICRESP* basic = OCSP_BASICRESP_new();
  OCSP_CERTID* id = OCSP_cert_to_id(EVP_sha1(), leaf, root);
  ASN1_TIME* from = ASN1_TIME_set(nullptr, answer.from);
  ASN1_TIME* to = ASN1_TIME_set(nullptr, answer.to);
  OCSP_basic_add1_status(basic, id, answer.status, 0, answer.status == V_OCSP_CERTSTATUS_REVOKED ? from : nullptr, from, to);
  OCSP_basic_sign(basic, signer, signer_key.get(), EVP_sha256(), nullptr, 0);
  OCSP_RESPONSE* response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
  Bytes out = encode(response, [](OCSP_RESPONSE* one, unsigned char** to_der) { return i2d_OCSP_RESPONSE(one, to_der); });
  OCSP_RESPONSE_free(response);
  ASN1_TIME_free(from);
  ASN1_TIME_free(to);
  OCSP_CERTID_free(id);
  OCSP_BASICRESP_free(basic);
  for (X509* one : {leaf, root, signer}) X509_free(one);
  return out;
}
Bytes make_ocsp(const Family& family, const Answer& answer) { return make_ocsp(family, answer, family.root, family.root_key, family.leaf); }

struct ListSpec {
  bool revoked = false;
  std::int64_t from = k_now - 10;
  std::int64_t to = k_now + 10;
  const EVP_MD* hash = EVP_sha256();
  bool partial = false;
  bool marked_critical = true;            ///< the mark of a partial list
  std::function<void(X509_CRL*)> more{};  ///< anything else before it is signed
};

Bytes make_list(const Family& family, const ListSpec& spec, const Key& signer) {
  X509* leaf = open(family.leaf);
  X509* root = open(family.root);
  X509_CRL* list = X509_CRL_new();
  X509_CRL_set_version(list, 1);
  X509_CRL_set_issuer_name(list, X509_get_subject_name(root));
  ASN1_TIME* from = ASN1_TIME_set(nullptr, spec.from);
  ASN1_TIME* to = ASN1_TIME_set(nullptr, spec.to);
  X509_CRL_set1_lastUpdate(list, from);
  X509_CRL_set1_nextUpdate(list, to);
  if (spec.revoked) {
    X509_REVOKED* entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(leaf));
    X509_REVOKED_set_revocationDate(entry, from);
    X509_CRL_add0_revoked(list, entry);
  }
  if (spec.partial) {
    ASN1_INTEGER* base = ASN1_INTEGER_new();
    X509_CRL_add1_ext_i2d(list, NID_delta_crl, base, spec.marked_critical ? 1 : 0, 0);
    ASN1_INTEGER_free(base);
  }
  if (spec.more) spec.more(list);
  X509_CRL_sort(list);
  X509_CRL_sign(list, signer.get(), spec.hash);
  Bytes out = encode(list, [](X509_CRL* one, unsigned char** to_der) { return i2d_X509_CRL(one, to_der); });
  X509_CRL_free(list);
  ASN1_TIME_free(from);
  ASN1_TIME_free(to);
  X509_free(leaf);
  X509_free(root);
  return out;
}

RevocationStatement read_ocsp(const Family& family, const Bytes& answer) {
  return read_ocsp_answer(answer, read(family.leaf), read(family.root), k_now);
}
RevocationStatement read_list(const Family& family, const Bytes& list) {
  return read_revocation_list(list, read(family.leaf), read(family.root), k_now);
}

TEST(revocation_documents, an_ocsp_answer_says_good_or_revoked) {
  const Family family;
  EXPECT_EQ(read_ocsp(family, make_ocsp(family, {})).word, RevocationWord::good);
  EXPECT_EQ(read_ocsp(family, make_ocsp(family, {.status = V_OCSP_CERTSTATUS_REVOKED})).word, RevocationWord::revoked);
  EXPECT_EQ(read_ocsp(family, make_ocsp(family, {.status = V_OCSP_CERTSTATUS_UNKNOWN})).word, RevocationWord::nothing);
}

TEST(revocation_documents, an_ocsp_answer_of_another_time_certificate_or_signer_says_nothing) {
  const Family family, other;
  EXPECT_EQ(read_ocsp(family, make_ocsp(family, {.to = k_now - 1})).word, RevocationWord::nothing);
  EXPECT_EQ(read_ocsp(family, make_ocsp(family, {.from = k_now + k_clock_tolerance_seconds + 1})).word, RevocationWord::nothing);
  EXPECT_EQ(read_ocsp(family, make_ocsp(family, {}, family.root, family.root_key, family.make_leaf("", ""))).word, RevocationWord::nothing);
  EXPECT_EQ(read_ocsp(family, make_ocsp(family, {}, other.root, other.root_key, family.leaf)).word, RevocationWord::nothing);
  EXPECT_EQ(read_ocsp(family, make_ocsp(family, {}, family.leaf, family.leaf_key, family.leaf)).word, RevocationWord::nothing);
}

// An answer is often made at this moment, by a clock that is not ours.
TEST(revocation_documents, what_begins_within_the_tolerance_of_clocks_has_begun) {
  const Family family;
  const std::int64_t from = k_now + k_clock_tolerance_seconds;
  EXPECT_EQ(read_ocsp(family, make_ocsp(family, {.from = from, .to = from + 1})).word, RevocationWord::good);
  EXPECT_EQ(read_list(family, make_list(family, {.from = from, .to = from + 1}, family.root_key)).word, RevocationWord::good);
}

TEST(revocation_documents, a_responder_answers_only_when_the_issuer_made_it_for_that) {
  const Family family;
  const Key key = Key::ec();
  const Bytes responder =
      forge::make_certificate(key, {.common_name = "responder", .extended_key_usage = "OCSPSigning"}, family.root, family.root_key);
  const Bytes stranger =
      forge::make_certificate(key, {.common_name = "stranger", .extended_key_usage = "codeSigning"}, family.root, family.root_key);
  EXPECT_EQ(read_ocsp(family, make_ocsp(family, {}, responder, key, family.leaf)).word, RevocationWord::good);
  EXPECT_EQ(read_ocsp(family, make_ocsp(family, {}, stranger, key, family.leaf)).word, RevocationWord::nothing);
}

TEST(revocation_documents, no_prefix_of_a_document_says_good) {
  const Family family;
  const Bytes ocsp = make_ocsp(family, {});
  const Bytes list = make_list(family, {}, family.root_key);
  for (std::size_t length = 0; length < ocsp.size(); ++length)
    EXPECT_EQ(read_ocsp(family, {ocsp.begin(), ocsp.begin() + static_cast<std::ptrdiff_t>(length)}).word, RevocationWord::nothing);
  for (std::size_t length = 0; length < list.size(); ++length)
    EXPECT_EQ(read_list(family, {list.begin(), list.begin() + static_cast<std::ptrdiff_t>(length)}).word, RevocationWord::nothing);
}

TEST(revocation_documents, a_list_says_revoked_for_what_is_in_it_and_good_for_the_rest) {
  const Family family;
  EXPECT_EQ(read_list(family, make_list(family, {}, family.root_key)).word, RevocationWord::good);
  EXPECT_EQ(read_list(family, make_list(family, {.revoked = true}, family.root_key)).word, RevocationWord::revoked);
}

TEST(revocation_documents, a_list_that_is_old_partial_weak_or_of_somebody_else_says_nothing) {
  const Family family, other;
  EXPECT_EQ(read_list(family, make_list(family, {.to = k_now - 1}, family.root_key)).word, RevocationWord::nothing);
  EXPECT_EQ(read_list(family, make_list(family, {.from = k_now + k_clock_tolerance_seconds + 1}, family.root_key)).word,
            RevocationWord::nothing);
  EXPECT_EQ(read_list(family, make_list(family, {.partial = true}, family.root_key)).word, RevocationWord::nothing);
  EXPECT_EQ(read_list(family, make_list(family, {.hash = EVP_sha1()}, family.root_key)).word, RevocationWord::nothing);
  EXPECT_EQ(read_list(family, make_list(family, {}, other.root_key)).word, RevocationWord::nothing);
}

// An extension of a list in openssl's words.
std::function<void(X509_CRL*)> with_extension(const std::string& name, const std::string& value) {
  return [=](X509_CRL* list) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, nullptr, nullptr, nullptr, nullptr, 0);
    X509V3_set_ctx_nodb(&context);
    X509_EXTENSION* extension = X509V3_EXT_nconf(nullptr, &context, name.c_str(), value.c_str());
    ASSERT_NE(extension, nullptr) << name << " " << value;
    X509_CRL_add_ext(list, extension, -1);
    X509_EXTENSION_free(extension);
  };
}

TEST(revocation_documents, a_list_with_a_critical_part_that_is_not_understood_says_nothing) {
  const Family family;
  const auto word = [&](const std::string& extension, bool revoked) {
    return read_list(family, make_list(family, {.revoked = revoked, .more = with_extension("1.2.3.4", extension)}, family.root_key)).word;
  };
  for (const bool revoked : {false, true}) {
    EXPECT_EQ(word("critical,DER:0500", revoked), RevocationWord::nothing);
    EXPECT_EQ(word("DER:0500", revoked), revoked ? RevocationWord::revoked : RevocationWord::good);
  }
}

// Of an entry too, whoever it is about: it may say whose certificate is meant.
TEST(revocation_documents, a_list_with_a_critical_part_in_any_entry_says_nothing) {
  const Family family;
  const auto word = [&](bool critical) {
    const auto add = [=](X509_CRL* list) {
      X509_REVOKED* entry = X509_REVOKED_new();
      ASN1_INTEGER* serial = ASN1_INTEGER_new();
      ASN1_TIME* since = ASN1_TIME_set(nullptr, k_now - 5);
      ASN1_INTEGER_set(serial, 4711);
      X509_REVOKED_set_serialNumber(entry, serial);
      X509_REVOKED_set_revocationDate(entry, since);
      ASN1_ENUMERATED* reason = ASN1_ENUMERATED_new();
      ASN1_ENUMERATED_set(reason, CRL_REASON_KEY_COMPROMISE);
      X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, critical ? 1 : 0, 0);
      X509_CRL_add0_revoked(list, entry);
      ASN1_ENUMERATED_free(reason);
      ASN1_INTEGER_free(serial);
      ASN1_TIME_free(since);
    };
    return read_list(family, make_list(family, {.more = add}, family.root_key)).word;
  };
  EXPECT_EQ(word(false), RevocationWord::good);
  EXPECT_EQ(word(true), RevocationWord::nothing);
}

TEST(revocation_documents, a_delta_says_nothing_however_it_is_marked) {
  const Family family;
  for (const bool revoked : {false, true}) {
    const ListSpec spec{.revoked = revoked, .partial = true, .marked_critical = false};
    EXPECT_EQ(read_list(family, make_list(family, spec, family.root_key)).word, RevocationWord::nothing);
  }
}

TEST(revocation_documents, a_list_with_a_scope_speaks_of_what_is_in_it) {
  const Family family;
  const auto word = [&](const std::string& scope, bool revoked) {
    const ListSpec spec{.revoked = revoked, .more = with_extension("issuingDistributionPoint", "critical," + scope)};
    return read_list(family, make_list(family, spec, family.root_key)).word;
  };
  const std::string here = std::string("fullname:URI:") + k_crl_url;
  for (const std::string& scope : {here, std::string("onlyuser:TRUE"), here + ",onlyuser:TRUE"}) {
    EXPECT_EQ(word(scope, false), RevocationWord::good) << scope;
    EXPECT_EQ(word(scope, true), RevocationWord::revoked) << scope;
  }
  for (const std::string scope :
       {"fullname:URI:http://crl.example/other", "onlyCA:TRUE", "onlyAA:TRUE", "indirectCRL:TRUE", "onlyuser:TRUE,onlyCA:TRUE"}) {
    EXPECT_EQ(word(scope, false), RevocationWord::nothing) << scope;
    EXPECT_EQ(word(scope, true), RevocationWord::nothing) << scope;
  }
  EXPECT_EQ(word("onlysomereasons:keyCompromise", false), RevocationWord::nothing);
  EXPECT_EQ(word("onlysomereasons:keyCompromise", true), RevocationWord::revoked);
}

TEST(revocation_documents, a_scope_that_cannot_be_read_or_stands_there_twice_is_none) {
  const Family family;
  const auto broken = with_extension("2.5.29.28", "critical,DER:0500");
  const auto twice = [](X509_CRL* list) {
    for (int i = 0; i < 2; ++i) with_extension("issuingDistributionPoint", "critical,onlyuser:TRUE")(list);
  };
  EXPECT_EQ(read_list(family, make_list(family, {.more = broken}, family.root_key)).word, RevocationWord::nothing);
  EXPECT_EQ(read_list(family, make_list(family, {.more = twice}, family.root_key)).word, RevocationWord::nothing);
}

TEST(revocation_documents, an_authority_that_may_not_sign_lists_says_nothing_by_one) {
  Family family;
  family.root = forge::make_certificate(family.root_key,
                                        {.common_name = "root", .ca = true, .key_usage = "critical,keyCertSign", .extended_key_usage = ""},
                                        {}, family.root_key);
  EXPECT_EQ(read_list(family, make_list(family, {}, family.root_key)).word, RevocationWord::nothing);
}

// Answers by URL; all else is not there.
class Script : public Transport {
 public:
  std::map<std::string, Bytes> answers{};
  std::vector<std::string> asked{};
  Result<HttpResponse> send(const HttpRequest& request) override {
    const std::string url = request.url.scheme + "://" + request.url.host + ":" + std::to_string(request.url.port) + request.url.path;
    asked.push_back(request.method + " " + url);
    const auto found = answers.find(url);
    return HttpResponse{.status = found == answers.end() ? 404 : 200,
                        .body = make_memory_source(found == answers.end() ? Bytes{} : found->second)};
  }
};

struct Online {
  Family family{};
  std::shared_ptr<Script> script = std::make_shared<Script>();
  std::shared_ptr<const RevocationSource> source = make_online_revocation({.ocsp = script, .crl = script});
  [[nodiscard]] RevocationState state() const {
    return check_revocation(std::vector{read(family.leaf), read(family.root)}, source.get(), k_now).state;
  }
};

TEST(revocation_online, asks_ocsp_first_and_the_list_when_that_says_nothing) {
  Online online;
  EXPECT_EQ(online.state(), RevocationState::unknown);
  EXPECT_EQ(online.script->asked, (std::vector<std::string>{"POST " + std::string(k_ocsp_url), "GET " + std::string(k_crl_url)}));
  online.script->answers[k_crl_url] = make_list(online.family, {}, online.family.root_key);
  EXPECT_EQ(online.state(), RevocationState::good);
  online.script->answers[k_crl_url] = make_list(online.family, {.revoked = true}, online.family.root_key);
  EXPECT_EQ(online.state(), RevocationState::revoked);
  online.script->asked.clear();
  online.script->answers[k_ocsp_url] = make_ocsp(online.family, {});
  EXPECT_EQ(online.state(), RevocationState::good);
  EXPECT_EQ(online.script->asked.size(), 1U);
  online.script->answers[k_ocsp_url] = make_ocsp(online.family, {.status = V_OCSP_CERTSTATUS_REVOKED});
  EXPECT_EQ(online.state(), RevocationState::revoked);
}

TEST(revocation_online, a_certificate_that_names_no_place_is_good_and_one_that_names_a_strange_place_is_unknown) {
  Online online;
  online.family.leaf = online.family.make_leaf("", "");
  EXPECT_EQ(online.state(), RevocationState::good);
  EXPECT_TRUE(online.script->asked.empty());
  online.family.leaf = online.family.make_leaf("", "ldap://directory.example/cn=list");
  EXPECT_EQ(online.state(), RevocationState::unknown);
  EXPECT_TRUE(online.script->asked.empty());
}

// With a folder for lists, and answers by list only.
struct Keeping {
  TempDir folder = *TempDir::create("");
  Family family{};
  std::shared_ptr<Script> script = std::make_shared<Script>();
  std::string place = folder.path() + "/lists";
  [[nodiscard]] RevocationState state(std::int64_t now) const {
    const auto source = make_online_revocation({.ocsp = script, .crl = script, .kept_lists = place});
    return check_revocation(std::vector{read(family.leaf), read(family.root)}, source.get(), now).state;
  }
  /// How often the list was fetched since the last time.
  [[nodiscard]] std::ptrdiff_t fetched() const {
    const auto count = std::ranges::count(script->asked, "GET " + std::string(k_crl_url));
    script->asked.clear();
    return count;
  }
  void answer(const ListSpec& spec) const { script->answers[k_crl_url] = make_list(family, spec, family.root_key); }
};

TEST(kept_lists, a_list_is_fetched_once_and_judged_each_time) {
  const Keeping keeping;
  keeping.answer({});
  EXPECT_EQ(keeping.state(k_now), RevocationState::good);
  EXPECT_EQ(keeping.fetched(), 1);
  keeping.script->answers.clear();
  EXPECT_EQ(keeping.state(k_now + 5), RevocationState::good);
  EXPECT_EQ(keeping.fetched(), 0);
  // After its end it says nothing any more, and before its beginning it did not yet.
  EXPECT_EQ(keeping.state(k_now + 11), RevocationState::unknown);
  EXPECT_EQ(keeping.fetched(), 1);
  EXPECT_EQ(keeping.state(k_now - 1), RevocationState::unknown);
  keeping.answer({.revoked = true, .from = k_now + 5, .to = k_now + 30});
  EXPECT_EQ(keeping.state(k_now + 12), RevocationState::revoked);
  keeping.script->answers.clear();
  EXPECT_EQ(keeping.state(k_now + 13), RevocationState::revoked);
}

TEST(kept_lists, a_list_is_fetched_again_after_a_day_however_long_it_is_good_for) {
  const Keeping keeping;
  keeping.answer({.to = k_now + 40 * 86400});
  EXPECT_EQ(keeping.state(k_now), RevocationState::good);
  EXPECT_EQ(keeping.state(k_now + k_longest_kept_seconds - 1), RevocationState::good);
  EXPECT_EQ(keeping.fetched(), 1);
  keeping.answer({.revoked = true, .to = k_now + 40 * 86400});
  EXPECT_EQ(keeping.state(k_now + k_longest_kept_seconds), RevocationState::revoked);
  EXPECT_EQ(keeping.fetched(), 1);
}

TEST(kept_lists, what_is_not_believed_is_neither_kept_nor_taken_from_there) {
  const Keeping keeping;
  const Family other;
  keeping.script->answers[k_crl_url] = make_list(keeping.family, {}, other.root_key);
  EXPECT_EQ(keeping.state(k_now), RevocationState::unknown);
  EXPECT_EQ(keeping.fetched(), 1);
  EXPECT_FALSE(std::filesystem::exists(keeping.place));
  keeping.answer({.revoked = true});
  const KeptLists kept(keeping.place);
  // Signed by another, for another, cut, empty: whatever lies there, the real one is fetched.
  const Bytes whole = make_list(keeping.family, {}, keeping.family.root_key);
  for (const Bytes& planted : {make_list(keeping.family, {}, other.root_key), make_list(other, {}, other.root_key),
                               Bytes(whole.begin(), whole.end() - 1), Bytes{}}) {
    ASSERT_TRUE(kept.store(k_crl_url, planted, k_now));
    EXPECT_EQ(keeping.state(k_now), RevocationState::revoked);
    EXPECT_EQ(keeping.fetched(), 1);
  }
}

TEST(kept_lists, no_prefix_of_a_kept_file_is_one_and_odd_files_are_none) {
  const Keeping keeping;
  const KeptLists kept(keeping.place);
  ASSERT_TRUE(kept.store("place", as_bytes("list"), 7));
  EXPECT_EQ(davit::as_text(*kept.find("place", 8)), "list");
  EXPECT_FALSE(kept.find("place", 6));
  EXPECT_FALSE(kept.find("elsewhere", 8));
  const std::string path = std::filesystem::directory_iterator(keeping.place)->path();
  const std::string whole = "davit-crl-1 7\n";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ASSERT_TRUE(write_file(path, as_bytes(whole.substr(0, length))));
    EXPECT_FALSE(kept.find("place", 8)) << length;
  }
  for (const std::string odd :
       {"davit-crl-1 \nx", "davit-crl-1 -7\nx", "davit-crl-1 7x\nx", "davit-crl-1 99999999999999999999\nx", "davit-crl-2 7\nx"}) {
    ASSERT_TRUE(write_file(path, as_bytes(odd)));
    EXPECT_FALSE(kept.find("place", 8)) << odd;
  }
}

TEST(kept_lists, there_are_never_too_many) {
  const Keeping keeping;
  const KeptLists kept(keeping.place);
  for (std::size_t i = 0; i < k_max_kept_lists + 5; ++i) ASSERT_TRUE(kept.store("place " + std::to_string(i), as_bytes("list"), k_now));
  const auto files = std::filesystem::directory_iterator(keeping.place);
  EXPECT_EQ(std::distance(begin(files), end(files)), static_cast<std::ptrdiff_t>(k_max_kept_lists));
}

TEST(kept_lists, CVE_2024_51491_GHSA_qjh3_4j3h_vmwp_a_folder_that_cannot_be_written_hinders_nothing) {
  Keeping keeping;
  keeping.place = "/proc/nowhere";
  keeping.answer({});
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(keeping.state(k_now), RevocationState::good);
    EXPECT_EQ(keeping.fetched(), 1);
  }
}

TEST(revocation_online, without_a_folder_nothing_is_kept) {
  Online online;
  online.script->answers[k_crl_url] = make_list(online.family, {}, online.family.root_key);
  EXPECT_EQ(online.state(), RevocationState::good);
  online.script->answers.clear();
  EXPECT_EQ(online.state(), RevocationState::unknown);
}

}  // namespace
}  // namespace davit::oci
