// OpenSSL's libcrypto, loaded with its first function: a command that neither hashes nor verifies does without it.
#pragma once

#include <string>

namespace davit {

/// For the start of a program: what to do with the library once it is there and before anything else uses it. `prepare`
/// may call its functions. It does not run where the library is never used.
void prepare_libcrypto(void (*prepare)());

/// Loads it now, unless it is there; any thread may ask. Where that fails, the first of its functions that is called tries
/// again and throws std::runtime_error: a library that cannot be loaded, or lacks a function, is a broken installation.
void load_libcrypto() noexcept;

/// What is in use, as it calls itself: `OpenSSL 3.0.17 1 Jul 2025`. Loads it.
std::string libcrypto_version();

}  // namespace davit
