#include "oci/trust/signed_message.hpp"

#include <openssl/evp.h>

namespace davit::oci {
namespace {

template <std::size_t N>
std::array<std::byte, N> hash_with(const EVP_MD* algorithm, ByteView bytes) {
  std::array<std::byte, N> out{};
  unsigned int length = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &length, algorithm, nullptr);
  CHECK(done == 1 && length == N);
  return out;
}

}  // namespace

SignedMessageView message_of(ByteView bytes) {
  return {.sha256 = davit::digest_of(bytes),
          .sha384 = hash_with<std::tuple_size_v<Sha384>>(EVP_sha384(), bytes),
          .sha512 = hash_with<std::tuple_size_v<Sha512>>(EVP_sha512(), bytes),
          .bytes = bytes};
}

std::optional<Sha384> sha384_of(const SignedMessageView& message) {
  if (message.sha384 || !message.bytes) return message.sha384;
  return hash_with<std::tuple_size_v<Sha384>>(EVP_sha384(), *message.bytes);
}

std::optional<Sha512> sha512_of(const SignedMessageView& message) {
  if (message.sha512 || !message.bytes) return message.sha512;
  return hash_with<std::tuple_size_v<Sha512>>(EVP_sha512(), *message.bytes);
}

}  // namespace davit::oci
