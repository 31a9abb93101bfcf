#include "oci/trust/notation/envelope.hpp"

#include "manifests/encoding.hpp"

namespace davit::oci {

std::optional<SignatureFormat> notation_format_of(std::string_view media_type) {
  if (media_type == k_jws_media_type) return SignatureFormat::notation_jws;
  if (media_type == k_cose_media_type) return SignatureFormat::notation_cose;
  return std::nullopt;
}

Result<NotationContent> parse_notation_envelope(ByteView bytes, std::string_view media_type) {
  if (media_type == k_jws_media_type) return parse_jws(davit::as_text(bytes));
  if (media_type == k_cose_media_type) return parse_cose(bytes);
  return fail(ErrorCode::unsupported, "\"" + printable(media_type) + "\" is no envelope of the Notary Project");
}

}  // namespace davit::oci
