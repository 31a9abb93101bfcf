#include "manifests/encoding.hpp"

#include <array>

namespace davit {
namespace {

constexpr std::string_view k_hex = "0123456789abcdef";
constexpr std::string_view k_base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view k_base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode_with(ByteView bytes, std::string_view alphabet, bool padded) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = (group << 8) | (j < count ? std::to_integer<std::uint32_t>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      if (j <= count) {
        text.push_back(alphabet[(group >> (18 - 6 * j)) & 63U]);
      } else if (padded) {
        text.push_back('=');
      }
    }
  }
  return text;
}

constexpr std::uint8_t k_foreign = 0xff;

// The value of each character.
using Values = std::array<std::uint8_t, 256>;
constexpr Values values_of(std::string_view alphabet) {
  Values out{};
  for (std::uint8_t& value : out) value = k_foreign;
  for (std::size_t i = 0; i < alphabet.size(); ++i) out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return out;
}
constexpr Values k_base64_values = values_of(k_base64);
constexpr Values k_base64url_values = values_of(k_base64url);

Result<Bytes> decode_with(std::string_view text, const Values& values, bool padded) {
  std::size_t length = text.size();
  if (padded) {
    if (length % 4 != 0) return fail_at(ErrorCode::malformed, "base64 text has a length that is no multiple of 4", length);
    while (length > 0 && text.size() - length < 2 && text[length - 1] == '=') --length;
  }
  if (length % 4 == 1) return fail_at(ErrorCode::malformed, "base64 text is cut off", length);
  Bytes bytes;
  bytes.reserve(length / 4 * 3 + 2);
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (std::size_t i = 0; i < length; ++i) {
    const std::uint8_t value = values[static_cast<unsigned char>(text[i])];
    if (value == k_foreign) {
      return fail_at(ErrorCode::malformed, "base64 text holds the foreign character '" + printable(text.substr(i, 1)) + "'", i);
    }
    group = (group << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<std::byte>((group >> bits) & 0xffU));
    }
  }
  if ((group & ((1U << bits) - 1U)) != 0) return fail_at(ErrorCode::malformed, "base64 text ends in unused bits that are not zero", length);
  return bytes;
}

// Length of the UTF-8 sequence at the start of `text`, or 0 when it is not well-formed.
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
  if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
  return length;
}

}  // namespace

std::string encode_hex(ByteView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    text.push_back(k_hex[std::to_integer<std::size_t>(byte >> 4)]);
    text.push_back(k_hex[std::to_integer<std::size_t>(byte & std::byte{15})]);
  }
  return text;
}

Result<Bytes> decode_hex(std::string_view text) {
  if (text.size() % 2 != 0) return fail_at(ErrorCode::malformed, "hex text has an odd length", text.size());
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::size_t high = k_hex.find(text[i]);
    const std::size_t low = k_hex.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) {
      return fail_at(ErrorCode::malformed, "hex text holds a character other than 0-9 and a-f", i);
    }
    bytes.push_back(static_cast<std::byte>(high << 4 | low));
  }
  return bytes;
}

std::string encode_base64(ByteView bytes) { return encode_with(bytes, k_base64, true); }
Result<Bytes> decode_base64(std::string_view text) { return decode_with(text, k_base64_values, true); }
std::string encode_base64url(ByteView bytes) { return encode_with(bytes, k_base64url, false); }
Result<Bytes> decode_base64url(std::string_view text) { return decode_with(text, k_base64url_values, false); }

std::string encode_percent(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool unreserved =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back("0123456789ABCDEF"[byte >> 4]);
      out.push_back("0123456789ABCDEF"[byte & 15]);
    }
  }
  return out;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= limit) return out + "…";
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t length = utf8_sequence(text);
    // C1 controls (U+0080 to U+009F) steer terminals too; they are two bytes, c2 80 to c2 9f.
    const bool c1_control = length == 2 && first == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0;
    if (length == 0 || first < 0x20 || first == 0x7f || c1_control) {
      out += "\\x";
      out.push_back(k_hex[first >> 4]);
      out.push_back(k_hex[first & 15]);
      text.remove_prefix(1);
    } else {
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return out;
}

}  // namespace davit
