#include "mutate/engine.hpp"

#include <algorithm>
#include <cstdio>

#include "manifests/json.hpp"
#include "mutate/shapes.hpp"

namespace davit::mutate {
namespace {

struct Registered {
  Maker subjects;
  ClassMaker classes;
};

std::vector<Registered>& registry() {
  static std::vector<Registered> all;
  return all;
}

std::vector<AcceptedClass> all_classes() {
  std::vector<AcceptedClass> out;
  for (const Registered& one : registry()) {
    if (!one.classes) continue;
    for (AcceptedClass& entry : one.classes()) out.push_back(std::move(entry));
  }
  return out;
}

// Who signed what is what an acceptance means; a mutant that changes that is never harmless.
bool same_meaning(const oci::Finding& a, const oci::Finding& b) {
  return a.signer == b.signer && a.statement == b.statement && a.predicate_type == b.predicate_type && a.identity == b.identity;
}

// Where two JSON texts first differ: the place of a flip in the outer text. The text itself when it is none.
std::string difference(const Json& a, const Json& b, const std::string& pointer) {
  if (a.object() != nullptr && b.object() != nullptr) {
    const auto &left = a.object()->members(), &right = b.object()->members();
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
      if (left[i].first != right[i].first) return pointer + "/" + left[i].first + " (name)";
      const std::string below = difference(left[i].second, right[i].second, pointer + "/" + left[i].first);
      if (!below.empty()) return below;
    }
    return left.size() == right.size() ? "" : pointer;
  }
  if (a.array() != nullptr && b.array() != nullptr) {
    for (std::size_t i = 0; i < std::min(a.array()->size(), b.array()->size()); ++i) {
      const std::string below = difference((*a.array())[i], (*b.array())[i], pointer + "/" + std::to_string(i));
      if (!below.empty()) return below;
    }
    return a.array()->size() == b.array()->size() ? "" : pointer;
  }
  return write_json(a) == write_json(b) ? "" : pointer;
}

std::string place_of(const std::string& original, const std::string& changed) {
  const auto a = parse_json(original, JsonLimits{});
  const auto b = parse_json(changed, JsonLimits{});
  if (!a || !b) return "";
  const std::string found = difference(*a, *b, "");
  return found.empty() ? "(same value)" : found;
}

}  // namespace

Registration::Registration(Maker subjects, ClassMaker classes) { registry().push_back({std::move(subjects), std::move(classes)}); }

std::map<std::string, std::string> reasons() {
  std::map<std::string, std::string> out;
  for (const AcceptedClass& entry : all_classes()) out.emplace(entry.name, entry.reason);
  return out;
}

Tally run(std::size_t every, std::string_view start) {
  Tally tally;
  const std::vector<AcceptedClass> classes = all_classes();
  std::size_t counter = 0;
  for (const Registered& one : registry()) {
    for (const Subject& subject : one.subjects()) {
      if (!subject.name.starts_with(start)) continue;
      std::vector<std::string> parts;
      for (const auto& part : subject.parts) parts.push_back(part.second);
      const oci::Finding good = subject.judge(parts);
      if (!good.verified) {
        tally.wrong.push_back(subject.name + " is refused as it stands: " + good.reason);
        continue;
      }
      for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::string original = parts[i];
        const Changes sink = [&](std::string text, const std::string& place, const char* how) {
          if (text == original || ++counter % every != 0) return;
          parts[i] = std::move(text);
          ++tally.mutants;
          ++tally.by_subject[subject.name];
          const oci::Finding finding = subject.judge(parts);
          if (!finding.verified) return;
          const bool outer = place.empty() && std::string_view(how) == "flip";
          const Mutation mutation{subject.parts[i].first, outer ? place_of(original, parts[i]) : place, how};
          const auto found = std::ranges::find_if(classes, [&](const AcceptedClass& entry) { return entry.holds(subject, mutation); });
          if (found != classes.end() && same_meaning(good, finding)) {
            ++tally.accepted[found->name];
          } else {
            tally.wrong.push_back(subject.name + ": " + mutation.part + " " + place + " " + how);
          }
        };
        if (subject.change) {
          subject.change(original, sink);
        } else {
          mutate_text(original, sink);
        }
        parts[i] = original;
      }
    }
  }
  return tally;
}

}  // namespace davit::mutate
