// The words of `sign`, understood in one place; each kind of target has a file of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/key_source.hpp"
#include "cli/sign/signers.hpp"
#include "manifests/reference.hpp"
#include "oci/repository.hpp"
#include "oci/trust/signer.hpp"

namespace davit::cli {

struct SignWords {
  std::string target{};
  std::vector<std::string> keys{};
  std::string format = "bundle";
  std::vector<std::string> annotations{};
  bool recursive = false;
  std::string bundle{};             ///< for a file: where its bundle is written
  std::string output_signature{};   ///< for a file: where its bare signature is written
  std::string output{};             ///< in-module form: the signed copy
  std::string detached{};           ///< in-module form: the signature in a file of its own
  std::string certificate_chain{};  ///< notation: the signer's certificates, leaf first
  std::string expiry{};             ///< notation: how long the signature lasts
  KeyAccess access{};
  WitnessWords witness{};
};

/// The forms that a value of --signature-format names.
std::vector<oci::SignatureFormat> formats_of(const std::string& format);

/// Parses `K=V` words. Errors: usage
Result<Annotations> parse_annotation_words(const std::vector<std::string>& words);

/// Every key that was named, in order. Errors: those of load_signing_key
Result<std::vector<std::unique_ptr<oci::SigningKey>>> load_signing_keys(const Context& context, const SignWords& words);

/// The name that classic signatures carry; empty for local stores, whose paths mean nothing elsewhere.
std::string signing_identity(const Reference& reference);

/// Signs what a repository holds under `subject` and says so on standard error.
/// @param key     gone from memory before anything is stored
/// @param format  bundle, classic or both
Result<std::vector<oci::SignatureEntry>> sign_in_store(const Context& context, oci::Repository& repository, const Reference& reference,
                                                       const Descriptor& subject, std::unique_ptr<oci::SigningKey> key,
                                                       const std::string& format);

/// Signs what a store holds under the reference, with every key and in every form.
Result<int> sign_store_target(Context& context, const SignWords& words, const Reference& reference);
/// Signs a file into files beside it.
Result<int> sign_file_target(Context& context, const SignWords& words, const FileReference& file);
/// Signs a wasm file inside itself, or into a signature file of that form.
Result<int> sign_wasm_target(Context& context, const SignWords& words, const FileReference& file);

}  // namespace davit::cli
