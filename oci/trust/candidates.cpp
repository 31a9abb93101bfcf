#include "oci/trust/candidates.hpp"

#include <algorithm>
#include <set>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "oci/trust/bundle.hpp"
#include "oci/trust/notation/envelope.hpp"
#include "oci/trust/notation/manifest.hpp"
#include "oci/trust/objection.hpp"

namespace davit::oci {
namespace {

Result<Bytes> fetch_small_blob(Repository& repository, const Descriptor& blob, std::uint64_t limit) {
  // The size is a claim of whoever wrote the manifest: refused before anything is fetched or allocated.
  if (blob.size > limit) {
    return fail(ErrorCode::limit,
                "it is said to be " + std::to_string(blob.size) + " bytes long, over the limit of " + std::to_string(limit));
  }
  TRY_ASSIGN(const auto source, repository.open_blob(blob));
  TRY_ASSIGN(Bytes bytes, read_all(*source, limit));
  if (davit::digest_of(bytes) != blob.digest)
    return fail(ErrorCode::mismatch, "its content does not have the digest " + blob.digest.text());
  return bytes;
}

struct FetchedManifest {
  Bytes bytes;
  Json json;
};

// A manifest by digest; the bytes are compared with the digest once more because so much rests on them.
Result<FetchedManifest> fetch_by_digest(Repository& repository, const Digest& digest) {
  TRY_ASSIGN(RawManifest manifest, repository.fetch_manifest(digest.text()));
  if (davit::digest_of(manifest.bytes) != digest)
    return fail(ErrorCode::mismatch, "its manifest does not have the digest " + digest.text());
  TRY_ASSIGN(Json json, parse_json(as_text(manifest.bytes), JsonLimits{}));
  return FetchedManifest{.bytes = std::move(manifest.bytes), .json = std::move(json)};
}

std::string text_of(const JsonView& json, std::string_view name) {
  const auto found = json.find(name);
  return found && found->json().string() != nullptr ? *found->json().string() : "";
}

enum class Form { other, bundle, notation, cosign };

// What a referrer is, by its manifest and not by what the listing says.
Form form_of(const JsonView& manifest, const std::vector<JsonView>& layers) {
  const std::string type = text_of(manifest, "artifactType");
  const auto config = manifest.find("config");
  const std::string config_type = config ? text_of(*config, "mediaType") : "";
  if (type == k_notation_artifact_type || config_type == k_notation_artifact_type) return Form::notation;
  if (type == k_cosign_signature_artifact || config_type == k_cosign_signature_artifact) return Form::cosign;
  if (is_bundle_media_type(type)) return Form::bundle;
  if (layers.size() == 1 && is_bundle_media_type(text_of(layers.front(), "mediaType"))) return Form::bundle;
  return Form::other;
}

// One look at one store for one digest.
class Search {
 public:
  Search(Repository& repository, const Digest& subject, const SearchOptions& options, const std::function<void(Candidate)>& found)
      : repository_(repository), subject_(subject), options_(options), found_(found) {}

  Result<PlaceAsked> look_at_referrers(const Result<AllReferrers>& referrers);
  Result<PlaceAsked> look_at_tag(const std::string& tag, const Result<RawManifest>& manifest);

 private:
  Result<void> count_one();
  Result<void> look_at_referrer(const Descriptor& referrer, PlaceAsked& place);
  Result<void> look_into(const FetchedManifest& fetched, const Descriptor& referrer, PlaceAsked& place);
  void look_at_notation(ByteView manifest, const Descriptor& referrer, PlaceAsked& place);
  void look_at_bundle(const JsonView& manifest, const std::vector<JsonView>& layers, const Descriptor& referrer, PlaceAsked& place);
  Result<void> look_at_layers(const std::vector<JsonView>& layers, PlaceAsked& place);
  Result<void> look_at_layer(const Descriptor& layer, PlaceAsked& place);
  void hand_out(SignatureFormat format, const Digest& digest, PlaceAsked& place, decltype(Candidate::content) content) {
    ++place.candidates;
    found_(Candidate{.format = format, .digest = digest.text(), .content = std::move(content)});
  }
  void note(SignatureFormat format, const Digest& digest, PlaceAsked& place, const Error& error) {
    const auto refusal = refusal_of(error, Refusal::malformed);
    if (!refusal && !place.failure) place.failure = error;
    hand_out(format, digest, place, Unreadable{refusal.value_or(Refusal::malformed), error.message});
  }

