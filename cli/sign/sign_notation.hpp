// `sign --signature-format notation-jws|notation-cose`: envelopes of the Notary Project, with a certificate chain.
#pragma once

#include "cli/sign/sign_words.hpp"

namespace davit::cli {

/// Whether a value of --signature-format is one of those.
bool is_notation_form(const std::string& format);

/// Signs what a store holds, or a file into `FILE.jws.sig` or `FILE.cose.sig`.
Result<int> sign_with_notation(Context& context, const SignWords& words, const Reference& reference);

/// `30m`, `12h`, `90d`: seconds. Errors: usage
Result<std::int64_t> parse_lifetime(const std::string& text);

}  // namespace davit::cli
