#include "oci/trust/notation/countersignature.hpp"

namespace davit::oci {

Result<Countersignature> check_countersignature(ByteView token, ByteView signature, std::span<const Certificate> authorities) {
  static_cast<void>(signature);
  return fail(ErrorCode::unsupported, "a timestamp of " + std::to_string(token.size()) + " bytes is not judged with " +
                                          std::to_string(authorities.size()) + " authorities");
}

Result<Bytes> token_of_answer(ByteView answer, ByteView signature) {
  static_cast<void>(signature);
  return fail(ErrorCode::unsupported, "a timestamp of " + std::to_string(answer.size()) + " bytes is not judged");
}

}  // namespace davit::oci
