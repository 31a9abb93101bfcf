// What was found out about one candidate signature.
#pragma once

#include <string>
#include <string_view>

namespace davit::oci {

/// Where a signature lives: a Sigstore bundle in a referrer, a layer of the `sha256-….sig` tag, or a bundle file.
enum class SignatureFormat { bundle, classic };

constexpr std::string_view to_text(SignatureFormat format) { return format == SignatureFormat::bundle ? "bundle" : "classic"; }

struct Finding {
  SignatureFormat format = SignatureFormat::bundle;
  std::string candidate{};  ///< digest of the manifest or layer that holds it
  bool verified = false;
  std::string signer{};    ///< name of the key that accepted it; empty when none did
  std::string identity{};  ///< classic: the repository the signer named; a claim that is reported and not judged
  std::string reason{};    ///< why it was or was not accepted
};

}  // namespace davit::oci
