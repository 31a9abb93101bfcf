// Bundles of every version, by key and by certificate, logged in both generations; the classic form and attestations.
#include <memory>

#include "mutate/engine.hpp"
#include "support/forge/forms.hpp"

namespace davit::mutate {
namespace {

using namespace davit::forge;

struct Stage {
  World world;
  oci::SigstoreTrust trust = trust_of(world);
};

Subject bundle_subject(const std::string& name, const std::shared_ptr<Stage>& stage, const Making& making) {
  oci::SigstoreTrust trust = stage->trust;
  if (making.certificate.empty()) {
    trust.identities.clear();
    trust.keys = {*oci::PublicKey::from_der(making.key.spki())};
    trust.min_logs_with_key = making.bundle.entries.size();
  }
  const bool statement = std::holds_alternative<Envelope>(making.bundle.content);
  return {name, {{"bundle", making.text()}}, [stage, trust, statement](const std::vector<std::string>& parts) {
            return oci::judge_bundle(parts[0], question(statement ? k_predicate : ""), trust);
          }};
}

Subject classic_subject(const std::string& name, const std::shared_ptr<Stage>& stage, const ClassicMaking& making) {
  oci::SigstoreTrust trust = stage->trust;
  if (making.certificate.empty()) {
    trust.identities.clear();
    trust.keys = {*oci::PublicKey::from_der(making.key.spki())};
    trust.min_logs_with_key = making.entry.bundle.empty() ? 0 : 1;
  }
  const bool attestation = making.entry.attestation;
  std::vector<std::pair<std::string, std::string>> parts{{"payload", making.payload}, {"signature", making.entry.signature}};
  if (!making.entry.certificate.empty()) parts.emplace_back("certificate", making.entry.certificate);
  if (!making.entry.chain.empty()) parts.emplace_back("chain", making.entry.chain);
  if (!making.entry.bundle.empty()) parts.emplace_back("bundle", making.entry.bundle);
  if (!making.entry.timestamp.empty()) parts.emplace_back("timestamp", making.entry.timestamp);
  std::vector<std::string> names;
  for (const auto& part : parts) names.push_back(part.first);
  return {name, std::move(parts), [stage, trust, attestation, names](const std::vector<std::string>& texts) {
            oci::ClassicEntry entry{.payload = as_bytes(texts[0]), .signature = texts[1], .attestation = attestation};
            for (std::size_t i = 2; i < texts.size(); ++i) {
              if (names[i] == "certificate") entry.certificate = texts[i];
              if (names[i] == "chain") entry.chain = texts[i];
              if (names[i] == "bundle") entry.bundle = texts[i];
              if (names[i] == "timestamp") entry.timestamp = texts[i];
            }
            oci::Question ask = question(attestation ? k_predicate : "");
            ask.artifact.is_file = false;
            return oci::judge_classic(entry, ask, trust);
          }};
}

Making of_version(Making making, const char* type, const World& world) {
  making.bundle.media_type = type;
  if (!making.certificate.empty() && making.bundle.version() < 3) making.bundle.certificates.push_back(world.fulcio.issuer);
  return making;
}

std::vector<Subject> make_subjects() {
  const auto stage = std::make_shared<Stage>();
  World& world = stage->world;
  constexpr const char* k_01 = "application/vnd.dev.sigstore.bundle+json;version=0.1";
  constexpr const char* k_02 = "application/vnd.dev.sigstore.bundle+json;version=0.2";
  Making stamped = make_message(world, true, Logged::first_generation);
  stamp_it(stamped, {.bag = {world.tsa.certificate}});
  return {bundle_subject("bundle 0.3, key", stage, make_message(world, false, Logged::not_at_all)),
          bundle_subject("bundle 0.3, key, statement", stage, make_statement(world, false, Logged::not_at_all)),
          bundle_subject("bundle 0.3, key, logged", stage, make_message(world, false, Logged::first_generation)),
          bundle_subject("bundle 0.1, keyless", stage, of_version(make_message(world, true, Logged::first_generation), k_01, world)),
          bundle_subject("bundle 0.2, keyless", stage, of_version(make_message(world, true, Logged::first_generation), k_02, world)),
          bundle_subject("bundle 0.3, keyless, stamped", stage, stamped),
          bundle_subject("bundle 0.3, keyless, statement, dsse entry", stage, make_statement(world, true, Logged::first_generation)),
          bundle_subject("bundle 0.3, keyless, second log generation", stage, make_message(world, true, Logged::second_generation)),
          bundle_subject("bundle 0.3, keyless, statement, second log generation", stage,
                         make_statement(world, true, Logged::second_generation)),
          classic_subject("classic, key", stage, make_classic(world, false, false)),
          classic_subject("classic, keyless", stage, make_classic(world, true, true)),
          classic_subject("classic attestation, keyless", stage, make_classic_attestation(world, true))};
}

bool has(const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; }

bool ends(const std::string& text, std::string_view what) { return text.ends_with(what); }

// The bundle's chain behind the signer's certificate, and the annotation for it.
bool is_help(const Subject&, const Mutation& one) {
  if (one.part == "chain") return true;
  if (has(one.place, "/certificates/1") && !has(one.place, "~")) return true;
  return ends(one.place, "/certificates/0") && one.how == "duplicate";
}

// Something that vouches for the same thing is still there: a promise and a proof, or a log's time and a timestamp.
bool is_second_witness(const Subject&, const Mutation& one) {
  if (one.how != "drop") return false;
  return ends(one.place, "/inclusionPromise") || ends(one.place, "/inclusionProof") || ends(one.place, "/checkpoint") ||
         has(one.place, "/timestampVerificationData");
}

std::vector<AcceptedClass> make_classes() {
  return {
      {"order", "members of an unsigned JSON object have no order",
       [](const Subject&, const Mutation& one) { return one.how == "reorder" && !has(one.place, ">"); }},
      {"hint", "the hint of a key is not signed and nothing is chosen by it",
       [](const Subject&, const Mutation& one) { return ends(one.place, "/publicKey/hint") || ends(one.place, "/publicKey/hint>"); }},
      {"help", "certificates beside the signer's only help to find the way; the trusted root knows it without them", is_help},
      {"claim", "the digest beside a file's signature is a claim that may be absent; the signature is over the file",
       [](const Subject&, const Mutation& one) { return ends(one.place, "/messageDigest") && one.how == "drop"; }},
      {"second witness", "what was taken away is not asked for beside what is still there", is_second_witness},
      {"granted", "an authority that granted with changes granted; the token is what counts",
       [](const Subject&, const Mutation& one) { return has(one.place, "imestamp>") && one.how == "flip"; }},
      {"bag", "a timestamp's own certificates are not needed; the trusted root has them",
       [](const Subject& subject, const Mutation& one) {
         return has(subject.name, "stamped") && has(one.place, "imestamp>") && one.how == "der-drop";
       }},
      {"line", "a checkpoint may hold the same signature of its log twice",
       [](const Subject&, const Mutation& one) { return ends(one.place, "/checkpoint/envelope") && one.how == "line-duplicate"; }},
  };
}

const Registration registered(make_subjects, make_classes);

}  // namespace
}  // namespace davit::mutate
