#include "manifests/statement.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"

namespace davit {
namespace {

Error too_many(std::string_view what, std::size_t count, std::size_t limit) {
  return fail(ErrorCode::limit,
              "a statement with " + std::to_string(count) + " " + std::string(what) + " is over the limit of " + std::to_string(limit));
}

Result<StatementSubject> parse_subject(const JsonView& json) {
  StatementSubject subject;
  if (const auto name = json.find("name")) {
    TRY_ASSIGN(subject.name, name->as_string());
  }
  TRY_ASSIGN(const JsonView digests, json.field("digest"));
  TRY_ASSIGN(const auto members, digests.as_members());
  if (members.empty()) return digests.complaint("expected at least one digest");
  if (members.size() > k_max_subject_digests) return too_many("digests in one subject", members.size(), k_max_subject_digests);
  for (const auto& [algorithm, value] : members) {
    TRY_ASSIGN(std::string hex, value.as_string());
    subject.digests.emplace(algorithm, std::move(hex));
  }
  TRY_ASSIGN(subject.annotations, parse_annotations(json.find("annotations")));
  return subject;
}

Json to_json(const StatementSubject& subject) {
  JsonObject out;
  if (!subject.name.empty()) out.set("name", subject.name);
  JsonObject digests;
  for (const auto& [algorithm, hex] : subject.digests) digests.set(algorithm, hex);
  out.set("digest", std::move(digests));
  if (!subject.annotations.empty()) out.set("annotations", davit::to_json(subject.annotations));
  return out;
}

}  // namespace

bool Statement::is_about(const Digest& digest) const {
  return std::ranges::any_of(subjects, [&](const StatementSubject& subject) {
    const auto found = subject.digests.find(std::string(digest.algorithm_name()));
    return found != subject.digests.end() && found->second == digest.hex();
  });
}

Result<Statement> parse_statement(std::string_view text) {
  TRY_ASSIGN(const Json json, parse_json(text, JsonLimits{}));
  const JsonView view(json);
  TRY_ASSIGN(const JsonView type_field, view.field("_type"));
  TRY_ASSIGN(const std::string type, type_field.as_string());
  if (type != k_statement_type && type != k_statement_type_v01) {
    return fail(ErrorCode::unsupported,
                "statement type \"" + printable(type) + "\" is not known; expected \"" + std::string(k_statement_type) + "\"");
  }
  Statement statement;
  TRY_ASSIGN(const JsonView subjects, view.field("subject"));
  TRY_ASSIGN(const auto items, subjects.as_items());
  if (items.empty()) return subjects.complaint("expected at least one subject");
  if (items.size() > k_max_statement_subjects) return too_many("subjects", items.size(), k_max_statement_subjects);
  for (const JsonView& item : items) {
    TRY_ASSIGN(StatementSubject subject, parse_subject(item));
    statement.subjects.push_back(std::move(subject));
  }
  TRY_ASSIGN(const JsonView predicate_type, view.field("predicateType"));
  TRY_ASSIGN(statement.predicate_type, predicate_type.as_string());
  if (const auto predicate = view.find("predicate")) statement.predicate = predicate->json();
  return statement;
}

std::string write_statement(const Statement& statement) {
  JsonArray subjects;
  for (const StatementSubject& subject : statement.subjects) subjects.push_back(to_json(subject));
  return write_json(JsonObject{{"_type", k_statement_type},
                               {"subject", std::move(subjects)},
                               {"predicateType", statement.predicate_type},
                               {"predicate", statement.predicate}});
}

}  // namespace davit
