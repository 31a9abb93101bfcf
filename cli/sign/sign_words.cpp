#include "cli/sign/sign_words.hpp"

#include "manifests/encoding.hpp"

namespace davit::cli {

std::vector<oci::SignatureFormat> formats_of(const std::string& format) {
  if (format == "classic") return {oci::SignatureFormat::classic};
  if (format == "both") return {oci::SignatureFormat::bundle, oci::SignatureFormat::classic};
  if (format == "wasm") return {oci::SignatureFormat::wasm};
  return {oci::SignatureFormat::bundle};
}

Result<Annotations> parse_annotation_words(const std::vector<std::string>& words) {
  Annotations annotations;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(ErrorCode::usage, "\"" + printable(word) + "\" is no annotation").hinting("write KEY=VALUE");
    }
    if (!annotations.emplace(word.substr(0, equals), word.substr(equals + 1)).second) {
      return fail(ErrorCode::usage, "the annotation \"" + printable(word.substr(0, equals)) + "\" is given twice");
    }
  }
  return annotations;
}

Result<std::vector<std::unique_ptr<oci::SigningKey>>> load_signing_keys(const Context& context, const SignWords& words) {
  if (words.keys.empty()) return fail(ErrorCode::usage, "no key is named to sign with").hinting("give --key KEY");
  std::vector<std::unique_ptr<oci::SigningKey>> keys;
  for (const std::string& source : words.keys) {
    TRY_ASSIGN(auto key, load_signing_key(context, source, words.access));
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace davit::cli
