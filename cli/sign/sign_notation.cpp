#include "cli/sign/sign_notation.hpp"

#include <algorithm>
#include <array>

#include "cli/artifact.hpp"
#include "cli/clock.hpp"
#include "cli/sign/timestamp_asker.hpp"
#include "cli/stores.hpp"
#include "cli/version.hpp"
#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "manifests/time_text.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/notation/manifest.hpp"
#include "oci/trust/notation/sign.hpp"

namespace davit::cli {
namespace {

constexpr std::uint64_t k_max_signed_file_bytes = std::uint64_t{16} << 30;
constexpr std::uint64_t k_max_chain_bytes = std::uint64_t{256} * 1024;
constexpr std::string_view k_reserved_prefix = "io.cncf.notary";  // of annotations; on the wire: never change

struct Preparation {
  std::unique_ptr<oci::SigningKey> key;
  oci::NotationSigning signing;
  Annotations annotations;
};

// When it is signed: SOURCE_DATE_EPOCH for those who need the same envelope again, else the clock.
Result<std::int64_t> signing_time(const Context& context) {
  if (!context.environment("SOURCE_DATE_EPOCH")) return seconds_by_clock();
  TRY_ASSIGN(const std::string text, created_time(context));
  return parse_time(text);
}

Result<std::vector<oci::Certificate>> load_certificates(const std::string& path) {
  if (path.empty()) {
    return fail(ErrorCode::usage, "a signature of the Notary Project needs the signer's certificates")
        .hinting("name the chain, from the signer's certificate to its root, with --certificate-chain FILE");
  }
  TRY_ASSIGN(const Bytes content, oci::read_file(path, k_max_chain_bytes));
  auto chain = oci::Certificate::parse_pem_chain(as_text(content));
  if (!chain) return std::move(chain).error().in(path);
  return chain;
}

Result<Preparation> prepare(Context& context, const SignWords& words) {
  const WitnessWords& witness = words.witness;
  if (witness.keyless || !witness.rekor_url.empty() || !witness.signing_config.empty())
    return fail(ErrorCode::usage, "the Notary Project has neither keyless signing nor transparency logs")
        .hinting("leave the options of Sigstore out");
  TRY_ASSIGN(auto keys, load_signing_keys(context, words));
  if (keys.size() > 1) return fail(ErrorCode::usage, "one certificate chain goes with one key").hinting("sign once for each key");
  Preparation out{.key = std::move(keys.front())};
  out.signing.format = words.format == "notation-cose" ? oci::SignatureFormat::notation_cose : oci::SignatureFormat::notation_jws;
  out.signing.agent = "davit/" + std::string(k_version);
  TRY_ASSIGN(out.signing.chain, load_certificates(words.certificate_chain));
  TRY_ASSIGN(out.signing.time, signing_time(context));
  if (!words.expiry.empty()) {
    TRY_ASSIGN(const std::int64_t lifetime, parse_lifetime(words.expiry));
    out.signing.expiry = out.signing.time + lifetime;
  }
  TRY_ASSIGN(out.annotations, parse_annotation_words(words.annotations));
  for (const auto& [key, value] : out.annotations) {
    if (key.starts_with(k_reserved_prefix))
      return fail(ErrorCode::usage, "annotations that begin with " + std::string(k_reserved_prefix) + " are reserved");
  }
  TRY_ASSIGN(out.signing.timestamp, timestamp_asker(context, words.witness.timestamp_url));
  return out;
}

Result<int> sign_file_with_notation(Context& context, const SignWords& words, const FileReference& file) {
  if (words.recursive) return fail(ErrorCode::usage, "--recursive is for an index in a store, and \"" + file.path + "\" is a file");
  TRY_ASSIGN(const Preparation prepared, prepare(context, words));
  TRY_ASSIGN(const oci::MappedFile content, oci::MappedFile::open(file.path, k_max_signed_file_bytes));
  const oci::SignedMessageView message = oci::message_of(content.bytes());
  oci::NotationTarget target{
      .media_type = std::string(media_type::k_octet_stream), .size = content.bytes().size(), .annotations = prepared.annotations};
  TRY_ASSIGN(target.digest, oci::digest_for_key(prepared.key->public_key(), message));
  TRY_ASSIGN(const Bytes envelope, oci::sign_notation(target, *prepared.key, prepared.signing));
  const bool cose = prepared.signing.format == oci::SignatureFormat::notation_cose;
  const std::string path = words.output_signature.empty() ? file.path + (cose ? ".cose.sig" : ".jws.sig") : words.output_signature;
  TRY(oci::write_file(path, envelope));
  if (context.common.json) {
    TRY(context.print_json(
        JsonObject{{"digest", target.digest}, {"signature", path}, {"signer", prepared.signing.chain.front().subject_name()}}));
    return 0;
  }
  TRY(context.print(path + "\n"));
  return 0;
}

Result<Json> sign_one(const Context& context, oci::Repository& repository, const Descriptor& subject, const Preparation& prepared) {
  const oci::NotationTarget target{
      .media_type = subject.media_type, .digest = subject.digest.text(), .size = subject.size, .annotations = prepared.annotations};
  auto envelope = oci::sign_notation(target, *prepared.key, prepared.signing);
  if (!envelope) return std::move(envelope).error().during("signing " + subject.digest.text());
  TRY_ASSIGN(const Descriptor manifest,
             oci::put_notation_envelope(repository, subject, *envelope, oci::media_type_of(prepared.signing.format), prepared.signing.chain,
                                        write_time(prepared.signing.time)));
  const std::string signer = prepared.signing.chain.front().subject_name();
  context.say("signed " + subject.digest.text() + " (" + std::string(to_text(prepared.signing.format)) + ") as " + printable(signer));
  return Json(JsonObject{{"format", to_text(prepared.signing.format)},
                         {"manifest", manifest.digest.text()},
                         {"added", true},
                         {"signer", signer},
                         {"subject", subject.digest.text()}});
}

Result<int> sign_store_with_notation(Context& context, const SignWords& words, const Reference& reference) {
  if (!words.output_signature.empty()) {
    return fail(ErrorCode::usage, "--output-signature is for files; the signature of a reference goes into its store");
  }
  TRY_ASSIGN(const Preparation prepared, prepare(context, words));
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::write));
  // Resolved once, and by its bytes: everything after this is about the digest, wherever the tag moves meanwhile.
  TRY_ASSIGN(const oci::RawManifest manifest, repository->fetch_manifest(selector_of(reference)));
  std::vector<Descriptor> subjects{manifest.descriptor};
  if (words.recursive) {
    TRY_ASSIGN(subjects, oci::with_all_manifests(*repository, manifest.descriptor));
  }
  JsonArray signatures;
  for (const Descriptor& subject : subjects) {
    TRY_ASSIGN(Json entry, sign_one(context, *repository, subject, prepared));
    signatures.push_back(std::move(entry));
  }
  TRY(repository->flush());
  const std::string name = to_text(with_digest(reference, manifest.descriptor.digest));
  if (!context.common.json) {
    TRY(context.print(name + "\n"));
    return 0;
  }
  TRY(context.print_json(JsonObject{{"reference", name},
                                    {"digest", manifest.descriptor.digest.text()},
                                    {"signer", prepared.signing.chain.front().subject_name()},
                                    {"signatures", std::move(signatures)}}));
  return 0;
}

}  // namespace

