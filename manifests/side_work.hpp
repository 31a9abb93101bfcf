// Work that goes on while the caller does something else. A new thread is often left waiting behind the one that made
// it; this one is told to begin on another processor, which counts where all the work takes a millisecond or two.
#pragma once

#include <pthread.h>
#include <sched.h>

#include <functional>
#include <optional>

namespace davit {

enum class Start {
  at_once,      ///< on a thread, however many processors there are: the work waits for others
  elsewhere,    ///< on a thread if there is another processor: the work computes
  when_wanted,  ///< in finish()
};

/// Where no thread is to be had, the work is done when wanted. What has begun ends before this goes away; what has not is
/// dropped. The work must not throw.
class SideWork {
 public:
  SideWork(Start start, std::function<void()> work);
  SideWork(const SideWork&) = delete;
  SideWork& operator=(const SideWork&) = delete;
  ~SideWork();
  [[nodiscard]] bool has_begun() const { return thread_.has_value(); }
  /// Returns when the work is done. To be called by one thread.
  void finish();

 private:
  static void* run(void* self);

  std::function<void()> work_;
  cpu_set_t processors_{};  ///< what the caller may use
  std::optional<pthread_t> thread_{};
  bool done_ = false;
};

}  // namespace davit
