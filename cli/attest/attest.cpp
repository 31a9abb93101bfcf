#include "cli/attest/attest.hpp"

#include "cli/artifact.hpp"
#include "cli/sign/sign_words.hpp"

namespace davit::cli {
namespace {

struct Made {
  Digest subject;
  std::string signer;
  std::vector<oci::PreparedEntry> entries;
};

Result<std::vector<Made>> sign_statements(oci::Repository& repository, const std::vector<Descriptor>& subjects, const std::string& identity,
                                          const Predicate& predicate, const Signers& signers, const oci::SigningRequest& request) {
  std::vector<Made> made;
  for (const Descriptor& subject : subjects) {
    const Statement statement = oci::make_statement(subject.digest, identity, predicate.type, predicate.content);
    for (const auto& signer : signers.all()) {
      auto entries = oci::prepare_attestations(repository, subject, statement, *signer, request);
      if (!entries) return std::move(entries).error().during("attesting to " + subject.digest.text());
      made.push_back({subject.digest, signer->name(), *std::move(entries)});
    }
  }
  return made;
}

}  // namespace

Result<std::vector<Attested>> attest_in_store(const Context& context, oci::Repository& repository, const Reference& reference,
                                              const std::vector<Descriptor>& subjects, const Predicate& predicate, Signers signers,
                                              const std::string& format) {
  oci::SigningRequest request{.formats = formats_of(format)};
  TRY_ASSIGN(request.created, created_time(context));
  std::vector<Made> made;
  {
    const Signers used = std::move(signers);
    TRY_ASSIGN(made, sign_statements(repository, subjects, signing_identity(reference), predicate, used, request));
  }
  std::vector<Attested> done;
  for (const Made& one : made) {
    auto entries = oci::store_entries(repository, one.entries);
    if (!entries) return std::move(entries).error().during("attesting to " + one.subject.text());
    for (const oci::SignatureEntry& entry : *entries) {
      context.say(std::string(entry.added ? "attested" : "already attested") + " to " + one.subject.text() + " (" +
                  std::string(to_text(entry.format)) + ") as " + one.signer);
      done.push_back({one.subject, one.signer, entry});
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
                                {"signer", each.signer},
                                {"subject", each.subject.text()}});
  }
  return out;
}

}  // namespace davit::cli