bool is_notation_form(const std::string& format) { return format == "notation" || format == "notation-jws" || format == "notation-cose"; }

Result<std::int64_t> parse_lifetime(const std::string& text) {
  struct Unit {
    char name;
    std::int64_t seconds;
  };
  static constexpr std::array<Unit, 4> k_units{{{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}}};
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto unit = digits + 1 == text.size() ? std::ranges::find(k_units, text.back(), &Unit::name) : k_units.end();
  if (digits == 0 || digits > 6 || unit == k_units.end() || std::stoll(text.substr(0, digits)) == 0)
    return fail(ErrorCode::usage, "\"" + printable(text) + "\" is no time that a signature can last; expected such as 30m, 12h or 90d");
  return std::stoll(text.substr(0, digits)) * unit->seconds;
}

Result<int> sign_with_notation(Context& context, const SignWords& words, const Reference& reference) {
  if (!words.bundle.empty())
    return fail(ErrorCode::usage, "--bundle is for Sigstore; an envelope of the Notary Project goes to --output-signature");
  if (!words.output.empty() || !words.detached.empty())
    return fail(ErrorCode::usage, "the Notary Project has no signatures inside modules");
  if (const auto* file = std::get_if<FileReference>(&reference)) return sign_file_with_notation(context, words, *file);
  return sign_store_with_notation(context, words, reference);
}

}  // namespace davit::cli
