#include "oci/registry/registry_error.hpp"

#include "manifests/encoding.hpp"
#include "manifests/json.hpp"

namespace davit::oci {
namespace {

constexpr std::uint64_t k_max_error_bytes = 64 * 1024;

std::string what_it_says(HttpResponse& response) {
  const auto body = read_all(*response.body, k_max_error_bytes);
  if (!body) return {};
  const auto json = parse_json(as_text(*body), {.size_bytes = k_max_error_bytes, .depth = 32});
  if (!json) return {};
  const JsonView view(*json);
  const auto errors = view.find("errors");
  if (!errors) return {};
  const auto items = errors->as_items();
  if (!items || items->empty()) return {};
  std::string out;
  for (const std::string_view name : {"code", "message"}) {
    const auto member = items->front().find(name);
    const auto text = member ? member->as_string() : Result<std::string>(std::string());
    if (text && !text->empty()) out += (out.empty() ? "" : ": ") + printable(*text);
  }
  return out;
}

ErrorCode class_of(int status) {
  switch (status) {
    case 401:
    case 403: return ErrorCode::denied;
    case 404: return ErrorCode::not_found;
    case 405:
    case 501: return ErrorCode::unsupported;
    case 409:
    case 412: return ErrorCode::conflict;
    case 413: return ErrorCode::limit;
    case 408:
    case 429: return ErrorCode::network;
    default: return status >= 500 ? ErrorCode::network : ErrorCode::registry;
  }
}

std::string hint_of(ErrorCode code, int status, const std::string& host) {
  if (code == ErrorCode::denied) return "run \"davit login " + host + "\", or check that the account may do this";
  if (code == ErrorCode::not_found) return "check the name and the tag; a private repository may hide behind this answer until you log in";
  if (status == 429) return "the registry limits requests; wait, or log in for a higher limit";
  if (code == ErrorCode::network) return "the registry has a problem of its own; try again later";
  return {};
}

}  // namespace

Error registry_error(HttpResponse& response, const HttpRequest& request, const std::string& doing) {
  const ErrorCode code = class_of(response.status);
  const std::string said = what_it_says(response);
  std::string message = "cannot " + doing;
  message += said.empty() ? ": the registry answered " + std::to_string(response.status) : ": the registry says \"" + said + "\"";
  std::string place = request.method + " " + request.url.redacted() + " answered " + std::to_string(response.status);
  return fail(code, std::move(message)).in(std::move(place)).hinting(hint_of(code, response.status, request.url.host));
}

}  // namespace davit::oci
