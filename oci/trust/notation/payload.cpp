#include "oci/trust/notation/payload.hpp"

#include "oci/trust/notation/envelope.hpp"

namespace davit::oci {

Result<NotationTarget> parse_notation_payload(std::string_view text) {
  TRY_ASSIGN(const Json json, parse_json(text, JsonLimits{.size_bytes = k_max_notary_bytes, .depth = 8}));
  const JsonView view(json);
  TRY(view.refuse_unknown({"targetArtifact"}));
  TRY_ASSIGN(const JsonView target, view.field("targetArtifact"));
  NotationTarget out;
  TRY_ASSIGN(const JsonView media_type, target.field("mediaType"));
  TRY_ASSIGN(out.media_type, media_type.as_string());
  TRY_ASSIGN(const JsonView digest, target.field("digest"));
  TRY_ASSIGN(out.digest, digest.as_string());
  TRY_ASSIGN(const JsonView size, target.field("size"));
  TRY_ASSIGN(out.size, size.as_unsigned());
  TRY_ASSIGN(out.annotations, parse_annotations(target.find("annotations")));
  return out;
}

std::string write_notation_payload(const NotationTarget& target) {
  JsonObject members{{"mediaType", target.media_type}, {"digest", target.digest}, {"size", target.size}};
  if (!target.annotations.empty()) members.set("annotations", to_json(target.annotations));
  return write_json(JsonObject{{"targetArtifact", std::move(members)}});
}

}  // namespace davit::oci
