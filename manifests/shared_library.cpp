#include "manifests/shared_library.hpp"

#include <dlfcn.h>

#include <mutex>
#include <stdexcept>

namespace davit {
namespace {

std::mutex& load_lock() {
  static std::mutex lock;
  return lock;
}

std::string reason() {
  const char* const text = ::dlerror();
  return text == nullptr ? "no reason given" : text;
}

}  // namespace

Result<void> SharedLibrary::load() {
  const std::lock_guard guard(load_lock());
  if (handle_ != nullptr) return {};
  for (const std::string& name : names_) {
    name_ = name;
    handle_ = ::dlopen(name.c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (handle_ != nullptr) return {};
  }
  return fail(ErrorCode::unsupported, name_ + " cannot be loaded: " + reason()).hinting("install the library davit was built with");
}

void* SharedLibrary::symbol(const char* name) {
  if (auto loaded = load(); !loaded) throw std::runtime_error(loaded.error().message);
  void* const found = ::dlsym(handle_, name);
  if (found == nullptr) throw std::runtime_error(name_ + " lacks " + name + ": " + reason());
  return found;
}

}  // namespace davit
