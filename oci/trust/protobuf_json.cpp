#include "oci/trust/protobuf_json.hpp"

#include <charconv>

namespace davit::oci {

Result<std::uint64_t> protobuf_unsigned(const JsonView& object, std::string_view name) {
  const auto field = object.find(name);
  if (!field) return std::uint64_t{0};
  const std::string* text = field->json().string();
  if (text == nullptr) return field->as_unsigned();
  std::uint64_t value = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  // One text per number: no sign, no leading zero.
  const bool canonical = error == std::errc{} && stop == end && (text->size() == 1 || text->front() != '0');
  if (!canonical) return field->complaint("expected a number that is not negative");
  return value;
}

}  // namespace davit::oci
