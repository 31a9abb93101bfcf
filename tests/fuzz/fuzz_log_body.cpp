// Bodies of log entries and the annotations of the classic form: none is ever about a signature that was not logged.
#include "oci/trust/sigstore/classic_material.hpp"
#include "oci/trust/sigstore/log_body.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  using namespace davit::oci;
  static const PrivateKey key = *PrivateKey::generate();
  static const Bytes message = to_bytes("a message"), signature = *key.sign(SignatureScheme::ecdsa_sha256, message_of(message));
  static const Envelope envelope{.payload_type = "t", .payload = to_bytes("p"), .signatures = {{.signature = signature}}};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  SignedThing thing{.message = message_of(message), .signature = signature, .stamped = signature, .key = &key.public_key()};
  CHECK(bind_log_body(as_bytes(text), thing).has_value());
  thing.envelope = &envelope;
  CHECK(bind_log_body(as_bytes(text), thing).has_value());
  (void)log_body_kind(as_bytes(text));
  (void)parse_classic_material({.payload = {}, .certificate = std::string(text), .bundle = std::string(text)});
  const auto material = parse_classic_material({.payload = {}, .bundle = std::string(text), .timestamp = ""});
  if (material && !material->entries.empty()) {
    CHECK(parse_classic_material({.payload = {}, .bundle = write_classic_bundle(material->entries.front())}).has_value());
  }
  return 0;
}
