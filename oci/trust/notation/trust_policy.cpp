#include "oci/trust/notation/trust_policy.hpp"

#include <algorithm>
#include <set>

#include "manifests/encoding.hpp"
#include "manifests/json.hpp"
#include "oci/trust/text_rule.hpp"

namespace davit::oci {
namespace {

// In policy files: never change.
constexpr std::string_view k_version = "1.0";
constexpr std::string_view k_subject_prefix = "x509.subject:";
constexpr const char* k_scope_pattern =
    "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]+)?"
    "(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)+";
constexpr const char* k_store_pattern = "[a-zA-Z0-9_.-]+";

struct Patterns {
  TextRule scope;
  TextRule store;
};

Result<CheckAction> parse_action(const JsonView& json) {
  TRY_ASSIGN(const std::string text, json.as_string());
  if (text == "enforce") return CheckAction::enforce;
  if (text == "log") return CheckAction::log;
  if (text == "skip") return CheckAction::skip;
  return json.complaint("\"" + printable(text) + "\" is no action; expected enforce, log or skip");
}

Result<void> parse_override(const JsonView& json, CheckActions& actions) {
  TRY_ASSIGN(const auto members, json.as_members());
  for (const auto& [name, value] : members) {
    TRY_ASSIGN(const CheckAction action, parse_action(value));
    if (action == CheckAction::skip && name != "revocation") return value.complaint("only revocation can be skipped");
    if (name == "authenticity") actions.authenticity = action;
    else if (name == "authenticTimestamp") actions.timestamp = action;
    else if (name == "expiry") actions.expiry = action;
    else if (name == "revocation") actions.revocation = action;
    else if (name == "integrity") return value.complaint("integrity is always enforced");
    else return value.complaint("there is no check of this name; expected authenticity, authenticTimestamp, expiry or revocation");
  }
  return {};
}

Result<void> parse_level(const JsonView& json, TrustStatement& statement) {
  constexpr CheckAction log = CheckAction::log;
  TRY_ASSIGN(const JsonView level, json.field("level"));
  TRY_ASSIGN(const std::string text, level.as_string());
  if (text == "strict") statement.actions = {};
  else if (text == "permissive") statement.actions = {.timestamp = log, .expiry = log, .revocation = log};
  else if (text == "audit") statement.actions = {.authenticity = log, .timestamp = log, .expiry = log, .revocation = log};
  else if (text == "skip") statement.skips = true;
  else return level.complaint("\"" + printable(text) + "\" is no level; expected strict, permissive, audit or skip");
  return {};
}

Result<void> parse_verification(const JsonView& json, TrustStatement& statement) {
  TRY(json.refuse_unknown({"level", "override", "verifyTimestamp"}));
  TRY(parse_level(json, statement));
  if (const auto override_rules = json.find("override")) {
    TRY_ASSIGN(const auto members, override_rules->as_members());
    if (statement.skips && !members.empty()) return override_rules->complaint("the level skip has nothing to override");
    TRY(parse_override(*override_rules, statement.actions));
  }
  if (const auto when = json.find("verifyTimestamp")) {
    TRY_ASSIGN(const std::string text, when->as_string());
    if (text != "always" && text != "afterCertExpiry" && !text.empty())
      return when->complaint("\"" + printable(text) + "\" is not known; expected always or afterCertExpiry");
    statement.timestamps_only_after_expiry = text == "afterCertExpiry";
  }
  return {};
}

Result<TrustStoreName> parse_store(const JsonView& json, const TextRule& name_rule) {
  TRY_ASSIGN(const std::string text, json.as_string());
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return json.complaint("\"" + printable(text) + "\" is no trust store; expected KIND:NAME");
  const std::string kind = text.substr(0, colon);
  TrustStoreName store{.name = text.substr(colon + 1)};
  if (kind == to_text(TrustStoreKind::ca)) store.kind = TrustStoreKind::ca;
  else if (kind == to_text(TrustStoreKind::signing_authority)) store.kind = TrustStoreKind::signing_authority;
  else if (kind == to_text(TrustStoreKind::tsa)) store.kind = TrustStoreKind::tsa;
  else return json.complaint("\"" + printable(kind) + "\" is no kind of trust store; expected ca, signingAuthority or tsa");
  // The name becomes a folder: nothing that leads elsewhere.
  if (!name_rule.matches(store.name) || store.name == "." || store.name == "..")
    return json.complaint("\"" + printable(store.name) +
                          "\" is no name of a trust store; expected letters, digits, \"_\", \".\" and \"-\"");
  return store;
}

Result<void> parse_stores(const JsonView& json, const TextRule& name_rule, TrustStatement& statement) {
  TRY_ASSIGN(const auto items, json.as_items());
  if (items.size() > k_max_trust_stores) return json.complaint("has more than " + std::to_string(k_max_trust_stores) + " trust stores");
  for (const JsonView& item : items) {
    TRY_ASSIGN(TrustStoreName store, parse_store(item, name_rule));
    if (std::ranges::find(statement.stores, store) == statement.stores.end()) statement.stores.push_back(std::move(store));
  }
  return {};
}

Result<void> parse_identity(const JsonView& json, TrustStatement& statement) {
  TRY_ASSIGN(const std::string text, json.as_string());
  if (text == "*") {
    statement.any_identity = true;
    return {};
  }
  if (text.empty()) return json.complaint("an identity is empty");
  if (!text.starts_with(k_subject_prefix)) {
    return fail(ErrorCode::unsupported,
                "the identity \"" + printable(text) + "\" is of a kind that davit does not judge; expected x509.subject: C=…, ST=…, O=…")
        .in(json.pointer());
  }
  auto name = parse_name_rule(std::string_view(text).substr(k_subject_prefix.size()));
  if (!name) return std::move(name).error().in(json.pointer());
  for (const NameAttributes& other : statement.identities) {
    if (is_contained(*name, other) || is_contained(other, *name))
      return json.complaint("\"" + printable(text) + "\" overlaps with another identity of the statement");
  }
  statement.identities.push_back(*std::move(name));
  return {};
}

Result<void> parse_identities(const JsonView& json, TrustStatement& statement) {
  TRY_ASSIGN(const auto items, json.as_items());
  if (items.size() > k_max_trust_identities)
    return json.complaint("has more than " + std::to_string(k_max_trust_identities) + " identities");
  for (const JsonView& item : items) TRY(parse_identity(item, statement));
  if (statement.any_identity && items.size() > 1) return json.complaint("\"*\" stands alone or not at all");
  return {};
}

Result<void> parse_scopes(const JsonView& json, const TextRule& scope_rule, TrustStatement& statement) {
  TRY_ASSIGN(statement.scopes, json.as_strings());
  if (statement.scopes.empty()) return json.complaint("names no repository");
  if (statement.scopes.size() > 1 && std::ranges::find(statement.scopes, "*") != statement.scopes.end())
    return json.complaint("\"*\" stands alone or not at all");
  for (const std::string& scope : statement.scopes) {
    if (scope != "*" && !scope_rule.matches(scope))
      return json.complaint("\"" + printable(scope) + "\" is no repository; expected HOST/REPOSITORY without scheme and tag, or *");
  }
  return {};
}

Result<TrustStatement> parse_statement(const JsonView& json, TrustPolicyKind kind, const Patterns& patterns) {
  TrustStatement statement;
  if (kind == TrustPolicyKind::oci) {
    TRY(json.refuse_unknown({"name", "registryScopes", "signatureVerification", "trustStores", "trustedIdentities"}));
    TRY_ASSIGN(const JsonView scopes, json.field("registryScopes"));
    TRY(parse_scopes(scopes, patterns.scope, statement));
  } else {
    TRY(json.refuse_unknown({"name", "globalPolicy", "signatureVerification", "trustStores", "trustedIdentities"}));
    if (const auto global = json.find("globalPolicy")) {
      TRY_ASSIGN(statement.global, global->as_bool());
    }
  }
  TRY_ASSIGN(const JsonView name, json.field("name"));
  TRY_ASSIGN(statement.name, name.as_string());
  if (statement.name.empty()) return name.complaint("a statement needs a name");
  TRY_ASSIGN(const JsonView verification, json.field("signatureVerification"));
  TRY(parse_verification(verification, statement));
  if (const auto stores = json.find("trustStores")) TRY(parse_stores(*stores, patterns.store, statement));
  if (const auto identities = json.find("trustedIdentities")) TRY(parse_identities(*identities, statement));
  const bool names_somebody = statement.any_identity || !statement.identities.empty();
  if (statement.skips && (names_somebody || !statement.stores.empty()))
    return json.complaint("the level skip verifies nothing, and yet trust stores or identities are named");
  if (!statement.skips && (!names_somebody || statement.stores.empty()))
    return json.complaint("a statement needs both trustStores and trustedIdentities");
  if (statement.skips && statement.global) return json.complaint("the global policy cannot have the level skip");
  return statement;
}

Result<void> check_together(const JsonView& json, const std::vector<TrustStatement>& statements) {
  std::set<std::string_view> names;
  std::set<std::string_view> scopes;
  std::size_t globals = 0;
  for (const TrustStatement& statement : statements) {
    if (!names.insert(statement.name).second) return json.complaint("two statements have the name \"" + printable(statement.name) + "\"");
    for (const std::string& scope : statement.scopes) {
      if (!scopes.insert(scope).second) return json.complaint("the scope \"" + printable(scope) + "\" is named twice");
    }
    globals += statement.global ? 1 : 0;
  }
  if (globals > 1) return json.complaint("more than one statement is the global policy");
  return {};
}

}  // namespace

std::string_view to_text(TrustStoreKind kind) {
  switch (kind) {
    case TrustStoreKind::ca: return "ca";
    case TrustStoreKind::signing_authority: return "signingAuthority";
    case TrustStoreKind::tsa: return "tsa";
  }
  return "";
}

Result<NotationPolicy> NotationPolicy::parse(std::string_view text, TrustPolicyKind kind) {
  TRY_ASSIGN(const Json json, parse_json(text, JsonLimits{.size_bytes = k_max_trust_policy_bytes, .depth = 16}));
  const JsonView view(json);
  TRY(view.refuse_unknown({"version", "trustPolicies"}));
  TRY_ASSIGN(const JsonView version, view.field("version"));
  TRY_ASSIGN(const std::string version_text, version.as_string());
  if (version_text != k_version) {
    return fail(ErrorCode::unsupported,
                "a trust policy of version \"" + printable(version_text) + "\"; expected " + std::string(k_version));
  }
  TRY_ASSIGN(const JsonView list, view.field("trustPolicies"));
  TRY_ASSIGN(const auto items, list.as_items());
  if (items.empty()) return list.complaint("a trust policy needs a statement");
  TRY_ASSIGN(TextRule scope_rule, TextRule::pattern(k_scope_pattern));
  TRY_ASSIGN(TextRule store_rule, TextRule::pattern(k_store_pattern));
  const Patterns patterns{.scope = std::move(scope_rule), .store = std::move(store_rule)};
  std::vector<TrustStatement> statements;
  for (const JsonView& item : items) {
    TRY_ASSIGN(TrustStatement statement, parse_statement(item, kind, patterns));
    statements.push_back(std::move(statement));
  }
  TRY(check_together(list, statements));
  return NotationPolicy(std::move(statements));
}

Result<TrustStatement> NotationPolicy::find_for(std::string_view scope) const {
  const auto names = [&](std::string_view wanted) {
    return std::ranges::find_if(statements_,
                                [&](const TrustStatement& s) { return std::ranges::find(s.scopes, wanted) != s.scopes.end(); });
  };
  auto found = scope == "*" ? statements_.end() : names(scope);
  if (found == statements_.end()) found = names("*");
  if (found != statements_.end()) return *found;
  return fail(ErrorCode::untrusted, "no statement of the trust policy is about " + printable(scope))
      .hinting("add it to registryScopes of a statement");
}

Result<TrustStatement> NotationPolicy::find_named(std::string_view name) const {
  const auto found = std::ranges::find_if(statements_, [&](const TrustStatement& s) { return name.empty() ? s.global : s.name == name; });
  if (found != statements_.end()) return *found;
  if (name.empty()) return fail(ErrorCode::untrusted, "the trust policy has no global statement for files");
  return fail(ErrorCode::untrusted, "the trust policy has no statement of the name \"" + printable(name) + "\"");
}

}  // namespace davit::oci
