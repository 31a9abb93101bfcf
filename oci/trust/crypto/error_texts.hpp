// What OpenSSL would say of its errors. davit says by itself what is wrong, and never asks.
#pragma once

namespace davit::oci {

/// For the start of a program, after wipe_what_openssl_frees(): the texts of libcrypto are not loaded, which takes longer than
/// checking a signature with the usual curve. Those of TLS, which libcurl hands on, are in libssl and stay.
void leave_error_texts_out();

}  // namespace davit::oci
