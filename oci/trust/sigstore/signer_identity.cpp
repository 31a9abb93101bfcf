#include "oci/trust/sigstore/signer_identity.hpp"

#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"
#include "oci/trust/crypto/der.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_arc = "1.3.6.1.4.1.57264.1.";
constexpr std::string_view k_oid_name = "1.3.6.1.4.1.57264.1.7";
constexpr int k_issuer_old = 1;
constexpr int k_issuer = 8;
constexpr int k_first_der = 8;  // from here on the content is a DER UTF8String, before it the bare text
constexpr std::size_t k_max_text = 4096;

// By number; the two issuers and the form of the name are no extensions of their own.
constexpr std::array<std::string_view, 25> k_names{"",
                                                   "",
                                                   "githubWorkflowTrigger",
                                                   "githubWorkflowSHA",
                                                   "githubWorkflowName",
                                                   "githubWorkflowRepository",
                                                   "githubWorkflowRef",
                                                   "",
                                                   "",
                                                   "buildSignerURI",
                                                   "buildSignerDigest",
                                                   "runnerEnvironment",
                                                   "sourceRepositoryURI",
                                                   "sourceRepositoryDigest",
                                                   "sourceRepositoryRef",
                                                   "sourceRepositoryIdentifier",
                                                   "sourceRepositoryOwnerURI",
                                                   "sourceRepositoryOwnerIdentifier",
                                                   "buildConfigURI",
                                                   "buildConfigDigest",
                                                   "buildTrigger",
                                                   "runInvocationURI",
                                                   "sourceRepositoryVisibilityAtSigning",
                                                   "deploymentEnvironment",
                                                   "tokenSubject"};

Error broken(std::string why) { return fail(ErrorCode::malformed, "the certificate " + std::move(why)); }

Result<std::string> read_text(const Certificate& certificate, int number, bool& present) {
  const std::string oid = std::string(k_arc) + std::to_string(number);
  const auto content = certificate.extension(oid);
  present = content.has_value();
  if (!content) return std::string();
  ByteView text = *content;
  if (number >= k_first_der) {
    const auto item = parse_der(*content, der::k_utf8_string);
    if (!item) return broken("has an extension " + oid + " that is no text");
    text = item->content;
  }
  if (text.size() > k_max_text || !is_utf8(as_text(text))) return broken("has an extension " + oid + " that is no text");
  return std::string(as_text(text));
}

Result<std::string> read_name(const Certificate& certificate) {
  const auto& names = certificate.alternative_names();
  if (names.size() != 1) return broken("has " + std::to_string(names.size()) + " subject alternative names, and a signer has one");
  const AlternativeName& name = names.front();
  const bool known = name.kind != AlternativeNameKind::other || name.oid == k_oid_name;
  if (!known || name.value.empty() || !is_utf8(name.value) || name.value.find('\0') != std::string::npos)
    return broken("has a subject alternative name that names no signer");
  return name.value;
}

}  // namespace

std::span<const std::string_view> signer_extension_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> out;
    std::ranges::copy_if(k_names, std::back_inserter(out), [](std::string_view name) { return !name.empty(); });
    return out;
  }();
  return names;
}

Result<CertificateIdentity> read_identity(const Certificate& certificate) {
  CertificateIdentity identity{
      .fingerprint = certificate.fingerprint().text(), .not_before = certificate.not_before(), .not_after = certificate.not_after()};
  TRY_ASSIGN(identity.name, read_name(certificate));
  bool present = false;
  TRY_ASSIGN(identity.issuer, read_text(certificate, k_issuer, present));
  if (!present) {
    TRY_ASSIGN(identity.issuer, read_text(certificate, k_issuer_old, present));
  }
  for (std::size_t number = 0; number < k_names.size(); ++number) {
    if (k_names[number].empty()) continue;
    TRY_ASSIGN(std::string text, read_text(certificate, static_cast<int>(number), present));
    if (present) identity.extensions.emplace(k_names[number], std::move(text));
  }
  return identity;
}

bool fits(const IdentityRule& rule, const CertificateIdentity& identity) {
  if (!rule.name.matches(identity.name) || !rule.issuer.matches(identity.issuer)) return false;
  return std::ranges::all_of(rule.extensions, [&](const auto& wanted) {
    const auto found = identity.extensions.find(wanted.first);
    return found != identity.extensions.end() && wanted.second.matches(found->second);
  });
}

}  // namespace davit::oci
