#include "cli/attest/predicate.hpp"

#include "cli/artifact.hpp"
#include "manifests/capability_manifest.hpp"
#include "manifests/encoding.hpp"
#include "manifests/predicate_type.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

// An attestation is held in memory, signed, and read by others whole; documents over this belong beside the artifact.
constexpr std::uint64_t k_max_predicate_bytes = std::uint64_t{2} << 20;

Result<void> require_text(const JsonView& object, std::string_view name, std::string_view start = "") {
  TRY_ASSIGN(const JsonView field, object.field(name));
  TRY_ASSIGN(const std::string text, field.as_string());
  if (text.empty() || !text.starts_with(start)) {
    return field.complaint("expected " +
                           (start.empty() ? std::string("a text") : "a text that starts with \"" + std::string(start) + "\""));
  }
  return {};
}

Result<void> require_object(const JsonView& object, std::string_view name) {
  TRY_ASSIGN(const JsonView field, object.field(name));
  TRY(field.as_members());
  return {};
}

Result<void> require_list(const JsonView& object, std::string_view name) {
  TRY_ASSIGN(const JsonView field, object.field(name));
  TRY(field.as_items());
  return {};
}

Result<void> check_slsa_1(const JsonView& document) {
  TRY_ASSIGN(const JsonView definition, document.field("buildDefinition"));
  TRY(require_text(definition, "buildType"));
  TRY(require_object(definition, "externalParameters"));
  TRY_ASSIGN(const JsonView run, document.field("runDetails"));
  TRY_ASSIGN(const JsonView builder, run.field("builder"));
  return require_text(builder, "id");
}

Result<void> check_slsa_02(const JsonView& document) {
  TRY_ASSIGN(const JsonView builder, document.field("builder"));
  TRY(require_text(builder, "id"));
  return require_text(document, "buildType");
}

// SPDX 2 in JSON, SPDX 3 in JSON-LD, or a tag-value document as one text.
Result<void> check_spdx(const JsonView& document) {
  if (const std::string* text = document.json().string()) {
    if (text->find("SPDXVersion:") != std::string::npos) return {};
    return document.complaint("expected an SPDX document");
  }
  if (document.find("@context")) return require_list(document, "@graph");
  TRY(require_text(document, "spdxVersion", "SPDX-"));
  TRY(require_text(document, "SPDXID", "SPDXRef-"));
  TRY(require_text(document, "name"));
  return require_text(document, "documentNamespace");
}

Result<void> check_cyclonedx(const JsonView& document) {
  TRY(require_text(document, "bomFormat", "CycloneDX"));
  return require_text(document, "specVersion");
}

Result<void> check_openvex(const JsonView& document) {
  TRY(require_text(document, "@context", "https://openvex.dev/ns"));
  return require_list(document, "statements");
}

Result<void> check_vuln(const JsonView& document) { return require_object(document, "scanner"); }

Result<void> check_capabilities(const JsonView& document) {
  TRY(parse_capability_manifest(write_json(document.json())));
  return {};
}

}  // namespace

Result<void> check_predicate_form(const std::string& type_uri, const Json& document) {
  const JsonView view(document);
  if (type_uri == k_predicate_slsa_1) return check_slsa_1(view);
  if (type_uri == k_predicate_slsa_02) return check_slsa_02(view);
  if (type_uri == k_predicate_spdx) return check_spdx(view);
  if (type_uri == k_predicate_cyclonedx) return check_cyclonedx(view);
  if (type_uri == k_predicate_openvex) return check_openvex(view);
  if (type_uri == k_predicate_vuln) return check_vuln(view);
  if (type_uri == k_predicate_capabilities) return check_capabilities(view);
  return {};
}

Result<Predicate> load_predicate(const Context& context, const std::string& type, const std::string& path) {
  const auto uri = predicate_type_of(type);
  if (!uri) {
    return fail(ErrorCode::usage, "\"" + printable(type) + "\" is no type of attestation")
        .hinting("give a URI, or a name such as slsaprovenance1, spdxjson, cyclonedx, openvex, vuln or custom");
  }
  TRY_ASSIGN(const Bytes content, oci::read_file(path, k_max_predicate_bytes));
  if (*uri == k_predicate_custom) {
    // cosign's form of "any bytes": the file as one text, with the time of the statement.
    if (!is_utf8(as_text(content))) return fail(ErrorCode::malformed, "\"" + path + "\" is not UTF-8 text, which --type custom needs");
    TRY_ASSIGN(const std::string created, created_time(context));
    return Predicate{*uri, JsonObject{{"Data", as_text(content)}, {"Timestamp", created}}};
  }
  if (*uri == k_predicate_spdx && as_text(content).starts_with("SPDXVersion:")) return Predicate{*uri, Json(as_text(content))};
  auto json = parse_json(as_text(content), JsonLimits{.size_bytes = k_max_predicate_bytes, .depth = 64});
  if (!json) return std::move(json).error().in(path);
  if (auto checked = check_predicate_form(*uri, *json); !checked) {
    return std::move(checked).error().during("checking that \"" + path + "\" is of the type " + *uri);
  }
  return Predicate{*uri, *std::move(json)};
}

}  // namespace davit::cli
