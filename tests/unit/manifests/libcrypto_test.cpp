#include "manifests/libcrypto.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include "manifests/digest.hpp"

namespace davit {
namespace {

std::atomic<int> g_preparations = 0;
std::atomic<bool> g_is_prepared = false;

// The preparation uses the library; so do four threads, each of which has to find it prepared.
[[noreturn]] void use_from_four_threads() {
  prepare_libcrypto([] {
    ++g_preparations;
    if (digest_of("a").hex().empty()) std::abort();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    g_is_prepared = true;
  });
  std::atomic<int> unprepared = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&unprepared] {
      digest_of("b");
      if (!g_is_prepared) ++unprepared;
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::_Exit(unprepared == 0 && g_preparations == 1 ? 7 : 1);
}

// In a process of its own, where nothing has used the library.
TEST(Libcrypto, IsPreparedOnceBeforeAnyoneUsesIt) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(use_from_four_threads(), testing::ExitedWithCode(7), "");
}

TEST(Libcrypto, IsPreparedByWhoLoadsItOnly) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        prepare_libcrypto([] { std::_Exit(7); });
        load_libcrypto();
      },
      testing::ExitedWithCode(7), "");
  EXPECT_EXIT(
      {
        prepare_libcrypto([] { std::_Exit(7); });
        std::_Exit(8);
      },
      testing::ExitedWithCode(8), "");
}

}  // namespace
}  // namespace davit
