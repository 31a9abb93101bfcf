// A bounded reader over wasm bytes that knows its absolute offset.
//
// Errors are sticky: the first failure is kept with its offset, the cursor jumps to its end and every later read
// gives zero. A reader may therefore decode a whole construct and ask once. Loops must ask `ok()` in their condition,
// since a count from outside may be far larger than the bytes that follow. (A Result per byte was measured and cost
// a third of the time of a code scan.)
//
// LEB128: WebAssembly core 3.0 §5.2.2. At most ceil(N/7) bytes; unused bits of the last byte repeat the sign.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"

namespace davit::wasm {

class Cursor {
 public:
  /// @param input  must outlive the cursor and every view taken from it
  /// @param base   absolute offset of the first byte, for messages
  explicit Cursor(ByteView input, std::uint64_t base = 0)
      : begin_(data(input)), position_(begin_), end_(begin_ + input.size()), base_(base) {}

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  [[nodiscard]] bool at_end() const { return position_ == end_; }
  [[nodiscard]] std::uint64_t offset() const { return base_ + static_cast<std::uint64_t>(position_ - begin_); }
  [[nodiscard]] std::size_t remaining() const { return static_cast<std::size_t>(end_ - position_); }
  /// What is left, without taking it.
  [[nodiscard]] ByteView rest() const { return {reinterpret_cast<const std::byte*>(position_), remaining()}; }
  /// The next byte without taking it; 0 at the end.
  [[nodiscard]] std::uint8_t peek() const { return position_ == end_ ? std::uint8_t{0} : *position_; }

  std::uint8_t byte();
  std::uint32_t u32();
  std::uint64_t u64();
  std::int32_t s32();
  std::int64_t s33();
  std::int64_t s64();
  ByteView take(std::uint64_t count);
  void skip(std::uint64_t count);
  /// Length-prefixed UTF-8. Errors: malformed (not UTF-8, runs past the end), limit
  std::string_view name(std::uint32_t limit_bytes);
  /// A count that must not be over `limit`; `what` names it in the message.
  std::uint32_t count(std::uint32_t limit, std::string_view what);

  /// Keeps the first failure; later ones are dropped.
  void fail(ErrorCode code, std::string message) { fail_at(code, std::move(message), offset()); }
  void fail_at(ErrorCode code, std::string message, std::uint64_t offset);
  void malformed(std::string message) { fail(ErrorCode::malformed, std::move(message)); }
  /// malformed unless every byte was taken.
  void expect_end(std::string_view what);
  /// Takes over the failure of a cursor on a part of this one.
  void adopt(Cursor& part);
  [[nodiscard]] Result<void> status() const;

 private:
  static const std::uint8_t* data(ByteView input) { return reinterpret_cast<const std::uint8_t*>(input.data()); }
  std::uint64_t unsigned_leb(unsigned bits);
  std::int64_t signed_leb(unsigned bits);

  const std::uint8_t* begin_;
  const std::uint8_t* position_;
  const std::uint8_t* end_;
  std::uint64_t base_;
  std::optional<Error> error_{};
};

/// The shortest unsigned LEB128 form.
void append_leb(Bytes& out, std::uint64_t value);
/// The same in exactly `width` bytes, padded as producers do it.
void append_padded_leb(Bytes& out, std::uint64_t value, std::size_t width);
/// Bytes of the shortest form.
std::size_t leb_size(std::uint64_t value);

// --- inline ---

inline std::uint8_t Cursor::byte() {
  if (position_ == end_) {
    malformed("unexpected end");
    return 0;
  }
  return *position_++;
}

inline std::uint32_t Cursor::u32() {
  if (position_ != end_ && *position_ < 0x80) return *position_++;
  return static_cast<std::uint32_t>(unsigned_leb(32));
}

inline std::uint64_t Cursor::u64() {
  if (position_ != end_ && *position_ < 0x80) return *position_++;
  return unsigned_leb(64);
}

inline std::int32_t Cursor::s32() {
  // Bit 6 of a single byte is the sign.
  if (position_ != end_ && *position_ < 0x80) {
    const std::int32_t value = *position_++;
    return value < 0x40 ? value : value - 0x80;
  }
  return static_cast<std::int32_t>(signed_leb(32));
}
inline std::int64_t Cursor::s33() { return signed_leb(33); }
inline std::int64_t Cursor::s64() { return signed_leb(64); }

}  // namespace davit::wasm
