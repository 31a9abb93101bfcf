// notation's own files, at the places where notation keeps them below its configuration folder:
//
//   trustpolicy.oci.json, else trustpolicy.json · trustpolicy.blob.json
//   truststore/x509/{ca,signingAuthority,tsa}/STORE/*     one certificate or more in each file, PEM or DER
//
// They decide who is trusted, so they must be what they look like: regular files in regular folders, no symbolic links,
// nothing in a store that is no certificate, and only certificates that can stand at the top of a chain.
#pragma once

#include <string>
#include <vector>

#include "oci/trust/notation/judge.hpp"

namespace davit::oci {

inline constexpr std::size_t k_max_store_files = 1000;
inline constexpr std::uint64_t k_max_store_file_bytes = std::uint64_t{256} * 1024;

struct LoadedPolicy {
  NotationPolicy policy;
  std::string path;
  std::vector<std::string> warnings{};  ///< such as a file that others may write
};

/// @param folder  notation's configuration folder
/// Errors: not_found, io (a link, no regular file), and those of NotationPolicy::parse
Result<LoadedPolicy> load_notation_policy(const std::string& folder, TrustPolicyKind kind);
/// The same from a file of any name.
Result<LoadedPolicy> load_policy_file(const std::string& path, TrustPolicyKind kind);

/// Errors: not_found, io, malformed (a file that is no certificate), untrusted (a certificate that is neither an
/// authority nor self-signed; for tsa: no root), limit
Result<std::vector<Certificate>> load_trust_store(const std::string& folder, const TrustStoreName& store);

/// The statement with all its stores.
Result<NotationTrust> load_notation_trust(const std::string& folder, const TrustStatement& statement);

}  // namespace davit::oci
