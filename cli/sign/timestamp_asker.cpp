#include "cli/sign/timestamp_asker.hpp"

#include "cli/stores.hpp"
#include "oci/http/exchange.hpp"
#include "oci/trust/crypto/timestamp.hpp"

namespace davit::cli {
namespace {

// On the wire: never change.
constexpr const char* k_query_type = "application/timestamp-query";

Result<Bytes> ask(oci::Transport& transport, const oci::Url& url, ByteView message) {
  const oci::TimestampRequest request = oci::make_timestamp_request(message);
  // Plain http is what many authorities have; the answer is signed, and is about our own fresh number.
  TRY_ASSIGN(
      oci::SmallAnswer answer,
      oci::exchange(transport, {.url = url, .content_type = k_query_type, .body = request.der, .limit_bytes = oci::k_max_timestamp_bytes}));
  if (answer.status != 200 && answer.status != 201)
    return fail(ErrorCode::network, "the timestamp authority " + url.redacted() + " answered " + std::to_string(answer.status));
  auto stamp = oci::Timestamp::parse_response(answer.body);
  if (!stamp) return std::move(stamp).error().during("reading the answer of " + url.redacted());
  if (stamp->nonce() != request.nonce)
    return fail(ErrorCode::untrusted, "the timestamp authority " + url.redacted() + " answered another question");
  return std::move(answer.body);
}

}  // namespace

Result<oci::AskTimestamp> timestamp_asker(Context& context, const std::string& url) {
  if (url.empty()) return oci::AskTimestamp{};
  TRY_ASSIGN(const oci::Url parsed, oci::Url::parse(url));
  TRY_ASSIGN(const auto store, remote_store(context, "", "", StoreAccess::read));
  return oci::AskTimestamp([transport = store.transport, parsed](ByteView message) { return ask(*transport, parsed, message); });
}

}  // namespace davit::cli
