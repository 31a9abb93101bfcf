// Passwords of key files: from a file descriptor, the environment or the terminal, never from the command line.
#pragma once

#include <string>

#include "manifests/result.hpp"
#include "oci/trust/secret.hpp"

namespace davit::cli {

struct PasswordRequest {
  std::string fd{};       ///< value of --password-fd; empty when not given
  std::string purpose{};  ///< shown at the prompt
  bool twice = false;     ///< for a new password
};

/// Asks in this order: the file descriptor (up to its first line break), DAVIT_PASSWORD, COSIGN_PASSWORD (both also
/// when empty: that is an empty password), the terminal without echo.
/// Errors: usage (bad descriptor, no source at all, the two entries differ), io, limit
Result<oci::SecretBytes> read_key_password(const PasswordRequest& request);

}  // namespace davit::cli
