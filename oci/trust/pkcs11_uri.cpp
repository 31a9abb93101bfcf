#include "oci/trust/pkcs11_uri.hpp"

#include <charconv>
#include <set>

#include "manifests/encoding.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_scheme = "pkcs11:";
constexpr std::string_view k_file_scheme = "file:";

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

Result<std::string> decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out.push_back(text[at]);
      continue;
    }
    const auto high = at + 1 < text.size() ? hex_digit(text[at + 1]) : std::nullopt;
    const auto low = at + 2 < text.size() ? hex_digit(text[at + 2]) : std::nullopt;
    if (!high || !low) return fail(ErrorCode::malformed, "a % in a pkcs11: URI needs two hex digits after it");
    out.push_back(static_cast<char>(*high << 4U | *low));
    at += 2;
  }
  return out;
}

Result<void> keep_number(const std::string& value, std::optional<std::uint64_t>& out) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size()) {
    return fail(ErrorCode::malformed, "slot-id \"" + printable(value) + "\" in a pkcs11: URI is no number");
  }
  out = number;
  return {};
}

Result<void> keep_path_attribute(const std::string& name, std::string value, Pkcs11Uri& uri) {
  if (name == "token") {
    uri.token = std::move(value);
  } else if (name == "manufacturer") {
    uri.manufacturer = std::move(value);
  } else if (name == "model") {
    uri.model = std::move(value);
  } else if (name == "serial") {
    uri.serial = std::move(value);
  } else if (name == "object") {
    uri.object = std::move(value);
  } else if (name == "id") {
    uri.id = to_bytes(value);
  } else if (name == "slot-id") {
    return keep_number(value, uri.slot_id);
  } else if (name == "type") {
    if (value != "private" && value != "public") {
      return fail(ErrorCode::malformed, "a pkcs11: URI of type \"" + printable(value) + "\" names no key; expected private or public");
    }
  } else {
    return fail(ErrorCode::unsupported, "the attribute \"" + printable(name) + "\" of a pkcs11: URI is not supported")
        .hinting("name the key by token, serial, manufacturer, model, slot-id, object and id");
  }
  return {};
}

Result<void> keep_query_attribute(const std::string& name, std::string value, Pkcs11Uri& uri) {
  if (name == "module-path") {
    uri.module_path = std::move(value);
  } else if (name == "pin-source") {
    uri.pin_source = value.starts_with(k_file_scheme) ? value.substr(k_file_scheme.size()) : std::move(value);
    if (uri.pin_source.starts_with("//")) uri.pin_source.erase(0, 2);
    if (uri.pin_source.empty() || uri.pin_source.front() == '|') {
      return fail(ErrorCode::malformed, "pin-source in a pkcs11: URI names no file");
    }
  } else if (name == "pin-value") {
    return fail(ErrorCode::usage, "a PIN is not taken from a pkcs11: URI, where everybody can read it")
        .hinting("use pin-source=FILE, --password-fd or DAVIT_PASSWORD");
  } else {
    return fail(ErrorCode::unsupported, "the attribute \"" + printable(name) + "\" of a pkcs11: URI is not supported");
  }
  return {};
}

using Keep = Result<void> (*)(const std::string&, std::string, Pkcs11Uri&);

Result<void> parse_attributes(std::string_view text, char separator, Keep keep, Pkcs11Uri& uri) {
  std::set<std::string> seen;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      return fail(ErrorCode::malformed, "\"" + printable(part) + "\" in a pkcs11: URI is not of the form name=value");
    }
    std::string name(part.substr(0, equals));
    if (!seen.insert(name).second) return fail(ErrorCode::malformed, "a pkcs11: URI says \"" + printable(name) + "\" twice");
    TRY_ASSIGN(std::string value, decode_percent(part.substr(equals + 1)));
    TRY(keep(name, std::move(value), uri));
  }
  return {};
}

}  // namespace

bool is_pkcs11_uri(std::string_view text) { return text.starts_with(k_scheme); }

Result<Pkcs11Uri> parse_pkcs11_uri(std::string_view text) {
  if (text.size() > k_max_pkcs11_uri_bytes) {
    return fail(ErrorCode::limit, "a pkcs11: URI of " + std::to_string(text.size()) + " bytes is over the limit of " +
                                      std::to_string(k_max_pkcs11_uri_bytes));
  }
  if (!is_pkcs11_uri(text)) return fail(ErrorCode::malformed, "\"" + printable(text) + "\" is no pkcs11: URI");
  text.remove_prefix(k_scheme.size());
  const std::size_t question = std::min(text.find('?'), text.size());
  Pkcs11Uri uri;
  TRY(parse_attributes(text.substr(0, question), ';', keep_path_attribute, uri));
  TRY(parse_attributes(text.substr(std::min(question + 1, text.size())), '&', keep_query_attribute, uri));
  return uri;
}

}  // namespace davit::oci
