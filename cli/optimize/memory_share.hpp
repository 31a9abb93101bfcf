// Deals out one memory limit among workers that run side by side.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace davit::cli {

class MemoryShare {
 public:
  explicit MemoryShare(std::uint64_t limit_bytes) : limit_(limit_bytes) {}

  /// Takes a part of the limit while it lives; waits until that much is free. One part is always granted, however large.
  class Part {
   public:
    Part(MemoryShare& share, std::uint64_t size_bytes) : share_(share), size_(size_bytes) { share_.take(size_); }
    ~Part() { share_.give_back(size_); }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    Part(Part&&) = delete;
    Part& operator=(Part&&) = delete;

   private:
    MemoryShare& share_;
    std::uint64_t size_;
  };

 private:
  void take(std::uint64_t size_bytes) {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [&] { return used_ == 0 || used_ + size_bytes <= limit_; });
    used_ += size_bytes;
  }
  void give_back(std::uint64_t size_bytes) {
    {
      const std::lock_guard lock(mutex_);
      used_ -= size_bytes;
    }
    freed_.notify_all();
  }

  std::uint64_t limit_;
  std::uint64_t used_ = 0;
  std::mutex mutex_{};
  std::condition_variable freed_{};
};

}  // namespace davit::cli
