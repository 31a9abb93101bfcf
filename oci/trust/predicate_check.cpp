#include "oci/trust/predicate_check.hpp"

#include <algorithm>
#include <cmath>

#include "manifests/encoding.hpp"
#include "manifests/lower_case.hpp"
#include "manifests/predicate_type.hpp"
#include "manifests/statement.hpp"
#include "manifests/time_text.hpp"
#include "oci/trust/clock_tolerance.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_max_visited_values = 1'000'000;

// RFC 6901; null when there is nothing at the place.
const Json* find_at(const Json& root, std::string_view pointer) {
  const Json* at = &root;
  while (!pointer.empty()) {
    if (pointer.front() != '/') return nullptr;
    const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
    std::string token(pointer.substr(1, end - 1));
    pointer.remove_prefix(end);
    for (std::size_t i = 0; (i = token.find('~', i)) != std::string::npos; ++i) {
      const char next = i + 1 < token.size() ? token[i + 1] : '\0';
      if (next != '0' && next != '1') return nullptr;
      token.replace(i, 2, next == '0' ? "~" : "/");
    }
    if (const JsonObject* object = at->object()) {
      at = object->find(token);
    } else if (const JsonArray* array = at->array()) {
      const bool is_index = !token.empty() && token.size() < 9 && std::ranges::all_of(token, [](char c) { return c >= '0' && c <= '9'; });
      const std::size_t index = is_index ? std::stoul(token) : array->size();
      at = index < array->size() ? &(*array)[index] : nullptr;
    } else {
      return nullptr;
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::optional<std::string> text_at(const Json& root, std::string_view pointer) {
  const Json* found = find_at(root, pointer);
  if (found == nullptr || found->string() == nullptr) return std::nullopt;
  return *found->string();
}

std::optional<double> number_of(const Json& json) {
  if (const auto* number = std::get_if<std::int64_t>(&json.value())) return static_cast<double>(*number);
  if (const auto* number = std::get_if<std::uint64_t>(&json.value())) return static_cast<double>(*number);
  if (const auto* number = std::get_if<double>(&json.value()); number != nullptr && std::isfinite(*number)) return *number;
  return std::nullopt;
}

std::string show(const Json& json) { return printable(write_json(json), 120); }

Decision check_builder(const AttestationDemand& demand, const Json& predicate) {
  const auto id = text_at(predicate, demand.type == k_predicate_slsa_1 ? "/runDetails/builder/id" : "/builder/id");
  if (!id) return {.text = "builder: the provenance names none, expected " + demand.builder->describe()};
  const bool fits = demand.builder->matches(*id);
  return {.passed = fits,
          .text = "builder \"" + printable(*id) + "\"" + (fits ? "" : ", expected " + printable(demand.builder->describe()))};
}

// `git+https://host/repo@refs/heads/main` is the repository https://host/repo: both ways of writing it are compared.
std::vector<std::string> spellings(const std::string& uri) {
  std::vector<std::string> out{uri};
  std::string bare = uri.starts_with("git+") ? uri.substr(4) : uri;
  const std::size_t authority = bare.find("://");
  const std::size_t path = authority == std::string::npos ? std::string::npos : bare.find('/', authority + 3);
  const std::size_t revision = path == std::string::npos ? std::string::npos : bare.find('@', path);
  out.push_back(bare);
  if (revision != std::string::npos) out.push_back(bare.substr(0, revision));
  return out;
}

// Where SLSA 0.2 and 1 and the build types of the large forges put what was built from.
std::vector<std::string> sources_of(const Json& predicate) {
  std::vector<std::string> found;
  for (const char* place : {"/buildDefinition/externalParameters/workflow/repository", "/buildDefinition/externalParameters/source/uri",
                            "/buildDefinition/externalParameters/source", "/invocation/configSource/uri"}) {
    if (auto text = text_at(predicate, place)) found.push_back(*std::move(text));
  }
  for (const char* place : {"/buildDefinition/resolvedDependencies", "/materials"}) {
    const Json* list = find_at(predicate, place);
    if (list == nullptr || list->array() == nullptr) continue;
    for (const Json& item : *list->array()) {
      if (auto text = text_at(item, "/uri")) found.push_back(*std::move(text));
    }
  }
  return found;
}

Decision check_source(const AttestationDemand& demand, const Json& predicate) {
  const std::vector<std::string> sources = sources_of(predicate);
  for (const std::string& source : sources) {
    const auto forms = spellings(source);
    if (std::ranges::any_of(forms, [&](const std::string& form) { return demand.source->matches(form); })) {
      return {.passed = true, .text = "source \"" + printable(source) + "\""};
    }
  }
  if (sources.empty()) return {.text = "source: the provenance names none, expected " + printable(demand.source->describe())};
  return {.text = "source \"" + printable(sources.front()) + "\", expected " + printable(demand.source->describe())};
}

// A trusted time beats what the statement says about itself; of several the latest counts as its age.
std::optional<std::int64_t> time_of(const Finding& finding, const Json& predicate) {
  if (!finding.times.empty()) return std::ranges::max_element(finding.times, {}, &TrustedTime::seconds)->seconds;
  for (const char* place : {"/runDetails/metadata/finishedOn", "/metadata/buildFinishedOn", "/metadata/scanFinishedOn", "/Timestamp",
                            "/timestamp", "/metadata/timestamp", "/creationInfo/created"}) {
    const auto text = text_at(predicate, place);
    if (!text) continue;
    const auto time = parse_time(*text);
    return time ? std::optional(*time) : std::nullopt;
  }
  return std::nullopt;
}

Decision check_age(const AttestationDemand& demand, const Finding& finding, const Json& predicate, std::int64_t now) {
  const auto time = time_of(finding, predicate);
  const std::string most = std::to_string(demand.max_age_seconds / 3600) + " h";
  if (!time) return {.text = "age: nothing says when it was made, expected at most " + most};
  if (*time > now + k_clock_tolerance_seconds) return {.text = "age: it says it was made in the future, at " + write_time(*time)};
  const bool fresh = now - *time <= demand.max_age_seconds;
  return {.passed = fresh, .text = "made at " + write_time(*time) + (fresh ? ", within " : ", longer ago than ") + most};
}

// Scanners nest their results each in their own way, but all of them put a "severity" on a vulnerability: every object
// that has one as text is counted. Nothing when there is too much to look at.
std::optional<std::map<std::string, std::uint64_t>> count_severities(const Json& root) {
  std::map<std::string, std::uint64_t> counts;
  std::vector<const Json*> pending{&root};
  std::size_t visited = 0;
  while (!pending.empty()) {
    if (++visited > k_max_visited_values) return std::nullopt;
    const Json* at = pending.back();
    pending.pop_back();
    if (const JsonArray* array = at->array()) {
      for (const Json& item : *array) pending.push_back(&item);
    } else if (const JsonObject* object = at->object()) {
      bool counted = false;
      for (const auto& [name, value] : object->members()) {
        if (!counted && value.string() != nullptr && lower_case(name) == "severity") {
          ++counts[lower_case(*value.string())];
          counted = true;
        }
        pending.push_back(&value);
      }
    }
  }
  return counts;
}

Decision check_severities(const AttestationDemand& demand, const Json& predicate) {
  const Json* result = find_at(predicate, "/scanner/result");
  if (result == nullptr || (result->object() == nullptr && result->array() == nullptr)) {
    return {.text = "vulnerabilities: the scan holds no result"};
  }
  const auto counts = count_severities(*result);
  if (!counts) return {.text = "vulnerabilities: the result is too large to count"};
  Decision out{.passed = true, .text = "vulnerabilities"};
  for (const auto& [severity, most] : demand.severities) {
    const auto found = counts->find(severity);
    const std::uint64_t count = found == counts->end() ? 0 : found->second;
    out.parts.push_back(
        {.passed = count <= most, .text = std::to_string(count) + " " + severity + ", at most " + std::to_string(most) + " allowed"});
    out.passed = out.passed && count <= most;
  }
  return out;
}

Decision check_condition(const PredicateCondition& condition, const Json& predicate) {
  const Json* found = find_at(predicate, condition.pointer);
  const std::string place = "\"" + printable(condition.pointer) + "\"";
  if (found == nullptr) return {.text = place + " is not there"};
  bool fits = false;
  std::string expected;
  if (!condition.one_of.empty()) {
    const std::string text = write_json_sorted(*found);
    fits = std::ranges::any_of(condition.one_of, [&](const Json& wanted) { return write_json_sorted(wanted) == text; });
    expected = condition.one_of.size() == 1 ? show(condition.one_of.front()) : show(Json(condition.one_of));
  } else if (condition.pattern) {
    fits = found->string() != nullptr && condition.pattern->matches(*found->string());
    expected = printable(condition.pattern->describe());
  } else if (condition.at_most) {
    const auto number = number_of(*found);
    fits = number && *number <= *condition.at_most;
    expected = "at most " + show(Json(*condition.at_most));
  }
  return {.passed = fits, .text = place + " is " + show(*found) + (fits ? "" : ", expected " + expected)};
}

}  // namespace

Decision check_predicate(const AttestationDemand& demand, const Finding& finding, std::int64_t now) {
  Decision out{.text = finding.candidate + " by " + printable(finding.signer)};
  if (!finding.statement) return out;
  const auto statement = parse_statement(as_text(*finding.statement));
  if (!statement || statement->predicate_type != demand.type) {
    out.text += ": its statement is not of the type asked for";
    return out;
  }
  const Json& predicate = statement->predicate;
  if (demand.builder) out.parts.push_back(check_builder(demand, predicate));
  if (demand.source) out.parts.push_back(check_source(demand, predicate));
  if (demand.max_age_seconds > 0) out.parts.push_back(check_age(demand, finding, predicate, now));
  if (!demand.severities.empty()) out.parts.push_back(check_severities(demand, predicate));
  for (const PredicateCondition& condition : demand.conditions) out.parts.push_back(check_condition(condition, predicate));
  out.passed = std::ranges::all_of(out.parts, &Decision::passed);
  return out;
}

}  // namespace davit::oci
