#include "manifests/side_work.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "support/processors.hpp"

namespace davit {
namespace {

TEST(SideWork, BeginsAtOnceAndOnAnotherThread) {
  std::atomic<bool> done = false;
  std::thread::id worker;
  SideWork work(Start::at_once, [&] {
    worker = std::this_thread::get_id();
    done = true;
  });
  EXPECT_TRUE(work.has_begun());
  while (!done) std::this_thread::yield();
  work.finish();
  EXPECT_NE(worker, std::this_thread::get_id());
}

TEST(SideWork, WaitsForItsEnd) {
  std::atomic<int> count = 0;
  {
    const SideWork work(Start::at_once, [&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      ++count;
    });
  }
  EXPECT_EQ(count, 1);
}

TEST(SideWork, IsDoneWhenWantedOnceAndByWhoWantsIt) {
  int count = 0;
  std::thread::id worker;
  SideWork work(Start::when_wanted, [&] {
    worker = std::this_thread::get_id();
    ++count;
  });
  EXPECT_FALSE(work.has_begun());
  EXPECT_EQ(count, 0);
  work.finish();
  work.finish();
  EXPECT_EQ(count, 1);
  EXPECT_EQ(worker, std::this_thread::get_id());
}

TEST(SideWork, IsDroppedWhenNobodyWantedIt) {
  int count = 0;
  {
    const SideWork work(Start::when_wanted, [&] { ++count; });
  }
  EXPECT_EQ(count, 0);
}

TEST(SideWork, WhereThereIsOneProcessorAsksOnAThreadAndComputesOnTheCallers) {
  const OneProcessor one;
  for (const Start start : {Start::elsewhere, Start::at_once}) {
    int count = 0;
    SideWork work(start, [&] { ++count; });
    EXPECT_EQ(work.has_begun(), start == Start::at_once);
    work.finish();
    EXPECT_EQ(count, 1);
  }
}

TEST(SideWork, MayGoWhereverTheCallerMay) {
  const int processors = usable_processors();
  int seen = 0;
  SideWork work(Start::at_once, [&] { seen = usable_processors(); });
  work.finish();
  EXPECT_EQ(seen, processors);
}

}  // namespace
}  // namespace davit
