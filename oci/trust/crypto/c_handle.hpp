// Owners of C objects: `CHandle<EVP_PKEY, EVP_PKEY_free> key(…)`, freed on every way out.
#pragma once

#include <memory>

namespace davit::oci {

template <auto Free>
struct CDeleter {
  template <typename T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

template <typename T, auto Free>
using CHandle = std::unique_ptr<T, CDeleter<Free>>;

}  // namespace davit::oci
