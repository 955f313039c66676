#include "worker/text/component.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;

TEST(ComponentTest, ReadsFields) {
  const Json json =
      Json::parse(R"({"type": "T", "flag": true, "text": "é", "number": 4294967295, "none": null})");
  const Component component(json, "file");
  EXPECT_EQ(component.Type(), "T");
  EXPECT_TRUE(component.Has("flag"));
  EXPECT_FALSE(component.Has("none"));
  EXPECT_FALSE(component.Has("absent"));
  EXPECT_EQ(component.Bool("flag").value(), true);
  EXPECT_EQ(component.BoolOr("absent", true).value(), true);
  EXPECT_EQ(component.String("text").value(), "é");
  EXPECT_EQ(component.Integer("number").value(), 4294967295);
  EXPECT_EQ(component.Character("text").value(), U'é');
  EXPECT_TRUE(component.Field("absent").Field("below").is_null());
}

TEST(ComponentTest, ErrorsSayWhere) {
  const Json json = Json::parse(R"({"steps": [{"flag": 1}, {"flag": "yes", "text": "ab", "number": -1}]})");
  ASSERT_OK_AND_ASSIGN(const auto steps, Component(json, "dir/tokenizer.json").Elements("steps"));
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_STATUS(steps[1].Bool("flag"), kInvalidArgument, "dir/tokenizer.json: steps[1]", "\"flag\"",
                "copy it again");
  EXPECT_STATUS(steps[0].BoolOr("flag", true), kInvalidArgument, "steps[0]", "true or false");
  EXPECT_STATUS(steps[1].String("absent"), kInvalidArgument, "\"absent\" must be a string");
  EXPECT_STATUS(steps[1].Integer("number"), kInvalidArgument, "\"number\"");
  EXPECT_STATUS(steps[1].Character("text"), kInvalidArgument, "\"text\" must be one character");
  EXPECT_STATUS(steps[1].Elements("text"), kInvalidArgument, "\"text\" must be a list");
  EXPECT_STATUS(steps[1].TypeNotImplemented("decoder", "A, B"), kUnimplemented, "steps[1]", "without a type",
                "A, B");
}

TEST(ComponentTest, RefusesDeepNesting) {
  Json json = Json::object();
  for (int i = 0; i < 40; ++i) json = Json{{"steps", Json::array({json})}};
  std::vector<Component> level = {Component(json, "file")};
  absl::Status status;
  for (int depth = 0; depth < 40 && status.ok(); ++depth) {
    auto next = level[0].Elements("steps");
    status = next.status();
    if (status.ok()) level = *std::move(next);
  }
  EXPECT_STATUS(status, kInvalidArgument, "nested too deeply");
}

}  // namespace
}  // namespace probesweep::worker
