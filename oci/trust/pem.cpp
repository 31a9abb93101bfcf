#include "oci/trust/pem.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "oci/trust/secret.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_begin = "-----BEGIN ";
constexpr std::string_view k_end = "-----END ";
constexpr std::string_view k_dashes = "-----";
constexpr std::string_view k_blanks = " \t\r\n";
constexpr std::size_t k_line_length = 64;

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(k_blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(k_blanks) - first + 1);
}

Error no_block(std::string why) {
  return fail(ErrorCode::malformed, "this is not a PEM file: " + std::move(why))
      .hinting("a PEM file starts with a line like -----BEGIN PUBLIC KEY-----");
}

}  // namespace

Result<PemBlock> parse_pem(std::string_view text) {
  if (text.size() > k_max_pem_bytes) {
    return fail(ErrorCode::limit,
                "a PEM file of " + std::to_string(text.size()) + " bytes is over the limit of " + std::to_string(k_max_pem_bytes));
  }
  text = trim(text);
  if (!text.starts_with(k_begin)) return no_block("it does not start with a BEGIN line");
  const std::size_t line_end = text.find('\n');
  if (line_end == std::string_view::npos) return no_block("nothing follows its BEGIN line");
  std::string_view first_line = trim(text.substr(0, line_end));
  if (!first_line.ends_with(k_dashes) || first_line.size() <= k_begin.size() + k_dashes.size())
    return no_block("its BEGIN line is cut short");
  const std::string label(first_line.substr(k_begin.size(), first_line.size() - k_begin.size() - k_dashes.size()));
  const std::string last_line = std::string(k_end) + label + std::string(k_dashes);
  if (!text.ends_with(last_line)) return no_block("it does not end with \"" + printable(last_line) + "\"");
  const std::string_view body = text.substr(line_end + 1, text.size() - line_end - 1 - last_line.size());

  std::string base64;
  base64.reserve(body.size());
  std::ranges::copy_if(body, std::back_inserter(base64), [](char c) { return c != '\n' && c != '\r'; });
  auto content = decode_base64(base64);
  wipe_text(base64);
  if (!content) return no_block("between its BEGIN and END lines stands something other than base64");
  return PemBlock{label, *std::move(content)};
}

std::string write_pem(std::string_view label, ByteView content) {
  std::string base64 = encode_base64(content);
  // One buffer, never regrown: the content may be a secret, and what is left behind by growing cannot be wiped.
  std::string text;
  text.reserve(base64.size() + base64.size() / k_line_length + 2 * (label.size() + k_begin.size() + k_dashes.size() + 1) + 1);
  text.append(k_begin).append(label).append(k_dashes).append("\n");
  for (std::size_t at = 0; at < base64.size(); at += k_line_length) text.append(base64, at, k_line_length).append("\n");
  wipe_text(base64);
  text.append(k_end).append(label).append(k_dashes).append("\n");
  return text;
}

}  // namespace davit::oci
