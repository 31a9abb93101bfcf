// How a key file is sealed with a password: what can be told about it without the password.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "manifests/result.hpp"
#include "oci/trust/secret.hpp"

namespace davit::oci {

inline constexpr std::size_t k_max_password_bytes = 4096;

struct SealingFacts {
  std::string derivation{};      ///< `scrypt`, `pbkdf2-hmac-sha256`
  std::string cipher{};          ///< `nacl/secretbox`, `aes-256-cbc`
  std::uint64_t iterations = 0;  ///< of PBKDF2; else 0
  std::uint64_t scrypt_n = 0;    ///< of scrypt; else 0, as the two below
  std::uint64_t scrypt_r = 0;
  std::uint64_t scrypt_p = 0;
};

/// Asked only when a password is needed.
using PasswordSource = std::function<Result<SecretBytes>()>;

}  // namespace davit::oci
