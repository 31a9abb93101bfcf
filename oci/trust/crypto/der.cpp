#include "oci/trust/crypto/der.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace davit::oci {
namespace {

constexpr std::size_t k_max_oid_bytes = 64;

Error broken(std::string why) { return fail(ErrorCode::malformed, "this is not DER: " + std::move(why)); }

bool is_digit(std::byte byte) { return byte >= std::byte{'0'} && byte <= std::byte{'9'}; }

int number_at(ByteView digits, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) value = value * 10 + (std::to_integer<int>(digits[i]) - '0');
  return value;
}

}  // namespace

Result<DerItem> DerReader::next() {
  if (rest_.size() < 2) return broken("an element is cut off");
  const auto tag = std::to_integer<std::uint8_t>(rest_[0]);
  if ((tag & 0x1fU) == 0x1fU) return broken("a tag of several bytes");
  std::size_t length = std::to_integer<std::size_t>(rest_[1]);
  std::size_t head = 2;
  if (length >= 0x80) {
    const std::size_t count = length & 0x7fU;
    if (count == 0 || count > 4) return broken("a length of " + std::to_string(count) + " bytes");
    if (rest_.size() < head + count) return broken("a length is cut off");
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = (length << 8) | std::to_integer<std::size_t>(rest_[head + i]);
    const std::size_t least = count == 1 ? 0x80 : std::size_t{1} << (8 * (count - 1));
    if (length < least) return broken("a length in more bytes than it needs");
    head += count;
  }
  if (length > rest_.size() - head) return broken("an element is longer than what holds it");
  const DerItem item{.tag = tag, .content = rest_.subspan(head, length), .whole = rest_.first(head + length)};
  rest_ = rest_.subspan(head + length);
  return item;
}

Result<DerItem> DerReader::expect(std::uint8_t tag) {
  TRY_ASSIGN(const DerItem item, next());
  if (item.tag != tag) return broken("tag " + std::to_string(item.tag) + " where " + std::to_string(tag) + " is expected");
  return item;
}

Result<std::optional<DerItem>> DerReader::next_if(std::uint8_t tag) {
  if (rest_.empty() || std::to_integer<std::uint8_t>(rest_[0]) != tag) return std::optional<DerItem>{};
  TRY_ASSIGN(const DerItem item, next());
  return std::optional(item);
}

Result<void> DerReader::finish() const {
  if (rest_.empty()) return {};
  return broken(std::to_string(rest_.size()) + " bytes follow its end");
}

Result<DerItem> parse_der(ByteView bytes, std::uint8_t tag) {
  DerReader reader(bytes);
  TRY_ASSIGN(const DerItem item, reader.expect(tag));
  TRY(reader.finish());
  return item;
}

Result<std::string> parse_oid(ByteView content) {
  if (content.empty() || content.size() > k_max_oid_bytes || (content.back() & std::byte{0x80}) != std::byte{0})
    return broken("an object identifier of " + std::to_string(content.size()) + " bytes");
  std::string text;
  std::uint64_t value = 0;
  bool starts = true;
  for (const std::byte byte : content) {
    if (starts && byte == std::byte{0x80}) return broken("an object identifier with a padded number");
    if (value >> 56 != 0) return broken("an object identifier with a number over 64 bits");
    value = (value << 7) | std::to_integer<std::uint64_t>(byte & std::byte{0x7f});
    starts = (byte & std::byte{0x80}) == std::byte{0};
    if (!starts) continue;
    if (text.empty()) {
      const std::uint64_t first = std::min<std::uint64_t>(value / 40, 2);
      text = std::to_string(first) + "." + std::to_string(value - first * 40);
    } else {
      text += "." + std::to_string(value);
    }
    value = 0;
  }
  return text;
}

Result<std::uint64_t> parse_small_integer(ByteView content) {
  if (content.empty()) return broken("an empty integer");
  if ((content[0] & std::byte{0x80}) != std::byte{0}) return broken("a negative integer");
  if (content.size() > 1 && content[0] == std::byte{0} && (content[1] & std::byte{0x80}) == std::byte{0}) return broken("a padded integer");
  if (content.size() > 9 || (content.size() == 9 && content[0] != std::byte{0})) return broken("an integer over 64 bits");
  std::uint64_t value = 0;
  for (const std::byte byte : content) value = (value << 8) | std::to_integer<std::uint64_t>(byte);
  return value;
}

Result<std::int64_t> parse_generalized_time(ByteView content) {
  constexpr std::size_t k_digits = 14;
  const bool shaped =
      content.size() > k_digits && content.back() == std::byte{'Z'} && std::ranges::all_of(content.first(k_digits), is_digit);
  if (!shaped) return broken("a time that is not YYYYMMDDHHMMSSZ");
  const ByteView fraction = content.subspan(k_digits, content.size() - k_digits - 1);
  if (!fraction.empty()) {
    const bool good = fraction.size() > 1 && fraction[0] == std::byte{'.'} && std::ranges::all_of(fraction.subspan(1), is_digit) &&
                      fraction.back() != std::byte{'0'};
    if (!good) return broken("a time with a fraction that is not canonical");
  }
  using namespace std::chrono;
  const year_month_day date{year{number_at(content, 0, 4)}, month{static_cast<unsigned>(number_at(content, 4, 2))},
                            day{static_cast<unsigned>(number_at(content, 6, 2))}};
  const int hour = number_at(content, 8, 2);
  const int minute = number_at(content, 10, 2);
  const int second = number_at(content, 12, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return broken("a time that does not exist");
  return duration_cast<seconds>(sys_days{date}.time_since_epoch()).count() + hour * 3600 + minute * 60 + second;
}

Bytes write_der(std::uint8_t tag, ByteView content) {
  Bytes out{std::byte{tag}};
  if (content.size() < 0x80) {
    out.push_back(static_cast<std::byte>(content.size()));
  } else {
    std::size_t count = 1;
    while (count < sizeof(std::size_t) && (content.size() >> (8 * count)) != 0) ++count;
    out.push_back(static_cast<std::byte>(0x80 | count));
    for (std::size_t i = count; i > 0; --i) out.push_back(static_cast<std::byte>((content.size() >> (8 * (i - 1))) & 0xffU));
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

}  // namespace davit::oci
