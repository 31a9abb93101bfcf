// Work that is done several pieces at a time and answered in the order it was given: a bounded number of threads, and a
// bounded number of pieces that wait, so that a list of any length takes no more memory than a short one.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "manifests/result.hpp"

namespace davit::cli {

template <typename T>
class LineOfWork {
 public:
  using Work = std::function<Result<T>()>;
  /// Called for one piece after the other, on a thread of its own. An error ends everything.
  using Answer = std::function<Result<void>(const std::string& name, Result<T> result)>;

  LineOfWork(std::uint64_t workers, Answer answer) : room_(static_cast<std::size_t>(workers) * 2), answer_(std::move(answer)) {
    for (std::uint64_t i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
    threads_.emplace_back([this] { answer_in_order(); });
  }
  LineOfWork(const LineOfWork&) = delete;
  LineOfWork& operator=(const LineOfWork&) = delete;
  ~LineOfWork() { static_cast<void>(finish()); }

  /// Waits while there is no room.
  void add(const std::string& name, Work piece) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return line_.size() < room_ || failure_; });
    line_.push_back({.name = name, .work = std::move(piece)});
    changed_.notify_all();
  }

  /// Waits until all that was added is answered, or an answer failed.
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return line_.empty() || failure_; });
  }

  /// Whether an answer failed, so that nothing more will be done.
  [[nodiscard]] bool has_stopped() {
    const std::lock_guard lock(mutex_);
    return failure_.has_value();
  }

  /// Waits for everything and ends the threads. Errors: those of the answers
  Result<void> finish() {
    {
      const std::lock_guard lock(mutex_);
      is_complete_ = true;
      changed_.notify_all();
    }
    threads_.clear();
    if (failure_) return *failure_;
    return {};
  }

 private:
  struct Piece {
    std::string name;
    Work work;
    bool is_taken = false;
    std::optional<Result<T>> result{};
  };

  // Pieces that wait are behind those that are taken.
  Piece* next_piece() {
    for (Piece& piece : line_)
      if (!piece.is_taken) return &piece;
    return nullptr;
  }

  // As in the program's main function: what is thrown is a fault of ours, or there is no memory left.
  static Result<T> done(const Work& what) {
    try {
      return what();
    } catch (const std::exception& error) {
      return fail(ErrorCode::internal, std::string("unexpected: ") + error.what());
    }
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return next_piece() != nullptr || is_complete_ || failure_; });
      Piece* piece = next_piece();
      if (piece == nullptr || failure_) return;
      piece->is_taken = true;
      const Work what = std::move(piece->work);
      lock.unlock();
      std::optional<Result<T>> result(done(what));
      lock.lock();
      piece->result = std::move(result);  // a deque keeps its pieces where they are
      changed_.notify_all();
    }
  }

  void answer_in_order() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return line_.empty() ? is_complete_ : line_.front().result.has_value(); });
      if (line_.empty()) return;
      const std::string name = line_.front().name;
      Result<T> result = *std::move(line_.front().result);
      lock.unlock();
      auto answered = answer_(name, std::move(result));
      lock.lock();
      if (!answered) failure_ = std::move(answered).error();
      line_.pop_front();
      changed_.notify_all();
      if (failure_) return;
    }
  }

  const std::size_t room_;
  const Answer answer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Piece> line_;  ///< not answered yet, in order
  bool is_complete_ = false;
  std::optional<Error> failure_;
  std::vector<std::jthread> threads_;  ///< last: they use all of the above
};

}  // namespace davit::cli
