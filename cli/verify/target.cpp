#include "cli/verify/target.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>

#include "cli/input.hpp"
#include "cli/stores.hpp"
#include "cli/wasm_signatures.hpp"
#include "manifests/encoding.hpp"
#include "manifests/image_manifest.hpp"
#include "manifests/media_type.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/bundle.hpp"

namespace davit::cli {
namespace {

constexpr std::uint64_t k_max_verified_file_bytes = std::uint64_t{16} << 30;
constexpr std::uint64_t k_max_signature_file_bytes = std::uint64_t{32} << 20;
constexpr std::size_t k_max_kept_registries = 64;
constexpr std::chrono::seconds k_kept_for{60};  // what a token lives as a rule

// The classes that the signed manifest announces; the signature covers them.
Result<JsonObject> announced_capabilities(oci::Repository& repository, const oci::Verified& verified) {
  TRY_ASSIGN(const oci::RawManifest raw, repository.fetch_manifest(verified.digest().text()));
  TRY_ASSIGN(const Manifest manifest, parse_manifest(raw.bytes));
  const Annotations& annotations = annotations_of(manifest);
  const auto found = annotations.find(std::string(annotation::k_capabilities));
  JsonObject out;
  if (found == annotations.end()) return out;
  std::vector<std::string> classes;
  std::string_view rest = found->second;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(", "), rest.size());
    if (end > 0) classes.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  out.set("classes", Json::strings(classes));
  return out;
}

Result<VerifiedTarget> verify_in_store(const oci::Verifier& verifier, oci::Repository& repository, const Reference& reference,
                                       bool with_capabilities) {
  TRY_ASSIGN(oci::Verification verification, verifier.verify(repository, selector_of(reference)));
  JsonObject capabilities;
  if (verification.proof && with_capabilities) {
    TRY_ASSIGN(capabilities, announced_capabilities(repository, *verification.proof));
  }
  std::string name = to_text(with_digest(reference, verification.digest));
  return VerifiedTarget{.name = std::move(name), .verification = std::move(verification), .capabilities = std::move(capabilities)};
}

// A JSON text is a JWS envelope, a CBOR tag 18 a COSE one, base64 text a bare signature; else the bytes themselves.
oci::FileSignature read_signature(Bytes content) {
  if (!content.empty() && content.front() == std::byte{0xd2}) {
    return oci::NotationEnvelope{.envelope = std::move(content), .media_type = "application/cose"};
  }
  std::string_view text = as_text(content);
  if (text.starts_with('{')) return oci::NotationEnvelope{.envelope = std::move(content), .media_type = "application/jose+json"};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  auto decoded = decode_base64(text);
  return oci::DetachedSignature{decoded ? *std::move(decoded) : std::move(content)};
}

bool is_wasm(ByteView file) { return as_text(file.first(std::min<std::size_t>(file.size(), 4))) == std::string_view("\0asm", 4); }

// The payload of the in-module form begins with its version, its kind of content and its hash, all 1.
bool is_detached_wasm_signature(ByteView content) { return as_text(content).starts_with("\x01\x01\x01"); }

// Signatures inside the file, or in a file of the same form.
Result<std::vector<oci::FileSignature>> wasm_signatures(ByteView file, const std::optional<ByteView>& detached, bool lenient) {
  auto signatures = read_wasm_signatures(file, detached, lenient);
  if (!signatures && signatures.error().code == ErrorCode::unsigned_content) {
    return fail(ErrorCode::unsigned_content, signatures.error().message)
        .hinting("name a signature beside it with --bundle FILE or --signature FILE");
  }
  if (!signatures) return std::move(signatures).error();
  return std::vector<oci::FileSignature>(std::make_move_iterator(signatures->begin()), std::make_move_iterator(signatures->end()));
}

Result<std::vector<oci::FileSignature>> load_signatures(const FileSignatureOptions& options) {
  std::vector<oci::FileSignature> out;
  for (const std::string& path : options.bundles) {
    TRY_ASSIGN(Bytes bundle, oci::read_file(path, oci::k_max_bundle_bytes));
    out.emplace_back(oci::BundleText{std::move(bundle)});
  }
  if (!options.signature.empty()) {
    TRY_ASSIGN(Bytes content, oci::read_file(options.signature, k_max_signature_file_bytes));
    out.push_back(read_signature(std::move(content)));
  }
  return out;
}

Result<std::vector<oci::FileSignature>> load_file_signatures(const FileSignatureOptions& options, ByteView file, bool inside) {
  if (inside) return wasm_signatures(file, std::nullopt, options.allow_truncated);
  if (options.signature.empty() || !is_wasm(file)) return load_signatures(options);
  TRY_ASSIGN(const Bytes content, oci::read_file(options.signature, k_max_signature_file_bytes));
  if (!is_detached_wasm_signature(content)) return load_signatures(options);
  return wasm_signatures(file, ByteView(content), options.allow_truncated);
}

Result<VerifiedTarget> verify_file(const oci::Verifier& verifier, const FileSignatureOptions& options, const oci::MappedFile& file,
                                   bool inside) {
  TRY_ASSIGN(const auto signatures, load_file_signatures(options, file.bytes(), inside));
  const oci::SignedMessageView message{.sha256 = digest_of(file.bytes()), .bytes = file.bytes()};
  const oci::ArtifactView view{.digest = message.sha256,
                               .size = file.bytes().size(),
                               .media_type = std::string(media_type::k_octet_stream),
                               .message = message,
                               .is_file = true};
  return VerifiedTarget{.name = message.sha256.text(), .verification = verifier.verify_file(view, signatures)};
}

Result<VerifiedTarget> verify_digest(const oci::Verifier& verifier, const FileSignatureOptions& options, const Digest& digest) {
  TRY_ASSIGN(const auto signatures, load_signatures(options));
  const oci::ArtifactView view{
      .digest = digest, .media_type = std::string(media_type::k_octet_stream), .message = {.sha256 = digest}, .is_file = true};
  return VerifiedTarget{.name = digest.text(), .verification = verifier.verify_file(view, signatures)};
}

}  // namespace

