// From words to signers: keys, keys whose signatures are logged, or an identity token in place of a key.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/context.hpp"
#include "cli/key_source.hpp"
#include "oci/trust/sigstore_signer.hpp"

namespace davit::cli {

/// What the user said about certificates, logs and timestamps.
struct WitnessWords {
  bool keyless = false;
  bool device_flow = false;
  std::string identity_token{};  ///< a file, or env://VARIABLE; never the token itself
  std::string signing_config{};
  std::string trusted_root{};
  std::string fulcio_url{}, rekor_url{}, timestamp_url{}, oidc_issuer{};
  std::string rekor_version{};  ///< of the interface at `rekor_url`: 1 (also when empty) or 2

  /// Whether anything but a bare key signs.
  [[nodiscard]] bool wanted() const { return keyless || !signing_config.empty() || !rekor_url.empty() || !timestamp_url.empty(); }
};

/// Adds the options that fill it in, the same for every command that signs in Sigstore's forms.
std::vector<Option> with_witness_options(std::vector<Option> options, WitnessWords& words);

/// Signers together with what they need to live.
class Signers {
 public:
  Signers(std::shared_ptr<oci::Transport> transport, std::vector<std::unique_ptr<oci::SigningKey>> keys,
          std::vector<std::unique_ptr<oci::SigstoreSigner>> signers)
      : transport_(std::move(transport)), keys_(std::move(keys)), signers_(std::move(signers)) {}
  [[nodiscard]] const std::vector<std::unique_ptr<oci::SigstoreSigner>>& all() const { return signers_; }
  [[nodiscard]] const std::vector<std::unique_ptr<oci::SigningKey>>& keys() const { return keys_; }

 private:
  std::shared_ptr<oci::Transport> transport_;
  std::vector<std::unique_ptr<oci::SigningKey>> keys_;
  std::vector<std::unique_ptr<oci::SigstoreSigner>> signers_;
};

/// Every signer that was named: a key each, or the one that the identity token names.
/// Errors: usage (neither key nor --keyless, or both), and those of keys, tokens and services
Result<Signers> load_signers(Context& context, const std::vector<std::string>& keys, const KeyAccess& access, const WitnessWords& words);

}  // namespace davit::cli
