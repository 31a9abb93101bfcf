#include "cli/parser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/help.hpp"

namespace davit::cli {
namespace {

struct Words {
  std::string first{};
  std::vector<std::string> more{};
  std::vector<std::string> rest{};
  std::string level = "one";
  std::uint64_t count = 0;
  std::vector<std::string> many{};
  bool flag = false;

  Command command() {
    return {.name = "demo",
            .summary = "a command",
            .description = "",
            .arguments = {{"FIRST", "the first", &first}, {"MORE", "the others", &more, false}},
            .options = {{"-l,--level", "LEVEL", "the level", &level, ValueKind::word, {"one", "two"}},
                        {"--count", "N", "how many", &count},
                        {"--many", "WORD", "any number of words", &many},
                        {"-f,--flag", "", "a flag", &flag}},
            .exit_statuses = {8},
            .rest = &rest,
            .rest_help = "passed on"};
  }
  Result<ParseOutcome> parse(std::vector<std::string> words) {
    Context context;
    return parse_words(command(), words, context);
  }
};

TEST(parser, fills_words_options_and_what_follows_the_dashes) {
  Words words;
  ASSERT_TRUE(words.parse({"a", "--count", "3", "b", "--many", "x", "--many=y", "-f", "c", "--", "-q", "--"}));
  EXPECT_EQ(words.first, "a");
  EXPECT_THAT(words.more, testing::ElementsAre("b", "c"));
  EXPECT_THAT(words.many, testing::ElementsAre("x", "y"));
  EXPECT_THAT(words.rest, testing::ElementsAre("-q", "--"));
  EXPECT_EQ(words.count, 3U);
  EXPECT_TRUE(words.flag);
}

TEST(parser, refuses_wrong_words_as_usage) {
  for (const std::vector<std::string>& line : std::vector<std::vector<std::string>>{{},
                                                                                    {"a", "--unknown"},
                                                                                    {"a", "--count", "x"},
                                                                                    {"a", "--level", "three"},
                                                                                    {"a", "--count"},
                                                                                    {"a", "--level", "one", "--level", "two"},
                                                                                    {"a", "--count", "-1"}}) {
    Words words;
    const auto outcome = words.parse(line);
    ASSERT_FALSE(outcome) << testing::PrintToString(line);
    EXPECT_EQ(outcome.error().code, ErrorCode::usage);
    EXPECT_NE(outcome.error().hint.find("--help"), std::string::npos);
  }
}

TEST(parser, help_wins_over_missing_words_but_not_after_dashes) {
  Words words;
  EXPECT_EQ(*words.parse({"--help"}), ParseOutcome::show_help);
  EXPECT_EQ(*words.parse({"a", "--", "--help"}), ParseOutcome::run);
}

TEST(help, names_every_option_and_the_statuses_of_the_command) {
  Words words;
  const std::string text = command_help(words.command());
  for (const char* part :
       {"Usage: davit demo FIRST [MORE...] [OPTIONS] [-- ARGS...]", "-l, --level LEVEL", "one, two", "--json", "8   malformed input"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(text.find("unsigned"), std::string::npos);
}

}  // namespace
}  // namespace davit::cli
