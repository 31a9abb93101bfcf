// OpenSSL frees what it decoded without wiping all of it: copies of a private key's DER stay in the heap. With this every
// block is wiped when OpenSSL gives it back, which costs nothing that can be measured.
#pragma once

namespace davit::oci {

/// For the start of a program, before anything uses OpenSSL (`prepare_libcrypto`). Too late, it ends the program: a key
/// would stay behind.
void wipe_what_openssl_frees();

}  // namespace davit::oci
