#include "oci/trust/notation/cbor.hpp"

#include <algorithm>
#include <limits>

#include "manifests/encoding.hpp"

namespace davit::oci {
namespace {

// The three high bits of a head (RFC 8949 §3.1). On the wire: never renumber.
enum class Major : std::uint8_t { unsigned_integer, negative_integer, bytes, text, array, map, tag, simple };

constexpr std::uint8_t k_one_byte = 24;  // the value follows in 1, 2, 4 or 8 bytes: 24 to 27
constexpr std::uint8_t k_eight_bytes = 27;
constexpr std::uint8_t k_false = 20;
constexpr std::uint8_t k_true = 21;
constexpr std::uint8_t k_null = 22;

struct Head {
  Major major;
  std::uint8_t info;
  std::uint64_t value;
};

class Reader {
 public:
  explicit Reader(ByteView input) : input_(input) {}
  // Recursion goes no deeper than k_max_cbor_depth.
  Result<Cbor> read(std::size_t depth);
  [[nodiscard]] std::size_t position() const { return position_; }

 private:
  Result<Head> read_head();
  Result<ByteView> take(std::uint64_t count);
  Result<std::string> read_text(std::uint64_t length);
  Result<Cbor> read_array(std::uint64_t count, std::size_t depth);
  Result<Cbor> read_map(std::uint64_t count, std::size_t depth);
  Result<Cbor> read_tag(std::uint64_t number, std::size_t depth);
  Result<Cbor> read_simple(const Head& head) const;

  ByteView input_;
  std::size_t position_ = 0;
  std::size_t items_ = 0;
};

Result<ByteView> Reader::take(std::uint64_t count) {
  if (count > input_.size() - position_) {
    return fail_at(ErrorCode::malformed, "CBOR ends " + std::to_string(count - (input_.size() - position_)) + " bytes too early",
                   position_);
  }
  const ByteView out = input_.subspan(position_, static_cast<std::size_t>(count));
  position_ += static_cast<std::size_t>(count);
  return out;
}

Result<Head> Reader::read_head() {
  TRY_ASSIGN(const ByteView first, take(1));
  const auto byte = std::to_integer<std::uint8_t>(first.front());
  Head head{.major = static_cast<Major>(byte >> 5U), .info = static_cast<std::uint8_t>(byte & 0x1fU), .value = 0};
  if (head.info < k_one_byte) {
    head.value = head.info;
    return head;
  }
  if (head.info > k_eight_bytes) {
    return fail_at(ErrorCode::unsupported, "CBOR of indefinite length is not read here", position_ - 1);
  }
  const std::size_t width = std::size_t{1} << static_cast<unsigned>(head.info - k_one_byte);
  TRY_ASSIGN(const ByteView bytes, take(width));
  for (const std::byte b : bytes) head.value = head.value << 8U | std::to_integer<std::uint64_t>(b);
  const std::uint64_t least = width == 1 ? k_one_byte : std::uint64_t{1} << (width * 4);
  if (head.value < least && head.major != Major::simple) {
    return fail_at(ErrorCode::malformed, "the CBOR number " + std::to_string(head.value) + " is not in its shortest form",
                   position_ - width);
  }
  return head;
}

Result<std::string> Reader::read_text(std::uint64_t length) {
  TRY_ASSIGN(const ByteView bytes, take(length));
  if (!is_utf8(davit::as_text(bytes))) return fail_at(ErrorCode::malformed, "a CBOR text is not UTF-8", position_ - bytes.size());
  return std::string(davit::as_text(bytes));
}

Result<Cbor> Reader::read_array(std::uint64_t count, std::size_t depth) {
  // Each item takes a byte at least: a count beyond the input is refused by take, never allocated.
  CborArray items;
  for (std::uint64_t i = 0; i < count; ++i) {
    TRY_ASSIGN(Cbor item, read(depth + 1));
    items.push_back(std::move(item));
  }
  return Cbor::array(std::move(items));
}

Result<Cbor> Reader::read_map(std::uint64_t count, std::size_t depth) {
  if (count > k_max_cbor_map_entries) {
    return fail_at(ErrorCode::limit,
                   "a CBOR map has " + std::to_string(count) + " entries, over the limit of " + std::to_string(k_max_cbor_map_entries),
                   position_);
  }
  CborMap entries;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::size_t start = position_;
    TRY_ASSIGN(Cbor key, read(depth + 1));
    if (find_in(entries, key) != nullptr) return fail_at(ErrorCode::malformed, "a CBOR map holds a key twice", start);
    TRY_ASSIGN(Cbor value, read(depth + 1));
    entries.emplace_back(std::move(key), std::move(value));
  }
  return Cbor::map(std::move(entries));
}

Result<Cbor> Reader::read_tag(std::uint64_t number, std::size_t depth) {
  TRY_ASSIGN(Cbor value, read(depth + 1));
  return Cbor::tag(number, std::move(value));
}

Result<Cbor> Reader::read_simple(const Head& head) const {
  if (head.info == k_false || head.info == k_true) return Cbor(Cbor::Value(head.info == k_true));
  if (head.info == k_null) return Cbor(Cbor::Value(CborNull{}));
  return fail_at(ErrorCode::unsupported, "CBOR floating point and simple values are not read here", position_ - 1);
}

Result<Cbor> Reader::read(std::size_t depth) {
  if (depth > k_max_cbor_depth) {
    return fail_at(ErrorCode::limit, "CBOR is nested deeper than " + std::to_string(k_max_cbor_depth), position_);
  }
  if (++items_ > k_max_cbor_items)
    return fail_at(ErrorCode::limit, "CBOR has more than " + std::to_string(k_max_cbor_items) + " items", position_);
  TRY_ASSIGN(const Head head, read_head());
  switch (head.major) {
    case Major::unsigned_integer: return Cbor(Cbor::Value(head.value));
    case Major::negative_integer: return Cbor(Cbor::Value(CborNegative{head.value}));
    case Major::bytes: {
      TRY_ASSIGN(const ByteView bytes, take(head.value));
      return Cbor::bytes(bytes);
    }
    case Major::text: {
      TRY_ASSIGN(std::string text, read_text(head.value));
      return Cbor(Cbor::Value(std::move(text)));
    }
    case Major::array: return read_array(head.value, depth);
    case Major::map: return read_map(head.value, depth);
    case Major::tag: return read_tag(head.value, depth);
    case Major::simple: return read_simple(head);
  }
  return fail_at(ErrorCode::malformed, "no CBOR", position_);
}

void write_head(Bytes& out, Major major, std::uint64_t value) {
  const auto high = static_cast<std::uint8_t>(static_cast<unsigned>(major) << 5U);
  if (value < k_one_byte) {
    out.push_back(static_cast<std::byte>(high | value));
    return;
  }
  unsigned log = 0;
  while (log < 3 && value >> (8U << log) != 0) ++log;
  out.push_back(static_cast<std::byte>(high | (k_one_byte + log)));
  for (unsigned left = 1U << log; left > 0; --left) out.push_back(static_cast<std::byte>(value >> (8U * (left - 1)) & 0xffU));
}

void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

// As deep as the value, which our own code built or parse_cbor bounded.
class Writer {
 public:
  Bytes out;
  void operator()(CborNull) { out.push_back(std::byte{0xf6}); }
  void operator()(bool value) { out.push_back(value ? std::byte{0xf5} : std::byte{0xf4}); }
  void operator()(std::uint64_t value) { write_head(out, Major::unsigned_integer, value); }
  void operator()(const CborNegative& value) { write_head(out, Major::negative_integer, value.value); }
  void operator()(const Bytes& value) {
    write_head(out, Major::bytes, value.size());
    append(out, value);
  }
  void operator()(const std::string& value) {
    write_head(out, Major::text, value.size());
    append(out, davit::as_bytes(value));
  }
  void operator()(const CborArray& items) {
    write_head(out, Major::array, items.size());
    for (const Cbor& item : items) std::visit(*this, item.value());
  }
  void operator()(const CborMap& entries) {
    write_head(out, Major::map, entries.size());
    for (const auto& [key, value] : entries) {
      std::visit(*this, key.value());
      std::visit(*this, value.value());
    }
  }
  void operator()(const Cbor::Tag& tag) {
    write_head(out, Major::tag, tag.first);
    std::visit(*this, tag.second.front().value());
  }
};

}  // namespace

