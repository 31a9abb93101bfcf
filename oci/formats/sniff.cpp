#include "oci/formats/sniff.hpp"

#include <algorithm>

namespace davit::oci {
namespace {

constexpr std::size_t k_wasm_preamble_bytes = 8;
constexpr std::size_t k_tar_mark_offset = 257;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// WebAssembly text begins with `(module` or `(component` after blanks and line comments.
std::string_view skip_text_head(std::string_view text) {
  while (!text.empty()) {
    if (is_blank(text.front())) text.remove_prefix(1);
    else if (text.starts_with(";;")) text.remove_prefix(std::min(text.find('\n'), text.size()));
    else break;
  }
  return text;
}

class PrefixedSource : public Source {
 public:
  PrefixedSource(Bytes head, Source& rest) : head_(std::move(head)), rest_(rest) {}
  Result<std::size_t> read(std::span<std::byte> out) override {
    if (position_ == head_.size()) return rest_.read(out);
    const std::size_t count = std::min(out.size(), head_.size() - position_);
    std::copy_n(head_.begin() + static_cast<std::ptrdiff_t>(position_), count, out.begin());
    position_ += count;
    return count;
  }

 private:
  Bytes head_;
  Source& rest_;
  std::size_t position_ = 0;
};

}  // namespace

ByteKind sniff(ByteView head) {
  const std::string_view text = as_text(head);
  if (text.empty()) return ByteKind::empty;
  if (text.starts_with(std::string_view("\0asm", 4)) && text.size() >= k_wasm_preamble_bytes) return ByteKind::wasm;
  if (text.starts_with(std::string_view("\0webc", 5))) return ByteKind::webc;
  if (text.starts_with(std::string_view("\177ELF", 4))) return ByteKind::native;
  if (text.starts_with("#!")) return ByteKind::script;
  if (text.starts_with("\x1f\x8b")) return ByteKind::gzip;
  if (text.starts_with("\x28\xb5\x2f\xfd")) return ByteKind::zstd;
  // A frame that is to be skipped may stand before the first zstd frame; its last nibble is free.
  if (text.size() >= 4 && (static_cast<unsigned char>(text[0]) & 0xf0U) == 0x50U && text.substr(1, 3) == "\x2a\x4d\x18")
    return ByteKind::zstd;
  if (text.starts_with("PK\3\4") || text.starts_with("PK\5\6")) return ByteKind::zip;
  if (text.size() > k_tar_mark_offset && text.substr(k_tar_mark_offset).starts_with("ustar")) return ByteKind::tar;
  const std::string_view word = skip_text_head(text);
  if (word.starts_with("(module") || word.starts_with("(component")) return ByteKind::wasm_text;
  if (word.starts_with('{') || word.starts_with('[')) return ByteKind::json;
  return ByteKind::other;
}

std::string_view describe(ByteKind kind) {
  switch (kind) {
    case ByteKind::wasm: return "a wasm file";
    case ByteKind::wasm_text: return "WebAssembly text";
    case ByteKind::native: return "a native ELF program";
    case ByteKind::script: return "a script";
    case ByteKind::webc: return "a WebC container";
    case ByteKind::gzip: return "a gzip file";
    case ByteKind::zstd: return "a zstd file";
    case ByteKind::tar: return "a tar archive";
    case ByteKind::zip: return "a zip archive";
    case ByteKind::json: return "a JSON document";
    case ByteKind::empty: return "empty";
    case ByteKind::other: return "a file of another kind";
  }
  return "";
}

Result<Bytes> read_head(Source& source, std::size_t size) {
  Bytes head(size);
  std::size_t have = 0;
  while (have < head.size()) {
    TRY_ASSIGN(const std::size_t count, source.read(std::span(head).subspan(have)));
    if (count == 0) break;
    have += count;
  }
  head.resize(have);
  return head;
}

std::unique_ptr<Source> make_prefixed_source(Bytes head, Source& rest) { return std::make_unique<PrefixedSource>(std::move(head), rest); }

}  // namespace davit::oci
