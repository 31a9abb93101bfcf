// The cryptography of a Sigstore on loopback: reads one JSON object per line, writes one per line. What speaks HTTP in
// front of it is sigstore_standin.py.
//
//   {"op":"root"}                                            → {"trustedRoot":{…}}
//   {"op":"certify","key":PEM,"names":"email:…","issuer":…,"now":n}  → {"chain":[PEM…]}
//   {"op":"log","generation":1|2,"kind":…,"version":…,"body":b64,"now":n} → {"logIndex":…,"logId":hex,…}
//   {"op":"stamp","hash":hex,"nonce":hex,"now":n}            → {"response":b64}
#include <cstdio>
#include <iostream>

#include "manifests/encoding.hpp"
#include "manifests/json.hpp"
#include "oci/trust/keys.hpp"
#include "support/forge/sigstore.hpp"

namespace davit::forge {
namespace {

std::string text(const JsonView& json, std::string_view name) {
  const auto field = json.find(name);
  const auto value = field ? field->as_string() : Result<std::string>(std::string());
  CHECK(value.has_value());
  return *value;
}

std::int64_t number(const JsonView& json, std::string_view name) {
  const auto field = json.find(name);
  CHECK(field.has_value());
  const auto value = field->as_unsigned();
  CHECK(value.has_value());
  return static_cast<std::int64_t>(*value);
}

Bytes from_hex(const std::string& digits) {
  auto bytes = decode_hex(digits);
  CHECK(bytes.has_value());
  return *std::move(bytes);
}

Json certify(const World& world, const JsonView& json) {
  constexpr std::int64_t k_minutes = 600;
  const std::int64_t now = number(json, "now");
  const std::string issuer = text(json, "issuer");
  const CertificateSpec spec{
      .alternative_names = text(json, "names"),
      .not_before = now - 5,
      .not_after = now + k_minutes,
      .extras = {{"1.3.6.1.4.1.57264.1.1", to_bytes(issuer)}, {"1.3.6.1.4.1.57264.1.8", tlv(0x0c, as_bytes(issuer))}}};
  const auto key = oci::PublicKey::parse(text(json, "key"));
  CHECK(key.has_value());
  const Bytes leaf = world.certify(Key::from_public_der(key->der()), spec, {world.certificate_log});
  return JsonObject{
      {"chain", Json::strings({pem("CERTIFICATE", leaf), pem("CERTIFICATE", world.fulcio.issuer), pem("CERTIFICATE", world.fulcio.root)})}};
}

Json log(World& world, const JsonView& json) {
  const auto body = decode_base64(text(json, "body"));
  CHECK(body.has_value());
  Log& target = number(json, "generation") == 1 ? world.rekor : world.tiles;
  const oci::LogEntry entry = target.add(text(json, "kind"), text(json, "version"), *body, number(json, "now"));
  std::vector<std::string> hashes;
  for (const Bytes& hash : entry.proof->hashes) hashes.push_back(encode_hex(hash));
  return JsonObject{
      {"logIndex", entry.log_index},          {"logId", encode_hex(entry.log_id)},    {"promise", encode_base64(entry.promise)},
      {"proofIndex", entry.proof->log_index}, {"treeSize", entry.proof->tree_size},   {"rootHash", encode_hex(entry.proof->root_hash)},
      {"hashes", Json::strings(hashes)},      {"checkpoint", entry.proof->checkpoint}};
}

Json stamp(const World& world, const JsonView& json) {
  const TimestampSpec spec{.time = number(json, "now"), .bag = {world.tsa.certificate}, .nonce = tlv(0x02, from_hex(text(json, "nonce")))};
  return JsonObject{{"response", encode_base64(world.tsa.stamp_hash(from_hex(text(json, "hash")), spec))}};
}

Json answer(World& world, const JsonView& json) {
  const std::string op = text(json, "op");
  if (op == "certify") return certify(world, json);
  if (op == "log") return log(world, json);
  if (op == "stamp") return stamp(world, json);
  CHECK(op == "root");
  auto root = parse_json(world.trusted_root(), JsonLimits{});
  CHECK(root.has_value());
  return JsonObject{{"trustedRoot", *std::move(root)}};
}

}  // namespace
}  // namespace davit::forge

// The argument is the host of the second generation's log, which stands in its checkpoints.
int main(int argc, char** argv) {
  davit::forge::World world;
  if (argc > 1) world.tiles = davit::forge::Log(davit::forge::Key::ed25519(), argv[1], true);
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto json = davit::parse_json(line, davit::JsonLimits{});
    CHECK(json.has_value());
    std::cout << davit::write_json(davit::forge::answer(world, davit::JsonView(*json))) << "\n" << std::flush;
  }
  return 0;
}
