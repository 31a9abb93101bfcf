// Spoils valid signature objects in every small way and asks the judge about each. A mutant that is accepted must be
// one whose meaning did not change, and must belong to a class that says why; any other fails the run.
//
// A form of signature joins by a file of its own in this folder that registers its subjects:
//
//   const Registration registered([] { return std::vector<Subject>{…}; });
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "oci/trust/finding.hpp"

namespace davit::mutate {

/// Takes each changed text, with the place and the kind of the change.
using Changes = std::function<void(std::string, const std::string& place, const char* how)>;

/// A valid object: one or more texts or byte strings, by name, and how it is judged.
struct Subject {
  std::string name;
  std::vector<std::pair<std::string, std::string>> parts;
  std::function<oci::Finding(const std::vector<std::string>&)> judge;
  std::function<void(std::string_view, const Changes&)> change{};  ///< every change of a part; empty: those of texts (shapes)
};

/// One change: of which part, where, and how.
struct Mutation {
  std::string part;
  std::string place;  ///< JSON pointer, with `>` where base64 is opened; byte offsets are not in it
  std::string how;    ///< flip, drop, duplicate, reorder, swap, der-drop, der-duplicate, der-swap, line-drop, line-duplicate, line-swap;
                      ///< of a subject with changes of its own, as that names them
};

/// Why accepting such a mutant changes nothing.
struct AcceptedClass {
  std::string name;
  std::string reason;
  std::function<bool(const Subject&, const Mutation&)> holds;
};

using Maker = std::function<std::vector<Subject>()>;
using ClassMaker = std::function<std::vector<AcceptedClass>()>;

class Registration {
 public:
  explicit Registration(Maker subjects, ClassMaker classes = {});
};

struct Tally {
  std::size_t mutants = 0;
  std::map<std::string, std::size_t> by_subject{};
  std::map<std::string, std::size_t> accepted{};  ///< by class
  std::vector<std::string> wrong{};               ///< accepted, and no class knows why
};

/// @param every  judges one mutant of so many; 1: all
/// @param start  of the names of the subjects that are judged; empty: all
Tally run(std::size_t every, std::string_view start);
/// Reasons of all classes, by name.
std::map<std::string, std::string> reasons();

}  // namespace davit::mutate
