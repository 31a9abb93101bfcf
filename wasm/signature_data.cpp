// The payload of the signature section: frames in frames. A record whose inside cannot be read does not take the
// others with it; a frame that runs past its end makes the whole unreadable.
#include <algorithm>

#include "manifests/encoding.hpp"
#include "wasm/append.hpp"
#include "wasm/signature_section.hpp"

namespace davit::wasm {
namespace {

constexpr std::uint8_t k_version = 1;
constexpr std::uint8_t k_content_module = 1;
constexpr std::uint8_t k_hash_sha256 = 1;
constexpr std::size_t k_hash_bytes = 32;
constexpr std::size_t k_ed25519_bytes = 64;
constexpr std::uint32_t k_max_key_id_bytes = 1024;

Result<void> expect_byte(Cursor& cursor, std::uint8_t expected, std::string_view what) {
  const std::uint64_t at = cursor.offset();
  const std::uint8_t found = cursor.byte();
  TRY(cursor.status());
  if (found == expected) return {};
  return fail_at(
      ErrorCode::unsupported,
      std::string(what) + " " + std::to_string(found) + " of a wasm signature is not known; expected " + std::to_string(expected), at);
}

SignatureRecord parse_record(ByteView raw) {
  SignatureRecord record{.raw = to_bytes(raw)};
  Cursor cursor(raw);
  const std::uint32_t id_bytes = cursor.count(k_max_key_id_bytes, "bytes of a key id");
  record.key_id = to_bytes(cursor.take(id_bytes));
  record.algorithm = cursor.byte();
  record.signature = to_bytes(cursor.take(cursor.u32()));
  cursor.expect_end("a signature record");
  if (const auto status = cursor.status(); !status) {
    record.defect = "the record cannot be read: " + status.error().message;
  } else if (record.algorithm != k_wasm_signature_ed25519) {
    record.defect = "algorithm " + std::to_string(record.algorithm) + " is not known; expected 1 (Ed25519)";
  } else if (record.signature.size() != k_ed25519_bytes) {
    record.defect = "its signature has " + std::to_string(record.signature.size()) + " bytes, expected 64";
  }
  return record;
}

Result<SignatureSet> parse_set(Cursor cursor) {
  SignatureSet set;
  const std::uint32_t hashes = cursor.count(k_max_signed_parts, "hashes in a wasm signature");
  for (std::uint32_t i = 0; i < hashes && cursor.ok(); ++i) {
    const ByteView hash = cursor.take(k_hash_bytes);
    if (!cursor.ok()) break;
    TRY_ASSIGN(Digest digest, Digest::parse("sha256:" + encode_hex(hash)));
    set.hashes.push_back(std::move(digest));
  }
  const std::uint32_t records = cursor.count(k_max_module_signatures, "signatures in a set");
  for (std::uint32_t i = 0; i < records && cursor.ok(); ++i) {
    const ByteView raw = cursor.take(cursor.u32());
    if (cursor.ok()) set.records.push_back(parse_record(raw));
  }
  cursor.expect_end("a signature set");
  TRY(cursor.status());
  if (set.hashes.empty()) return fail(ErrorCode::malformed, "a set of wasm signatures has no hash");
  return set;
}

}  // namespace

Result<std::vector<SignatureSet>> parse_signature_data(ByteView payload) {
  if (payload.size() > k_max_signature_data_bytes) {
    return fail(ErrorCode::limit, "wasm signatures of " + std::to_string(payload.size()) + " bytes are over the limit of " +
                                      std::to_string(k_max_signature_data_bytes));
  }
  Cursor cursor(payload);
  TRY(expect_byte(cursor, k_version, "version"));
  TRY(expect_byte(cursor, k_content_module, "content type"));
  TRY(expect_byte(cursor, k_hash_sha256, "hash"));
  const std::uint32_t count = cursor.count(k_max_signature_sets, "sets of wasm signatures");
  std::vector<SignatureSet> sets;
  for (std::uint32_t i = 0; i < count && cursor.ok(); ++i) {
    const std::uint32_t size = cursor.u32();
    const std::uint64_t base = cursor.offset();
    const ByteView inner = cursor.take(size);
    if (!cursor.ok()) break;
    TRY_ASSIGN(SignatureSet set, parse_set(Cursor(inner, base)));
    sets.push_back(std::move(set));
  }
  cursor.expect_end("the wasm signatures");
  TRY(cursor.status());
  return sets;
}

Bytes write_signature_data(const std::vector<SignatureSet>& sets) {
  Bytes out{std::byte{k_version}, std::byte{k_content_module}, std::byte{k_hash_sha256}};
  append_leb(out, sets.size());
  for (const SignatureSet& set : sets) {
    Bytes inner;
    append_leb(inner, set.hashes.size());
    for (const Digest& hash : set.hashes) append_bytes(inner, hash.raw());
    append_leb(inner, set.records.size());
    for (const SignatureRecord& record : set.records) {
      append_leb(inner, record.raw.size());
      append_bytes(inner, record.raw);
    }
    append_leb(out, inner.size());
    append_bytes(out, inner);
  }
  return out;
}

}  // namespace davit::wasm