  Repository& repository_;
  const Digest& subject_;
  const SearchOptions& options_;
  const std::function<void(Candidate)>& found_;
  std::size_t count_ = 0;
  std::set<std::string> seen_layers_;
};

Result<void> Search::count_one() {
  if (++count_ <= options_.max_candidates) return {};
  return fail(ErrorCode::limit,
              "there are more than " + std::to_string(options_.max_candidates) + " candidates for signatures of " + subject_.text())
      .hinting("raise the limit with --max-signatures, or remove what does not belong there");
}

void Search::look_at_notation(ByteView manifest, const Descriptor& referrer, PlaceAsked& place) {
  constexpr auto k_format = SignatureFormat::notation_jws;
  const auto image = parse_image_manifest(manifest);
  const auto found = image ? find_notation_candidate(*image, subject_) : Result<std::optional<NotationCandidate>>(Error(image.error()));
  if (!found) return note(k_format, referrer.digest, place, found.error());
  if (!*found) return note(k_format, referrer.digest, place, fail(ErrorCode::malformed, "it is no signature of the Notary Project"));
  auto envelope = fetch_small_blob(repository_, (*found)->envelope, k_max_notary_bytes);
  if (!envelope) return note((*found)->format, referrer.digest, place, envelope.error());
  hand_out((*found)->format, referrer.digest, place, NotationEnvelope{*std::move(envelope), (*found)->envelope.media_type});
}

void Search::look_at_bundle(const JsonView& manifest, const std::vector<JsonView>& layers, const Descriptor& referrer, PlaceAsked& place) {
  constexpr auto k_format = SignatureFormat::bundle;
  const auto refuse = [&](const Error& error) { note(k_format, referrer.digest, place, error); };
  if (layers.size() != 1) {
    return refuse(manifest.complaint("has " + std::to_string(layers.size()) + " layers, a bundle has exactly one"));
  }
  const auto layer = parse_descriptor(layers.front());
  if (!layer) return refuse(layer.error());
  if (!is_bundle_media_type(layer->media_type)) {
    return refuse(manifest.complaint("its layer is \"" + printable(layer->media_type) + "\", not a bundle"));
  }
  // The listing is the registry's word; the manifest itself must name the digest that was asked about.
  const auto subject = manifest.find("subject");
  if (!subject || text_of(*subject, "digest") != subject_.text()) {
    return refuse(fail(ErrorCode::untrusted, "its manifest does not name " + subject_.text() + " as its subject"));
  }
  auto content = fetch_small_blob(repository_, *layer, k_max_bundle_bytes);
  if (!content) return refuse(content.error());
  hand_out(k_format, referrer.digest, place, BundleText{*std::move(content)});
}

Result<void> Search::look_into(const FetchedManifest& fetched, const Descriptor& referrer, PlaceAsked& place) {
  const JsonView manifest(fetched.json);
  const auto field = manifest.find("layers");
  const auto items = field ? field->as_items() : Result<std::vector<JsonView>>(std::vector<JsonView>{});
  const std::vector<JsonView> layers = items ? *items : std::vector<JsonView>{};
  const Form form = form_of(manifest, layers);
  if (form == Form::cosign) return look_at_layers(layers, place);
  if (form == Form::notation) {
    look_at_notation(fetched.bytes, referrer, place);
  } else if (form == Form::bundle || is_bundle_media_type(referrer.artifact_type)) {
    look_at_bundle(manifest, layers, referrer, place);
  } else {
    ++place.others;
  }
  return {};
}

// The type in a listing is the registry's word, and some report that of the config. Only a type that says for sure
// that this is something else keeps a referrer from being looked at.
bool may_be_signature(const Descriptor& referrer) {
  const std::string& type = referrer.artifact_type;
  if (type.empty() || type == media_type::k_oci_empty || type == media_type::k_oci_config || is_bundle_media_type(type)) return true;
  if (type == k_cosign_signature_artifact || may_be_notation(referrer)) return true;
  return std::ranges::any_of(referrer.annotations, [](const auto& entry) { return entry.first.starts_with("dev.sigstore.bundle."); });
}

Result<void> Search::look_at_referrer(const Descriptor& referrer, PlaceAsked& place) {
  TRY(count_one());
  if (referrer.size > k_max_manifest_bytes) {
    note(SignatureFormat::bundle, referrer.digest, place,
         fail(ErrorCode::limit, "its manifest is said to be " + std::to_string(referrer.size) + " bytes long"));
    return {};
  }
  const auto fetched = fetch_by_digest(repository_, referrer.digest);
  if (!fetched) {
    note(SignatureFormat::bundle, referrer.digest, place, fetched.error());
    return {};
  }
  return look_into(*fetched, referrer, place);
}

// They are not filtered by type at the store: registries that answer from the fallback tag may not know the types.
Result<PlaceAsked> Search::look_at_referrers(const Result<AllReferrers>& referrers) {
  PlaceAsked place{.name = "referrers"};
  if (!referrers) {
    place.failure = referrers.error();
    return place;
  }
  place.failure = referrers->missed;
  std::set<Digest> seen;
  for (const Descriptor& referrer : referrers->manifests) {
    if (!seen.insert(referrer.digest).second) continue;
    if (!may_be_signature(referrer)) {
      ++place.others;
      continue;
    }
    TRY(look_at_referrer(referrer, place));
  }
  return place;
}

Result<void> Search::look_at_layer(const Descriptor& layer, PlaceAsked& place) {
  const bool attestation = layer.media_type == k_envelope_media_type;
  if (!attestation && layer.media_type != k_simple_signing_media_type) return {};
  const auto annotation = [&](std::string_view name) {
    const auto found = layer.annotations.find(std::string(name));
    return found == layer.annotations.end() ? std::string{} : found->second;
  };
  const std::string signature = annotation(k_classic_signature_annotation);
  if (!seen_layers_.insert(layer.digest.text() + " " + signature + " " + annotation(k_certificate_annotation)).second) return {};
  TRY(count_one());
  if (!layer.annotations.contains(std::string(k_classic_signature_annotation))) {
    note(SignatureFormat::classic, layer.digest, place, fail(ErrorCode::malformed, "the layer carries no signature"));
    return {};
  }
  auto payload = fetch_small_blob(repository_, layer, attestation ? k_max_attestation_bytes : k_max_payload_bytes);
  if (!payload) {
    note(SignatureFormat::classic, layer.digest, place, payload.error());
    return {};
  }
  hand_out(SignatureFormat::classic, layer.digest, place,
           ClassicLayer{.payload = *std::move(payload),
                        .entry = {.signature = signature,
                                  .certificate = annotation(k_certificate_annotation),
                                  .chain = annotation(k_chain_annotation),
                                  .bundle = annotation(k_log_annotation),
                                  .timestamp = annotation(k_timestamp_annotation),
                                  .attestation = attestation}});
  return {};
}

Result<void> Search::look_at_layers(const std::vector<JsonView>& layers, PlaceAsked& place) {
  for (const JsonView& item : layers) {
    const auto layer = parse_descriptor(item);
    if (!layer) {
      TRY(count_one());
      note(SignatureFormat::classic, subject_, place, layer.error());
      continue;
    }
    TRY(look_at_layer(*layer, place));
  }
  return {};
}

Result<PlaceAsked> Search::look_at_tag(const std::string& tag, const Result<RawManifest>& manifest) {
  PlaceAsked place{.name = "tag " + tag};
  if (!manifest) {
    if (manifest.error().code != ErrorCode::not_found) place.failure = manifest.error();
    return place;
  }
  const auto json = parse_json(as_text(manifest->bytes), JsonLimits{});
  const auto layers = json ? JsonView(*json).field("layers") : Result<JsonView>(Error(json.error()));
  const auto items = layers ? layers->as_items() : Result<std::vector<JsonView>>(Error(layers.error()));
  if (!items) {
    TRY(count_one());
    note(SignatureFormat::classic, manifest->descriptor.digest, place, items.error());
    return place;
  }
  TRY(look_at_layers(*items, place));
  return place;
}

std::string tag_of(const Digest& digest, std::string_view suffix) {
  return std::string(digest.algorithm_name()) + "-" + digest.hex() + std::string(suffix);
}

}  // namespace

std::string classic_signature_tag(const Digest& digest) { return tag_of(digest, ".sig"); }
std::string classic_attestation_tag(const Digest& digest) { return tag_of(digest, ".att"); }

CandidateSearch::CandidateSearch(Repository& repository, Digest subject, const SearchOptions& options)
    : repository_(repository), subject_(std::move(subject)), options_(options) {
  const bool each = options_.at_once && !repository_.is_near();
  // The list of referrers first: the signatures that it names are still to be fetched. A near store is asked for tags by
  // this thread, meanwhile.
  if (options_.referrers)
    referrers_.emplace(options_.at_once, [this] { return repository_.list_all_referrers(subject_, options_.at_once); });
  const auto ask_tag = [&](const std::string& tag) {
    tags_.push_back({.tag = tag, .manifest = {each, [this, tag] { return repository_.fetch_manifest(tag); }}});
  };
  if (options_.signature_tag) ask_tag(classic_signature_tag(subject_));
  if (options_.attestation_tag) ask_tag(classic_attestation_tag(subject_));
}

Result<std::vector<PlaceAsked>> CandidateSearch::run(const std::function<void(Candidate)>& found) const {
  Search search(repository_, subject_, options_, found);
  std::vector<PlaceAsked> places;
  if (options_.at_once) {
    for (const TagAsked& tag : tags_) static_cast<void>(tag.manifest.answer());  // while the referrers are being listed
  }
  if (referrers_) {
    TRY_ASSIGN(PlaceAsked place, search.look_at_referrers(referrers_->answer()));
    places.push_back(std::move(place));
  }
  for (const auto& [tag, manifest] : tags_) {
    TRY_ASSIGN(PlaceAsked place, search.look_at_tag(tag, manifest.answer()));
    places.push_back(std::move(place));
  }
  return places;
}

}  // namespace davit::oci