Result<std::shared_ptr<oci::Repository>> Verifications::open(const Reference& reference) {
  const auto* remote = std::get_if<RegistryReference>(&reference);
  if (remote == nullptr) {
    TRY_ASSIGN(auto opened, open_repository(context_, reference, StoreAccess::read));
    return std::shared_ptr<oci::Repository>(std::move(opened));
  }
  const std::string name = source_name_of(reference);
  const auto now = std::chrono::steady_clock::now();
  const auto found = registries_.find(name);
  if (found != registries_.end() && now - found->second.since < k_kept_for) return found->second.repository;
  TRY_ASSIGN(auto opened, open_repository(context_, reference, StoreAccess::read));
  if (registries_.size() == k_max_kept_registries) registries_.clear();
  Kept& kept = registries_[name];
  kept = {.repository = std::move(opened), .since = now};
  return kept.repository;
}

Result<PreparedVerification> Verifications::prepare_in_store(const Reference& reference) {
  TRY_ASSIGN(auto verifier, verifiers_.make(&reference));
  TRY_ASSIGN(auto repository, open(reference));
  return PreparedVerification([verifier = std::move(verifier), repository = std::move(repository), reference, json = context_.common.json] {
    return verify_in_store(verifier, *repository, reference, json);
  });
}

Result<PreparedVerification> Verifications::prepare_file(const std::string& path) {
  TRY_ASSIGN(oci::MappedFile file, oci::MappedFile::open(path, k_max_verified_file_bytes));
  const bool inside = file_.bundles.empty() && file_.signature.empty();
  if (inside && !is_wasm(file.bytes())) {
    return fail(ErrorCode::usage, "\"" + printable(path) + "\" is a file, and its signature is in another file")
        .hinting("add --bundle FILE or --signature FILE");
  }
  TRY_ASSIGN(auto verifier, verifiers_.make(nullptr));
  return PreparedVerification([verifier = std::move(verifier), &options = file_,
                               file = std::make_shared<const oci::MappedFile>(std::move(file)),
                               inside] { return verify_file(verifier, options, *file, inside); });
}

Result<PreparedVerification> Verifications::prepare_digest(const Digest& digest) {
  if (file_.bundles.empty()) {
    return fail(ErrorCode::usage, "a digest alone says nothing of where its signature is").hinting("add --bundle FILE");
  }
  TRY_ASSIGN(auto verifier, verifiers_.make(nullptr));
  return PreparedVerification(
      [verifier = std::move(verifier), &options = file_, digest] { return verify_digest(verifier, options, digest); });
}

Result<PreparedVerification> Verifications::prepare(const std::string& target) {
  std::error_code ignored;
  if (target.starts_with("sha256:") && !std::filesystem::exists(target, ignored)) {
    TRY_ASSIGN(const Digest digest, Digest::parse(target));
    return prepare_digest(digest);
  }
  const bool has_signature = !file_.bundles.empty() || !file_.signature.empty();
  TRY_ASSIGN(const Reference reference, reference_or_file(target));
  if (const auto* path = std::get_if<FileReference>(&reference)) return prepare_file(path->path);
  if (has_signature)
    return fail(ErrorCode::usage, "--bundle and --signature are for files; the signatures of a reference are in its store");
  return prepare_in_store(reference);
}

Result<VerifiedTarget> verify_target(Context& context, const TrustOptions& trust, const FileSignatureOptions& file,
                                     const std::string& target) {
  Verifications verifications(context, trust, file, false);
  TRY_ASSIGN(const PreparedVerification verify, verifications.prepare(target));
  return verify();
}

}  // namespace davit::cli
