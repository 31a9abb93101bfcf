#include "oci/trust/sigstore/service_client.hpp"

#include "manifests/encoding.hpp"

namespace davit::oci {

Result<ServiceAnswer> ask_service(Transport& transport, const ServiceQuestion& question) {
  TRY_ASSIGN(Url url, Url::parse(question.url));
  if (url.scheme != "https" && !is_loopback_host(url.host) && !question.from_machine) {
    return fail(ErrorCode::usage, "the service " + url.redacted() + " is not reached over https").hinting("give its https address");
  }
  const auto body = make_memory_origin(question.body);
  HttpRequest request{.method = question.method, .url = url, .past_proxies = question.from_machine};
  request.headers.emplace_back("Accept", question.accept);
  if (!question.content_type.empty()) request.headers.emplace_back("Content-Type", question.content_type);
  if (!question.header.first.empty()) request.headers.push_back(question.header);
  if (question.authorization != nullptr)
    request.headers.emplace_back("Authorization", std::string(as_text(question.authorization->view())));
  if (question.method != "GET") {
    request.body = body.get();
    request.body_bytes = question.body.size();
  }
  auto response = transport.send(request);
  for (auto& [name, value] : request.headers)
    if (name == "Authorization") wipe_text(value);
  if (!response) return std::move(response).error().during("asking " + url.redacted());
  ServiceAnswer answer{.status = response->status, .location = response->header("Location"), .flavor = response->header("Metadata-Flavor")};
  TRY_ASSIGN(answer.body, read_all(*response->body, k_max_service_answer_bytes));
  return answer;
}

Error service_refusal(const std::string& service, const ServiceQuestion& question, const ServiceAnswer& answer) {
  const std::string_view text = as_text(answer.body);
  const std::string line = printable(text.substr(0, text.find('\n')));
  const auto url = Url::parse(question.url);
  Error error = fail(answer.status == 401 || answer.status == 403 ? ErrorCode::denied : ErrorCode::registry,
                     service + " answered with status " + std::to_string(answer.status) + (line.empty() ? "" : ": " + line));
  if (url) error.place = url->redacted();
  return error;
}

std::string service_url(const std::string& base, std::string_view path) {
  std::string out = base;
  while (out.ends_with('/')) out.pop_back();
  return out + std::string(path);
}

}  // namespace davit::oci
