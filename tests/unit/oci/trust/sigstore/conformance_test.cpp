// The verification cases of the sigstore-conformance suite that lie beside the project, each for the file itself and
// for its digest alone.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "oci/trust/judge.hpp"
#include "oci/trust/sigstore/trusted_root.hpp"

namespace davit::oci {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t k_now = 1795000000;  // November 2026
constexpr const char* k_identity =
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/"
    "extremely-dangerous-oidc-beacon.yml@refs/heads/main";
constexpr const char* k_issuer = "https://token.actions.githubusercontent.com";

fs::path vectors() {
  const char* root = std::getenv("DAVIT_VECTORS");
  return fs::path(root == nullptr ? "" : root) / "sigstore";
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string trimmed_or(const fs::path& path, const std::string& otherwise) {
  if (!fs::exists(path)) return otherwise;
  std::string text = read_text(path);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

Result<SigstoreTrust> trust_of(const fs::path& folder) {
  SigstoreTrust trust{.now = k_now};
  const fs::path own = folder / "trusted_root.json";
  TRY_ASSIGN(TrustedRoot root, TrustedRoot::parse(read_text(fs::exists(own) ? own : vectors() / "trusted_root.json")));
  trust.root = std::make_shared<const TrustedRoot>(std::move(root));
  if (fs::exists(folder / "key.pub")) {
    TRY_ASSIGN(PublicKey key, PublicKey::parse(read_text(folder / "key.pub")));
    trust.keys.push_back(std::move(key));
    trust.min_logs_with_key = 1;
  } else {
    trust.identities.push_back({.name = TextRule::exactly(trimmed_or(folder / "identity", k_identity)),
                                .issuer = TextRule::exactly(trimmed_or(folder / "issuer", k_issuer))});
  }
  return trust;
}

Finding judge(const fs::path& folder, bool digest_only) {
  const auto trust = trust_of(folder);
  if (!trust) return Finding{.refusal = Refusal::malformed, .reason = trust.error().message};
  const std::string artifact = read_text(fs::exists(folder / "artifact") ? folder / "artifact" : vectors() / "a.txt");
  const Digest digest = davit::digest_of(artifact);
  Question question = signature_question(digest, true);
  question.any_predicate = true;
  if (!digest_only) question.artifact.message = message_of(as_bytes(artifact));
  return judge_bundle(read_text(folder / "bundle.sigstore.json"), question, *trust);
}

TEST(conformance, every_case_comes_out_right_for_path_and_for_digest) {
  const fs::path root = vectors() / "bundle-verify";
  if (!fs::exists(root)) GTEST_SKIP() << "the conformance vectors are not at " << root;
  std::size_t cases = 0;
  for (const auto& entry : fs::directory_iterator(root)) {
    if (!entry.is_directory()) continue;
    const bool must_fail = entry.path().filename().string().ends_with("_fail");
    for (const bool digest_only : {false, true}) {
      const Finding finding = judge(entry.path(), digest_only);
      EXPECT_EQ(finding.verified, !must_fail) << entry.path().filename() << ": " << finding.reason;
      EXPECT_EQ(finding.refusal == Refusal::none, finding.verified);
      if (!digest_only && std::getenv("DAVIT_SHOW") != nullptr)
        std::printf("%-60s %s: %s\n", entry.path().filename().c_str(), std::string(to_text(finding.refusal)).c_str(),
                    finding.reason.c_str());
    }
    ++cases;
  }
  EXPECT_GE(cases, 36U);
}

}  // namespace
}  // namespace davit::oci
