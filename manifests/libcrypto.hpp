// OpenSSL's libcrypto, loaded with its first function. Its own relocations cost a millisecond, more than all else that a
// command does which neither hashes nor verifies; such a command never loads it.
#pragma once

namespace davit {

/// For the start of a program: what to do with the library once it is there and before anything else uses it. `prepare`
/// may call its functions. It does not run where the library is never used.
void prepare_libcrypto(void (*prepare)());

/// Loads it now, unless it is there; any thread may ask. Where that fails, the first of its functions that is called tries
/// again and throws std::runtime_error: a library that cannot be loaded, or lacks a function, is a broken installation.
void load_libcrypto() noexcept;

}  // namespace davit
