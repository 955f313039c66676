#include "worker/inspect/json_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;

TEST(ParsePromptTest, ReadsTextOrIds) {
  ASSERT_OK_AND_ASSIGN(const Prompt text, ParsePrompt(R"({"text": " a\tb\u00e9"})", "f:1"));
  EXPECT_FALSE(text.has_ids);
  EXPECT_EQ(text.text, " a\tb\xC3\xA9");
  ASSERT_OK_AND_ASSIGN(const Prompt ids, ParsePrompt(R"({"ids": [3, 0, 95]})", "f:1"));
  EXPECT_TRUE(ids.has_ids);
  EXPECT_THAT(ids.ids, ElementsAre(3, 0, 95));
  ASSERT_OK_AND_ASSIGN(const Prompt both, ParsePrompt(R"({"text": "a", "ids": [1]})", "f:1"));
  EXPECT_TRUE(both.has_ids) << "ids are the more exact";
}

TEST(ParsePromptTest, SaysWhereAndWhatIsWrong) {
  for (const char* line : {"{", "once", "[1]", "{}", "3", R"({"text": 3})", R"({"prompt": "a"})"}) {
    EXPECT_STATUS(ParsePrompt(line, "prompts.jsonl:7"), kInvalidArgument, "prompts.jsonl:7", "\"text\"",
                  "\"ids\"");
  }
  for (const char* ids : {"[]", "[-1]", "[1.5]", "[\"1\"]", "1", "[18446744073709551615]", "null"}) {
    EXPECT_STATUS(ParsePrompt(std::string("{\"ids\": ") + ids + "}", "prompts.jsonl:7"), kInvalidArgument,
                  "prompts.jsonl:7", "`ids`", "whole numbers from 0");
  }
}

TEST(ReadPromptsTest, CountsLinesAndPassesOverEmptyOnes) {
  std::istringstream input("{\"text\": \"a\"}\n\n  \r\n{\"text\": \"b\"}\r\n{\"ids\": [1]}");
  std::vector<std::string> places;
  EXPECT_OK(ReadPrompts(input, "in", [&](const Prompt&, const std::string& where) {
    places.push_back(where);
    return absl::OkStatus();
  }));
  EXPECT_THAT(places, ElementsAre("in:1", "in:4", "in:5"));
}

TEST(ReadPromptsTest, StopsAtTheFirstError) {
  std::istringstream damaged("{\"text\": \"a\"}\n{\"text\"\n{\"text\": \"b\"}\n");
  int prompts = 0;
  const auto count = [&prompts](const Prompt&, const std::string&) {
    ++prompts;
    return absl::OkStatus();
  };
  EXPECT_STATUS(ReadPrompts(damaged, "in", count), kInvalidArgument, "in:2");
  EXPECT_EQ(prompts, 1);
  std::istringstream good("{\"text\": \"a\"}\n{\"text\": \"b\"}\n");
  prompts = 0;
  EXPECT_STATUS(ReadPrompts(good, "in",
                            [&prompts](const Prompt&, const std::string& where) {
                              ++prompts;
                              return absl::DataLossError(where);
                            }),
                kDataLoss, "in:1");
  EXPECT_EQ(prompts, 1);
}

TEST(IdsLineTest, IsOneJsonLine) {
  EXPECT_EQ(IdsLine({1, 20}), "{\"ids\":[1,20]}\n");
  EXPECT_EQ(IdsLine({}), "{\"ids\":[]}\n");
}

}  // namespace
}  // namespace probesweep::worker
