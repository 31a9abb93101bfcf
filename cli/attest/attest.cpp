#include "cli/attest/attest.hpp"

#include "cli/artifact.hpp"
#include "cli/sign/sign_words.hpp"

namespace davit::cli {

Result<std::vector<Attested>> attest_in_store(const Context& context, oci::Repository& repository, const Reference& reference,
                                              const Descriptor& subject, const Predicate& predicate,
                                              const std::vector<std::unique_ptr<oci::SigningKey>>& keys, const std::string& format) {
  oci::SigningRequest request{.formats = formats_of(format)};
  TRY_ASSIGN(request.created, created_time(context));
  const Statement statement = oci::make_statement(subject.digest, signing_identity(reference), predicate.type, predicate.content);
  std::vector<Attested> done;
  for (const auto& key : keys) {
    auto entries = oci::attest_manifest(repository, subject, statement, oci::KeySigner(*key), request);
    if (!entries) return std::move(entries).error().during("attesting to " + subject.digest.text());
    for (const oci::SignatureEntry& entry : *entries) {
      const std::string signer = key->public_key().name();
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
