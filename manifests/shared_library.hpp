// A library that is loaded when it is first used. Most commands neither speak TLS nor open an archive, and many neither hash
// nor verify: loading the libraries for that, and what they bring along, costs more than all else that such a command does.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "manifests/result.hpp"

namespace davit {

class SharedLibrary {
 public:
  /// @param names  paths, or as the linker calls it (`libarchive.so.13`); the first that can be loaded is taken
  explicit SharedLibrary(std::vector<std::string> names) : names_(std::move(names)) {}

  /// Loads it unless it is there. Errors: unsupported (none can be loaded; the message says why the last one cannot)
  Result<void> load();
  /// One of its functions; loads it first. A library that is not there, or lacks the function, is a broken
  /// installation: std::runtime_error.
  template <typename Function>
  Function* function(const char* name) {
    return reinterpret_cast<Function*>(symbol(name));
  }

 private:
  void* symbol(const char* name);

  std::vector<std::string> names_;  ///< not empty
  std::string name_{};              ///< of the one that was loaded or tried last
  void* handle_ = nullptr;
};

}  // namespace davit
