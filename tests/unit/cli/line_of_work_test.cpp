#include "cli/verify/line_of_work.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <stdexcept>

namespace davit::cli {
namespace {

using Answers = std::vector<std::string>;

LineOfWork<int>::Answer note_in(Answers& answers) {
  return [&answers](const std::string& name, const Result<int>& result) -> Result<void> {
    answers.push_back(name + "=" + (result ? std::to_string(*result) : result.error().message));
    return {};
  };
}

TEST(line_of_work, answers_in_the_order_given_whatever_ends_first) {
  Answers answers;
  std::latch last_is_done(1);
  LineOfWork<int> line(3, note_in(answers));

  line.add("slow", [&]() -> Result<int> {
    last_is_done.wait();
    return 1;
  });
  line.add("broken", []() -> Result<int> { return fail(ErrorCode::not_found, "no such thing"); });
  line.add("quick", [&]() -> Result<int> {
    last_is_done.count_down();
    return 3;
  });

  ASSERT_TRUE(line.finish());
  EXPECT_THAT(answers, testing::ElementsAre("slow=1", "broken=no such thing", "quick=3"));
}

TEST(line_of_work, answers_a_piece_before_the_next_one_is_given) {
  Answers answers;
  LineOfWork<int> line(2, note_in(answers));

  for (int i = 0; i < 3; ++i) {
    line.add("piece", [i]() -> Result<int> { return i; });
    line.wait();
    EXPECT_EQ(answers.size(), static_cast<std::size_t>(i) + 1);
  }
}

TEST(line_of_work, never_holds_more_than_twice_its_workers) {
  Answers answers;
  std::atomic<int> begun = 0, most = 0, given = 0;
  LineOfWork<int> line(2, [&](const std::string&, const Result<int>&) -> Result<void> {
    most = std::max(most.load(), given.load());
    --given;
    return {};
  });

  for (int i = 0; i < 200; ++i) {
    line.add("piece", [&]() -> Result<int> { return ++begun; });
    ++given;
  }

  ASSERT_TRUE(line.finish());
  EXPECT_EQ(begun, 200);
  EXPECT_LE(most, 5);  // four in the line, and the one that was given just now
}

TEST(line_of_work, stops_when_an_answer_cannot_be_given) {
  std::atomic<int> answered = 0;
  LineOfWork<int> line(2, [&](const std::string&, const Result<int>&) -> Result<void> {
    ++answered;
    return fail(ErrorCode::io, "the reader went away");
  });

  while (!line.has_stopped()) line.add("piece", []() -> Result<int> { return 1; });

  const auto finished = line.finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, ErrorCode::io);
  EXPECT_EQ(answered, 1);
}

TEST(line_of_work, makes_an_error_of_what_is_thrown) {
  Answers answers;
  LineOfWork<int> line(1, note_in(answers));

  line.add("thrown", []() -> Result<int> { throw std::runtime_error("no library"); });
  line.add("next", []() -> Result<int> { return 2; });

  ASSERT_TRUE(line.finish());
  EXPECT_THAT(answers, testing::ElementsAre("thrown=unexpected: no library", "next=2"));
}

TEST(line_of_work, of_nothing_is_finished_at_once) {
  Answers answers;
  LineOfWork<int> line(3, note_in(answers));
  EXPECT_TRUE(line.finish());
  EXPECT_TRUE(line.finish());
  EXPECT_TRUE(answers.empty());
}

}  // namespace
}  // namespace davit::cli
