// CBOR (RFC 8949), as much of it as COSE_Sign1 of the Notary Project needs, and read as strictly as its section 4.2
// "deterministic encoding" writes it: definite lengths only, every head in its shortest form, no duplicate map keys,
// nothing after the value. Two encodings of one value would let a copy of a signature look like another one.
//
// Map keys are left in the order of the input: writers of COSE sort them in more than one way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"

namespace davit::oci {

inline constexpr std::size_t k_max_cbor_depth = 8;
inline constexpr std::size_t k_max_cbor_items = 4096;  ///< of one document, counted over all its levels

inline constexpr std::size_t k_max_cbor_map_entries = 64;

class Cbor;
using CborArray = std::vector<Cbor>;
using CborMap = std::vector<std::pair<Cbor, Cbor>>;

/// -1 - value, the whole range of CBOR's negative numbers.
struct CborNegative {
  std::uint64_t value = 0;
  friend bool operator==(const CborNegative&, const CborNegative&) = default;
};

struct CborNull {
  friend bool operator==(const CborNull&, const CborNull&) = default;
};

/// One value. Floating point numbers, `undefined` and other simple values are not read.
class Cbor {
 public:
  using Tag = std::pair<std::uint64_t, CborArray>;  ///< number, and exactly one value
  using Value = std::variant<CborNull, bool, std::uint64_t, CborNegative, Bytes, std::string, CborArray, CborMap, Tag>;
  explicit Cbor(Value value) : value_(std::move(value)) {}
  static Cbor integer(std::int64_t value);
  static Cbor text(std::string_view value) { return Cbor(Value(std::string(value))); }
  static Cbor bytes(ByteView value) { return Cbor(Value(to_bytes(value))); }
  static Cbor array(CborArray items) { return Cbor(Value(std::move(items))); }
  static Cbor map(CborMap items) { return Cbor(Value(std::move(items))); }
  static Cbor tag(std::uint64_t number, Cbor value);

  [[nodiscard]] const Bytes* as_bytes() const { return std::get_if<Bytes>(&value_); }
  [[nodiscard]] const std::string* as_text() const { return std::get_if<std::string>(&value_); }
  [[nodiscard]] const CborArray* as_array() const { return std::get_if<CborArray>(&value_); }
  [[nodiscard]] const CborMap* as_map() const { return std::get_if<CborMap>(&value_); }
  /// The tagged value; null when this has another tag or none.
  [[nodiscard]] const Cbor* as_tagged(std::uint64_t number) const;
  /// A whole number that fits; nothing for all else.
  [[nodiscard]] std::optional<std::int64_t> as_integer() const;
  [[nodiscard]] const Value& value() const { return value_; }
  friend bool operator==(const Cbor&, const Cbor&) = default;

 private:
  Value value_;
};

/// Errors: malformed (offset set), limit (depth, items), unsupported (floating point, indefinite length)
Result<Cbor> parse_cbor(ByteView input);
/// Shortest forms; maps as they are given.
Bytes write_cbor(const Cbor& value);

/// The value of a key; null when absent.
const Cbor* find_in(const CborMap& map, const Cbor& key);

}  // namespace davit::oci
