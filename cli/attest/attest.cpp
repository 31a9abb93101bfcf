#include "cli/attest/attest.hpp"

#include "cli/artifact.hpp"
#include "cli/sign/sign_words.hpp"

namespace davit::cli {
namespace {

using Made = std::vector<std::pair<std::string, std::vector<oci::PreparedEntry>>>;

Result<Made> sign_statement(oci::Repository& repository, const Descriptor& subject, const Statement& statement, const Signers& signers,
                            const oci::SigningRequest& request) {
  Made made;
  for (const auto& signer : signers.all()) {
    auto entries = oci::prepare_attestations(repository, subject, statement, *signer, request);
    if (!entries) return std::move(entries).error().during("attesting to " + subject.digest.text());
    made.emplace_back(signer->name(), *std::move(entries));
  }
  return made;
}

}  // namespace

Result<std::vector<Attested>> attest_in_store(const Context& context, oci::Repository& repository, const Reference& reference,
                                              const Descriptor& subject, const Predicate& predicate, Signers signers,
                                              const std::string& format) {
  oci::SigningRequest request{.formats = formats_of(format)};
  TRY_ASSIGN(request.created, created_time(context));
  const Statement statement = oci::make_statement(subject.digest, signing_identity(reference), predicate.type, predicate.content);
  Made made;
  {
    const Signers used = std::move(signers);
    TRY_ASSIGN(made, sign_statement(repository, subject, statement, used, request));
  }
  std::vector<Attested> done;
  for (const auto& [signer, prepared] : made) {
    auto entries = oci::store_entries(repository, prepared);
    if (!entries) return std::move(entries).error().during("attesting to " + subject.digest.text());
    for (const oci::SignatureEntry& entry : *entries) {
      context.say(std::string(entry.added ? "attested" : "already attested") + " (" + std::string(to_text(entry.format)) + ") as " +
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