Cbor Cbor::integer(std::int64_t value) {
  if (value >= 0) return Cbor(Value(static_cast<std::uint64_t>(value)));
  return Cbor(Value(CborNegative{static_cast<std::uint64_t>(-(value + 1))}));
}

Cbor Cbor::tag(std::uint64_t number, Cbor value) {
  CborArray content;
  content.push_back(std::move(value));
  return Cbor(Value(Tag(number, std::move(content))));
}

const Cbor* Cbor::as_tagged(std::uint64_t number) const {
  const auto* tag = std::get_if<Tag>(&value_);
  return tag != nullptr && tag->first == number ? &tag->second.front() : nullptr;
}

std::optional<std::int64_t> Cbor::as_integer() const {
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (const auto* positive = std::get_if<std::uint64_t>(&value_)) {
    if (*positive <= most) return static_cast<std::int64_t>(*positive);
  }
  if (const auto* negative = std::get_if<CborNegative>(&value_)) {
    if (negative->value <= most) return -1 - static_cast<std::int64_t>(negative->value);
  }
  return std::nullopt;
}

Result<Cbor> parse_cbor(ByteView input) {
  Reader reader(input);
  TRY_ASSIGN(Cbor value, reader.read(0));
  if (reader.position() != input.size()) {
    return fail_at(ErrorCode::malformed, std::to_string(input.size() - reader.position()) + " bytes follow the CBOR value",
                   reader.position());
  }
  return value;
}

Bytes write_cbor(const Cbor& value) {
  Writer writer;
  std::visit(writer, value.value());
  return std::move(writer.out);
}

const Cbor* find_in(const CborMap& map, const Cbor& key) {
  const auto found = std::ranges::find_if(map, [&](const auto& entry) { return entry.first == key; });
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace davit::oci
