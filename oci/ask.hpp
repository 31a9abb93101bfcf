// A question to a store whose answer is not needed yet: asked on a thread of its own where the store allows that, else
// when the answer is wanted. Waits for the answer before it goes away.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "manifests/result.hpp"
#include "manifests/side_work.hpp"

namespace davit::oci {

template <typename T>
class Asked {
 public:
  template <typename Question>
  Asked(bool at_once, Question question) : asking_(std::make_unique<Asking>(at_once, std::move(question))) {}

  /// The same answer each time. To be called by one thread.
  [[nodiscard]] const Result<T>& answer() const {
    asking_->work.finish();
    return *asking_->answer;
  }

 private:
  struct Asking {
    template <typename Question>
    Asking(bool at_once, Question question)
        : work(at_once ? Start::at_once : Start::when_wanted, [this, question = std::move(question)] { answer.emplace(question()); }) {}
    std::optional<Result<T>> answer{};
    SideWork work;  ///< last: it uses the above
  };
  std::unique_ptr<Asking> asking_;
};

}  // namespace davit::oci
