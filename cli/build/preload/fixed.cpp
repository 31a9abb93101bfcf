// A library that a compiler is started with (LD_PRELOAD) so that what it keeps of its run is the same in each build: the
// random bytes are the ones its seed gives, and the clocks stand still. It is for programs that make a file and end, never
// for one that needs a secret: whoever knows the seed knows every byte.
//
// Its orders are variables: DAVIT_FIXED_SEED (16 hexadecimal digits), DAVIT_FIXED_TIME (seconds since 1970) and
// DAVIT_FIXED_MARK, a file that it makes as a sign that all was fixed. They leave the environment with LD_PRELOAD, which a
// compiler may copy into its output; so what the program starts in turn is not fixed. With DAVIT_FIXED_FILES what is told of
// files is fixed too (files.hpp), and the variables stay, as the processes that it starts need the library then.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "cli/build/preload/files.hpp"

namespace {

// A program that waits for a clock must see it move. Far more readings than a program makes that does not wait.
constexpr std::int64_t k_readings_at_rest = 1'000'000;
constexpr time_t k_uptime_seconds = 1000;

std::uint64_t seed = 0;
time_t date = 0;
thread_local std::int64_t readings = 0;

// SplitMix64 from the seed, from its start at each call: which call came first depends on threads and caches.
void fill(void* target, std::size_t size) {
  auto* bytes = static_cast<unsigned char*>(target);
  for (std::size_t at = 0; at < size; ++at) {
    std::uint64_t word = seed + (at / 8 + 1) * 0x9e3779b97f4a7c15U;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9U;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebU;
    word ^= word >> 31;
    bytes[at] = static_cast<unsigned char>(word >> (at % 8 * 8));
  }
}

timespec tell(clockid_t clock) {
  const std::int64_t milliseconds = ++readings > k_readings_at_rest ? readings - k_readings_at_rest : 0;
  const bool dated = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
  return {.tv_sec = (dated ? date : k_uptime_seconds) + milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1'000'000};
}

__attribute__((constructor)) void take_orders() {
  if (const char* text = std::getenv("DAVIT_FIXED_SEED")) seed = std::strtoull(text, nullptr, 16);
  if (const char* text = std::getenv("DAVIT_FIXED_TIME")) date = std::strtoll(text, nullptr, 10);
  const bool files = std::getenv("DAVIT_FIXED_FILES") != nullptr;
  if (files && !davit::preload::fix_files()) return;
  if (const char* path = std::getenv("DAVIT_FIXED_MARK")) ::close(::open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (files) return;
  for (const char* name : {"DAVIT_FIXED_SEED", "DAVIT_FIXED_TIME", "DAVIT_FIXED_MARK", "LD_PRELOAD"}) ::unsetenv(name);
}

}  // namespace

extern "C" {

ssize_t getrandom(void* target, std::size_t size, unsigned /*flags*/) {
  fill(target, size);
  return static_cast<ssize_t>(size);
}

int getentropy(void* target, std::size_t size) {
  fill(target, size);
  return 0;
}

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  *now = tell(clock);
  return 0;
}

int gettimeofday(timeval* value, void* /*zone*/) noexcept {
  const timespec now = tell(CLOCK_REALTIME);
  *value = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* seconds) noexcept {
  const timespec now = tell(CLOCK_REALTIME);
  if (seconds != nullptr) *seconds = now.tv_sec;
  return now.tv_sec;
}

// Rust's programs ask for random bytes this way. Each call has at most six words, and reading more than there are is what
// the C library does here too.
long syscall(long number, ...) noexcept {
  std::array<void*, 6> words{};
  va_list list;
  va_start(list, number);
  for (void*& word : words) word = va_arg(list, void*);
  va_end(list);
  if (number == SYS_getrandom) return getrandom(words[0], reinterpret_cast<std::uintptr_t>(words[1]), 0);
  if (number == SYS_clock_gettime)
    return clock_gettime(static_cast<clockid_t>(reinterpret_cast<std::uintptr_t>(words[0])), static_cast<timespec*>(words[1]));
  using Call = long (*)(long, ...);
  static const auto real = reinterpret_cast<Call>(::dlsym(RTLD_NEXT, "syscall"));
  return real(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}
}
