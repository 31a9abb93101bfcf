// A library that is loaded when it is first used. Most commands neither speak TLS nor open an archive, and many neither hash
// nor verify: loading the libraries for that, and what they bring along, costs more than all else that such a command does.
#pragma once

#include <string>

#include "manifests/result.hpp"

namespace davit {

class SharedLibrary {
 public:
  /// @param name  as the linker calls it (`libarchive.so.13`)
  explicit SharedLibrary(const char* name) : name_(name) {}

  /// Loads it unless it is there. Errors: unsupported (it cannot be loaded; the message says why)
  Result<void> load();
  /// One of its functions; loads it first. A library that is not there, or lacks the function, is a broken
  /// installation: std::runtime_error.
  template <typename Function>
  Function* function(const char* name) {
    return reinterpret_cast<Function*>(symbol(name));
  }

 private:
  void* symbol(const char* name);

  const char* name_;
  void* handle_ = nullptr;
};

}  // namespace davit
