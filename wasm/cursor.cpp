#include "wasm/cursor.hpp"

#include "manifests/encoding.hpp"

namespace davit::wasm {

void Cursor::fail_at(ErrorCode code, std::string message, std::uint64_t offset) {
  if (!error_) error_ = Error{.code = code, .message = std::move(message), .offset = offset};
  position_ = end_;
}

std::uint64_t Cursor::unsigned_leb(unsigned bits) {
  const std::uint64_t start = offset();
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < bits; shift += 7) {
    if (position_ == end_) {
      fail_at(ErrorCode::malformed, "unexpected end in an integer", start);
      return 0;
    }
    const std::uint8_t next = *position_++;
    const std::uint64_t low = next & 0x7fU;
    if (bits - shift < 7 && (low >> (bits - shift)) != 0) {
      const bool continued = (next & 0x80U) != 0;
      fail_at(ErrorCode::malformed, continued ? "integer representation too long" : "integer too large", start);
      return 0;
    }
    value |= low << shift;
    if ((next & 0x80U) == 0) return value;
  }
  fail_at(ErrorCode::malformed, "integer representation too long", start);
  return 0;
}

std::int64_t Cursor::signed_leb(unsigned bits) {
  const std::uint64_t start = offset();
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < bits; shift += 7) {
    if (position_ == end_) {
      fail_at(ErrorCode::malformed, "unexpected end in an integer", start);
      return 0;
    }
    const std::uint8_t next = *position_++;
    const std::uint64_t low = next & 0x7fU;
    value |= low << shift;
    if ((next & 0x80U) != 0) continue;
    const unsigned used = bits - shift;
    if (used < 7) {
      // The bits above the value must all equal its sign bit.
      const std::uint64_t above = low >> (used - 1);
      const std::uint64_t all_ones = 0x7fU >> (used - 1);
      if (above != 0 && above != all_ones) {
        fail_at(ErrorCode::malformed, "integer too large", start);
        return 0;
      }
    }
    const unsigned width = shift + 7;
    if (width < 64 && (low & 0x40U) != 0) value |= ~std::uint64_t{0} << width;
    return static_cast<std::int64_t>(value);
  }
  fail_at(ErrorCode::malformed, "integer representation too long", start);
  return 0;
}

ByteView Cursor::take(std::uint64_t count) {
  if (count > remaining()) {
    malformed("unexpected end: " + std::to_string(count) + " bytes wanted, " + std::to_string(remaining()) + " left");
    return {};
  }
  const ByteView view(reinterpret_cast<const std::byte*>(position_), static_cast<std::size_t>(count));
  position_ += count;
  return view;
}

void Cursor::skip(std::uint64_t count) { (void)take(count); }

std::string_view Cursor::name(std::uint32_t limit_bytes) {
  const std::uint64_t start = offset();
  const std::uint32_t length = u32();
  if (!ok()) return {};
  if (length > remaining()) {
    fail_at(ErrorCode::malformed, "name of " + std::to_string(length) + " bytes runs past the end", start);
    return {};
  }
  if (length > limit_bytes) {
    fail_at(ErrorCode::limit, "name of " + std::to_string(length) + " bytes is over the limit of " + std::to_string(limit_bytes), start);
    return {};
  }
  const std::string_view text = as_text(take(length));
  if (!is_utf8(text)) {
    fail_at(ErrorCode::malformed, "name is not valid UTF-8", start);
    return {};
  }
  return text;
}

std::uint32_t Cursor::count(std::uint32_t limit, std::string_view what) {
  const std::uint64_t start = offset();
  const std::uint32_t value = u32();
  if (ok() && value > limit) {
    // More entries than bytes cannot be true, whatever the limit is.
    const bool impossible = value > remaining();
    fail_at(impossible ? ErrorCode::malformed : ErrorCode::limit,
            std::to_string(value) + " " + std::string(what) +
                (impossible ? " do not fit into the section" : " are over the limit of " + std::to_string(limit)),
            start);
    return 0;
  }
  return value;
}

void Cursor::expect_end(std::string_view what) {
  if (ok() && !at_end()) malformed(std::to_string(remaining()) + " bytes too many in the " + std::string(what));
}

void Cursor::adopt(Cursor& part) {
  if (!part.error_) return;
  if (!error_) error_ = std::move(part.error_);
  position_ = end_;
}

Result<void> Cursor::status() const {
  if (error_) return *error_;
  return {};
}

void append_leb(Bytes& out, std::uint64_t value) {
  do {
    const bool more = value >= 0x80;
    out.push_back(static_cast<std::byte>((value & 0x7fU) | (more ? 0x80U : 0U)));
    value >>= 7;
  } while (value != 0);
}

void append_padded_leb(Bytes& out, std::uint64_t value, std::size_t width) {
  CHECK(width >= leb_size(value));
  for (std::size_t i = 0; i < width; ++i) {
    out.push_back(static_cast<std::byte>((value & 0x7fU) | (i + 1 < width ? 0x80U : 0U)));
    value >>= 7;
  }
}

std::size_t leb_size(std::uint64_t value) {
  std::size_t size = 1;
  while (value >= 0x80) {
    value >>= 7;
    ++size;
  }
  return size;
}

}  // namespace davit::wasm
