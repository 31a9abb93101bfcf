// Strips any bytes: an edit of nothing gives the same bytes, and what is left of a good file is a good file.
#include <algorithm>

#include "wasm/custom_section.hpp"
#include "wasm/editor.hpp"
#include "wasm/summary.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  const ByteView input(reinterpret_cast<const std::byte*>(data), size);
  const auto nothing = wasm::strip_sections(input, {}, wasm::Limits{});
  if (!nothing) return 0;
  CHECK(std::ranges::equal(nothing->file.joined(), input));
  const auto all = wasm::strip_sections(input, {.all = true, .drop = {"*"}}, wasm::Limits{});
  if (!all) {
    CHECK(all.error().code == ErrorCode::unsupported);
    return 0;
  }
  const Bytes rest = all->file.joined();
  CHECK(rest.size() == all->file.size() && rest.size() <= input.size());
  const auto again = wasm::strip_sections(rest, {.all = true, .drop = {"*"}}, wasm::Limits{});
  CHECK(again.has_value() && again->removed.empty());
  if (wasm::summarize(input, wasm::Limits{}, wasm::ReadDepth::code))
    CHECK(wasm::summarize(rest, wasm::Limits{}, wasm::ReadDepth::code).has_value());
  const auto set = wasm::set_custom_section(input, "x", input.first(std::min<std::size_t>(size, 9)));
  CHECK(set.has_value());
  const auto found = wasm::find_custom_section(*set, "x");
  CHECK(found.has_value() && found->has_value() && std::ranges::equal(**found, input.first(std::min<std::size_t>(size, 9))));
  return 0;
}
