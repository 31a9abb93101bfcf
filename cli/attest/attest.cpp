#include "cli/attest/attest.hpp"

#include "cli/artifact.hpp"
#include "cli/sign/sign_words.hpp"

namespace davit::cli {

Result<std::vector<Attested>> attest_in_store(const Context& context, oci::Repository& repository, const Reference& reference,
                                              const Descriptor& subject, const Predicate& predicate,
                                              std::vector<std::unique_ptr<oci::SigningKey>> keys, const std::string& format) {
  oci::SigningRequest request{.formats = formats_of(format)};
  TRY_ASSIGN(request.created, created_time(context));
  const Statement statement = oci::make_statement(subject.digest, signing_identity(reference), predicate.type, predicate.content);
  std::vector<std::pair<std::string, std::vector<oci::PreparedEntry>>> prepared;
  for (const auto& key : keys) {
    auto entries = oci::prepare_attestations(repository, subject, statement, oci::KeySigner(*key), request);
    if (!entries) return std::move(entries).error().during("attesting to " + subject.digest.text());
    prepared.emplace_back(key->public_key().name(), *std::move(entries));
  }
  keys.clear();
  std::vector<Attested> done;
  for (const auto& [signer, made] : prepared) {
    auto entries = oci::store_entries(repository, made);
    if (!entries) return std::move(entries).error().during("attesting to " + subject.digest.text());
    for (const oci::SignatureEntry& entry : *entries) {
      context.say(std::string(entry.added ? "attested" : "already attested") + " (" + std::string(to_text(entry.format)) + ") with key " +
                  signer);
      done.push_back({signer, entry});
    }
  }
  return done;
}

Json to_json(const std::vector<Attested>& attested) {
  JsonArray out;
  for (const Attested& each : attested) {
    out.emplace_back(JsonObject{{"format", to_text(each.entry.format)},
                                {"manifest", each.entry.manifest.text()},
                                {"added", each.entry.added},
                                {"signer", each.signer}});
  }
  return out;
}

}  // namespace davit::cli
