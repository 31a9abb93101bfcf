// Builds small modules and components byte by byte, good and bad, for tests.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "manifests/bytes.hpp"
#include "wasm/cursor.hpp"

namespace davit::wasm::test {

class Builder {
 public:
  static Builder module() { return Builder("\0asm\1\0\0\0"); }
  static Builder component() { return Builder("\0asm\x0d\0\1\0"); }

  /// A section with this payload and its right size.
  Builder& section(int id, std::string_view payload) {
    bytes_.push_back(static_cast<std::byte>(id));
    append_leb(bytes_, payload.size());
    return raw(payload);
  }
  Builder& custom(std::string_view name, std::string_view content) {
    Bytes payload;
    append_leb(payload, name.size());
    return section(0, std::string(as_text(payload)) + std::string(name) + std::string(content));
  }
  Builder& nested(int id, const Bytes& inner) { return section(id, as_text(inner)); }
  Builder& raw(std::string_view bytes) {
    for (const char c : bytes) bytes_.push_back(static_cast<std::byte>(c));
    return *this;
  }
  [[nodiscard]] const Bytes& bytes() const { return bytes_; }

 private:
  explicit Builder(const char (&preamble)[9]) { raw(std::string_view(preamble, 8)); }
  Bytes bytes_{};
};

/// Text with NUL bytes in it.
template <std::size_t N>
std::string_view literal(const char (&text)[N]) {
  return {text, N - 1};
}

/// `(module (type (func)) (func) (export "f" (func 0)))`
inline Builder small_module() {
  return Builder::module()
      .section(1, literal("\1\x60\0\0"))
      .section(3, literal("\1\0"))
      .section(7, literal("\1\1f\0\0"))
      .section(10, literal("\1\2\0\x0b"));
}

/// A module with this function body (locals and instructions without the last `end`), one memory and one table.
inline Builder module_with_body(std::string_view instructions) {
  Bytes body;
  append_leb(body, instructions.size() + 1);
  Builder out = Builder::module();
  out.section(1, literal("\1\x60\0\0")).section(3, literal("\1\0")).section(4, literal("\1\x70\0\0")).section(5, literal("\1\0\1"));
  out.section(10, std::string("\1") + std::string(as_text(body)) + std::string(instructions) + "\x0b");
  return out;
}

/// `(module (import MODULE NAME (func)))`
inline Builder module_importing(std::string_view module, std::string_view name) {
  Bytes payload{std::byte{1}};
  append_leb(payload, module.size());
  std::string text = std::string(as_text(payload)) + std::string(module);
  Bytes length;
  append_leb(length, name.size());
  text += std::string(as_text(length)) + std::string(name) + std::string(2, '\0');
  return Builder::module().section(1, literal("\1\x60\0\0")).section(2, text);
}

/// `(component (core module …))` around one module, with a custom section before it.
inline Builder component_around(const Bytes& module) { return Builder::component().custom("before", "x").nested(1, module); }

}  // namespace davit::wasm::test
