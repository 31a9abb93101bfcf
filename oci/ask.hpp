// A question to a store whose answer is not needed yet: asked on a thread of its own where the store allows that, else
// when the answer is wanted. Waits for the answer before it goes away.
#pragma once

#include <future>
#include <system_error>
#include <utility>

#include "manifests/result.hpp"

namespace davit::oci {

template <typename T>
class Asked {
 public:
  template <typename Question>
  Asked(bool at_once, Question question) {
    if (at_once) {
      try {
        waiting_ = std::async(std::launch::async, question);
        return;
      } catch (const std::system_error&) {
        // No thread is to be had: then it is asked in its turn.
      }
    }
    waiting_ = std::async(std::launch::deferred, std::move(question));
  }

  /// The same answer each time.
  [[nodiscard]] const Result<T>& answer() const { return waiting_.get(); }

 private:
  std::shared_future<Result<T>> waiting_;
};

}  // namespace davit::oci
