// What `ship` has already done, so that it starts again where it stopped. A step is kept only if its words, the
// content of its inputs and the content of its output are all as they were.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/result.hpp"

namespace davit::cli {

class ShipJournal {
 public:
  /// Reads the journal of a work folder; one that is missing or cannot be read is an empty one.
  static ShipJournal load(const std::string& folder);

  /// The key of a step: everything that decides its output.
  /// Errors: io (an input cannot be read)
  static Result<std::string> key_of(const std::vector<std::string>& words, const std::vector<std::string>& inputs);

  [[nodiscard]] bool holds(const std::string& step, const std::string& key, const std::string& output) const;
  /// Notes a finished step and writes the journal.
  Result<void> note(const std::string& step, const std::string& key, const std::string& output);

 private:
  struct Entry {
    std::string key;
    std::string output;  ///< digest of the output file
  };
  std::string path_;
  std::map<std::string, Entry> entries_;
};

}  // namespace davit::cli
