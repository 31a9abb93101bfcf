#include "cli/debug/trace.hpp"

#include <charconv>

namespace davit::cli {
namespace {

template <typename Number>
std::optional<Number> number_at(std::string_view text, int base) {
  Number out = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (problem != std::errc() || end == text.data()) return std::nullopt;
  return out;
}

std::optional<std::uint32_t> function_in(std::string_view line) {
  static constexpr std::string_view k_mark = "wasm-function[";
  const std::size_t at = line.find(k_mark);
  if (at == std::string_view::npos) return std::nullopt;
  return number_at<std::uint32_t>(line.substr(at + k_mark.size()), 10);
}

}  // namespace

std::optional<TracePlace> place_in(std::string_view line) {
  TracePlace out{.function = function_in(line)};
  // Of several numbers the last one: runtimes that also print a machine address print it first.
  for (std::size_t at = line.find("0x"); at != std::string_view::npos; at = line.find("0x", at + 2)) {
    const auto offset = number_at<std::uint64_t>(line.substr(at + 2), 16);
    if (offset) out.offset = offset;
  }
  if (!out.offset && !out.function) return std::nullopt;
  return out;
}

}  // namespace davit::cli
