// DER (X.690) one element at a time, as the small structures around certificates need it: definite minimal lengths,
// single-byte tags, nothing left over. What is not DER is refused, so that no structure can be written in two ways.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"

namespace davit::oci {

namespace der {
inline constexpr std::uint8_t k_boolean = 0x01;
inline constexpr std::uint8_t k_integer = 0x02;
inline constexpr std::uint8_t k_bit_string = 0x03;
inline constexpr std::uint8_t k_octet_string = 0x04;
inline constexpr std::uint8_t k_null = 0x05;
inline constexpr std::uint8_t k_oid = 0x06;
inline constexpr std::uint8_t k_utf8_string = 0x0c;
inline constexpr std::uint8_t k_generalized_time = 0x18;
inline constexpr std::uint8_t k_sequence = 0x30;
inline constexpr std::uint8_t k_set = 0x31;
/// `[number]` with elements inside.
constexpr std::uint8_t context(std::uint8_t number) { return static_cast<std::uint8_t>(0xa0 | number); }
/// `[number]` in place of a simple type's tag.
constexpr std::uint8_t context_simple(std::uint8_t number) { return static_cast<std::uint8_t>(0x80 | number); }
}  // namespace der

/// Views of the bytes it was read from.
struct DerItem {
  std::uint8_t tag = 0;
  ByteView content{};
  ByteView whole{};  ///< with tag and length
};

class DerReader {
 public:
  explicit DerReader(ByteView bytes) : rest_(bytes) {}
  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
  /// Errors: malformed (cut off, indefinite or over-long length, tag of several bytes)
  Result<DerItem> next();
  /// The next element, which must have this tag.
  Result<DerItem> expect(std::uint8_t tag);
  /// The next element if it has this tag; nothing when there is none or it is another.
  Result<std::optional<DerItem>> next_if(std::uint8_t tag);
  /// malformed unless everything was read
  [[nodiscard]] Result<void> finish() const;

 private:
  ByteView rest_;
};

/// The one element that these bytes are.
Result<DerItem> parse_der(ByteView bytes, std::uint8_t tag);
/// `1.2.840.…` of an OBJECT IDENTIFIER's content.
Result<std::string> parse_oid(ByteView content);
/// A non-negative INTEGER that fits 64 bits.
Result<std::uint64_t> parse_small_integer(ByteView content);
/// GeneralizedTime `YYYYMMDDHHMMSS[.f…]Z` as seconds since 1970; fractions are cut off.
Result<std::int64_t> parse_generalized_time(ByteView content);
/// Wraps content into an element.
Bytes write_der(std::uint8_t tag, ByteView content);

}  // namespace davit::oci
