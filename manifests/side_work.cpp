#include "manifests/side_work.hpp"

#include <utility>

#include "manifests/result.hpp"

namespace davit {
namespace {

// Nothing where there is only the one that this thread is on.
std::optional<cpu_set_t> other_processors(cpu_set_t processors) {
  const int here = ::sched_getcpu();
  if (here < 0) return {};
  CPU_CLR(static_cast<unsigned>(here), &processors);
  return CPU_COUNT(&processors) > 0 ? std::optional(processors) : std::nullopt;
}

}  // namespace

SideWork::SideWork(Start start, std::function<void()> work) : work_(std::move(work)) {
  if (start == Start::when_wanted) return;
  const bool known = ::sched_getaffinity(0, sizeof processors_, &processors_) == 0;
  const auto others = known ? other_processors(processors_) : std::nullopt;
  if (!others && start == Start::elsewhere) return;
  pthread_attr_t attributes;
  if (::pthread_attr_init(&attributes) != 0) return;
  if (others) static_cast<void>(::pthread_attr_setaffinity_np(&attributes, sizeof *others, &*others));
  pthread_t thread{};
  if (::pthread_create(&thread, &attributes, run, this) == 0) thread_ = thread;
  ::pthread_attr_destroy(&attributes);
}

SideWork::~SideWork() {
  if (thread_) finish();
}

void* SideWork::run(void* self) {
  const auto& side = *static_cast<const SideWork*>(self);
  // It has begun; from here on it may go wherever the caller may.
  if (CPU_COUNT(&side.processors_) > 0)
    static_cast<void>(::pthread_setaffinity_np(::pthread_self(), sizeof side.processors_, &side.processors_));
  side.work_();
  return nullptr;
}

void SideWork::finish() {
  if (std::exchange(done_, true)) return;
  if (!thread_) return work_();
  CHECK(::pthread_join(*thread_, nullptr) == 0);
}

}  // namespace davit
