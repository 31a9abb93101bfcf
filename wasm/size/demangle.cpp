#include "wasm/size/demangle.hpp"

#include <libiberty/demangle.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <optional>
#include <utility>

namespace davit::wasm {
namespace {

constexpr std::string_view k_no_package = "C and others";
constexpr std::string_view k_no_namespace = "C++ without namespace";
constexpr std::size_t k_hash_bytes = 19;  // `::h` with sixteen hexadecimal digits

// A hostile name of a few bytes can stand for gigabytes, so that the library is left in the middle of its work.
struct Collected {
  std::string text{};
  std::jmp_buf enough{};
};

void collect(const char* text, std::size_t size, void* opaque) {
  auto* out = static_cast<Collected*>(opaque);
  if (out->text.size() + size > k_max_demangled_bytes) std::longjmp(out->enough, 1);  // NOLINT(cert-err52-cpp): only C frames between
  out->text.append(text, size);
}

// Which of the two a `_ZN…` is only its end tells; the Rust reader refuses what has no hash there.
std::optional<std::string> demangle_symbol(const std::string& symbol) {
  Collected out;
  if (setjmp(out.enough) != 0) return std::nullopt;  // NOLINT(cert-err52-cpp)
  if (rust_demangle_callback(symbol.c_str(), 0, collect, &out) != 0) return std::move(out.text);
  out.text.clear();
  if (cplus_demangle_v3_callback(symbol.c_str(), DMGL_PARAMS | DMGL_ANSI, collect, &out) != 0) return std::move(out.text);
  return std::nullopt;
}

// LLVM appends `.llvm.123` to what it made local in another unit.
std::string_view without_suffix(std::string_view name) { return name.substr(0, name.find(".llvm.")); }

bool is_mangled(std::string_view name) { return name.starts_with("_R") || name.starts_with("_Z") || name.starts_with("__Z"); }

// wasm-ld demangles C++ by itself, and takes legacy Rust symbols for that: `core..fmt..Display$GT$::fmt::h0123456789abcdef`.
bool has_readable_hash(std::string_view name) {
  if (name.size() <= k_hash_bytes) return false;
  const std::string_view tail = name.substr(name.size() - k_hash_bytes);
  return tail.starts_with("::h") && tail.substr(3).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// `$u7e$`: a character by its number; nothing when it is none that a name shows.
std::optional<char> numbered_character(std::string_view escape) {
  unsigned code = 0;
  for (const char c : escape) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    code = code * 16 + static_cast<unsigned>(digit);
  }
  if (escape.empty() || escape.size() > 2 || code < 0x20 || code > 0x7e) return std::nullopt;
  return static_cast<char>(code);
}

// One escape at the front of what is left: `$LT$` and the like, or `..` for `::`; nothing when there is none.
std::optional<std::string> take_escape(std::string_view& rest) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> k_escapes = {
      {{"..", "::"}, {"$LT$", "<"}, {"$GT$", ">"}, {"$RF$", "&"}, {"$BP$", "*"}, {"$LP$", "("}, {"$RP$", ")"}, {"$C$", ","}}};
  for (const auto& [escape, text] : k_escapes) {
    if (!rest.starts_with(escape)) continue;
    rest.remove_prefix(escape.size());
    return std::string(text);
  }
  if (!rest.starts_with("$u")) return std::nullopt;
  const std::size_t end = rest.find('$', 2);
  const auto character = end == std::string_view::npos ? std::nullopt : numbered_character(rest.substr(2, end - 2));
  if (!character) return std::nullopt;
  rest.remove_prefix(end + 1);
  return std::string(1, *character);
}

std::string readable_rust(std::string_view name) {
  std::string_view rest = name.substr(0, name.size() - k_hash_bytes);
  if (rest.starts_with("_$")) rest.remove_prefix(1);
  std::string out;
  while (!rest.empty()) {
    if (const auto text = take_escape(rest)) {
      out += *text;
      continue;
    }
    // The underscore that keeps a word from beginning with a dollar.
    if (rest.starts_with("::_$")) {
      out += "::";
      rest.remove_prefix(3);
      continue;
    }
    out += rest.front();
    rest.remove_prefix(1);
  }
  return out;
}

// Go: the package is what stands before the first dot, or, of `github.com_a_b.F`, before the first one after the domain.
std::string go_package(std::string_view name) {
  std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return std::string(k_no_package);
  const std::size_t slash = name.find('_', dot);
  const std::string_view after = name.substr(dot + 1);
  // `com_…`: a domain's last word is short, lower-case and followed by what was a slash, with another dot behind it.
  const bool domain = slash != std::string_view::npos && slash > dot + 1 && slash - dot <= 5 &&
                      std::ranges::all_of(after.substr(0, slash - dot - 1), [](char c) { return c >= 'a' && c <= 'z'; }) &&
                      name.find('.', slash) != std::string_view::npos && name.find('_') >= dot;
  if (domain) dot = name.find('.', slash);
  return std::string(name.substr(0, dot));
}

}  // namespace

std::string demangle(std::string_view name) {
  if (name.size() > k_max_mangled_bytes || name.find('\0') != std::string_view::npos) return std::string(name);
  if (has_readable_hash(name)) return readable_rust(name);
  if (!is_mangled(name)) return std::string(name);
  std::string symbol(without_suffix(name));
  if (symbol.starts_with("__Z")) symbol.erase(0, 1);
  auto out = demangle_symbol(symbol);
  return out && !out->empty() ? *std::move(out) : std::string(name);
}

std::string package_of(std::string_view name, Language language) {
  if (language == Language::go) return go_package(name);
  const std::string readable = demangle(name);
  const bool mangled = is_mangled(name) && readable != name;
  if (!mangled && readable.find("::") == std::string::npos)
    return std::string(readable.find('(') == std::string::npos ? k_no_package : k_no_namespace);
  const bool rust = name.starts_with("_R") || has_readable_hash(name) || without_suffix(name).find("17h") != std::string_view::npos;
  std::string_view rest = readable;
  // What a C++ name says before its last word (`vtable for `, a result type) is not part of it.
  if (!rust) {
    const std::size_t arguments = std::min({rest.find('('), rest.find('<'), rest.size()});
    const std::size_t blank = rest.substr(0, arguments).rfind(' ');
    if (blank != std::string_view::npos) rest.remove_prefix(blank + 1);
  }
  // `<alloc::vec::Vec<T> as core::iter::Iterator>::next` and `&mut serde::…` belong to the type's crate.
  while (!rest.empty()) {
    if (rest.starts_with("mut ") || rest.starts_with("dyn ")) rest.remove_prefix(4);
    else if (rest.starts_with("const ")) rest.remove_prefix(6);
    else if (std::string_view("<&*([ ").find(rest.front()) != std::string_view::npos) rest.remove_prefix(1);
    else break;
  }
  const std::size_t end = rest.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
  const std::string_view word = rest.substr(0, end);
  const bool qualified = end != std::string_view::npos && rest.substr(end).starts_with("::");
  if (!word.empty() && qualified) return std::string(word);
  // Rust's own traits on types without a path (`<u8 as …>`, `<[T]>`) are in its core library.
  return std::string(rust ? "core" : k_no_namespace);
}

}  // namespace davit::wasm
