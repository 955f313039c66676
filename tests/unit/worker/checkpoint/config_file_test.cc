#include "worker/checkpoint/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::worker {
namespace {

class ConfigFileTest : public ::testing::Test {
 protected:
  absl::StatusOr<ConfigFile> Open(const std::string& json) {
    EXPECT_OK(WriteFileAtomically(folder_.File("config.json"), json));
    return ConfigFile::Open(folder_.path());
  }

  testing::TempDir folder_;
};

TEST_F(ConfigFileTest, FindsAFieldUnderTheSpellingsOfBothGenerations) {
  const ConfigFile::Spellings share = {"rope_parameters.partial_rotary_factor", "rotary_pct"};
  ASSERT_OK_AND_ASSIGN(const ConfigFile old_style, Open(R"({"model_type": "m", "rotary_pct": 0.5})"));
  EXPECT_EQ(old_style.NumberOr(share, 1).value_or(-1), 0.5);
  ASSERT_OK_AND_ASSIGN(
      const ConfigFile new_style,
      Open(R"({"model_type": "m", "rope_parameters": {"partial_rotary_factor": 0.25}, "rotary_pct": 0.5})"));
  EXPECT_EQ(new_style.NumberOr(share, 1).value_or(-1), 0.25) << "the first spelling that is there counts";
  ASSERT_OK_AND_ASSIGN(
      const ConfigFile null,
      Open(R"({"model_type": "m", "rope_parameters": {"partial_rotary_factor": null}, "rotary_pct": 0.5})"));
  EXPECT_EQ(null.NumberOr(share, 1).value_or(-1), 0.5) << "null is as good as absent";
  ASSERT_OK_AND_ASSIGN(const ConfigFile flat, Open(R"({"model_type": "m", "rope_parameters": 3})"));
  EXPECT_FALSE(flat.Has(share));
}

TEST_F(ConfigFileTest, ReadsEachKindOfField) {
  ASSERT_OK_AND_ASSIGN(const ConfigFile config,
                       Open(R"({"model_type": "gpt_neox", "n": 7, "x": 1e-5, "b": true, "s": "gelu"})"));
  EXPECT_EQ(config.model_type(), "gpt_neox");
  EXPECT_EQ(config.Size({"n"}).value_or(-1), 7);
  EXPECT_EQ(config.NumberOr({"x"}, 0).value_or(-1), 1e-5);
  EXPECT_EQ(config.NumberOr({"n"}, 0).value_or(-1), 7);
  EXPECT_TRUE(config.BoolOr({"b"}, false).value_or(false));
  EXPECT_EQ(config.StringOr({"s"}, "").value_or("?"), "gelu");
  EXPECT_EQ(config.NumberOr({"absent"}, 0.25).value_or(-1), 0.25);
  EXPECT_TRUE(config.BoolOr({"absent"}, true).value_or(false));
  EXPECT_EQ(config.StringOr({"absent"}, "default").value_or("?"), "default");
}

TEST_F(ConfigFileTest, TellsNullFromAbsent) {
  ASSERT_OK_AND_ASSIGN(const ConfigFile config, Open(R"({"model_type": "m", "null": null, "one": 1})"));
  EXPECT_TRUE(config.IsNull("null"));
  EXPECT_FALSE(config.IsNull("one"));
  EXPECT_FALSE(config.IsNull("absent"));
}

TEST_F(ConfigFileTest, ReadsAListOfTexts) {
  ASSERT_OK_AND_ASSIGN(const ConfigFile config,
                       Open(R"({"model_type": "m", "list": ["a", "b"], "text": "a", "mixed": ["a", 1]})"));
  ASSERT_OK_AND_ASSIGN(const auto texts, config.Strings({"list"}));
  EXPECT_THAT(texts, ::testing::ElementsAre("a", "b"));
  ASSERT_OK_AND_ASSIGN(const auto none, config.Strings({"absent"}));
  EXPECT_THAT(none, ::testing::IsEmpty());
  EXPECT_STATUS(config.Strings({"text"}), kInvalidArgument, "`text`", "not a list");
  EXPECT_STATUS(config.Strings({"mixed"}), kInvalidArgument, "`mixed`", "not a text");
}

TEST_F(ConfigFileTest, NamesAMissingField) {
  ASSERT_OK_AND_ASSIGN(const ConfigFile config, Open(R"({"model_type": "m"})"));
  EXPECT_STATUS(config.Size({"hidden_size", "n_embd"}), kInvalidArgument, "config.json", "`hidden_size`",
                "missing");
}

TEST_F(ConfigFileTest, RefusesAFieldOfAnotherType) {
  ASSERT_OK_AND_ASSIGN(
      const ConfigFile config,
      Open(R"({"model_type": "m", "text": "4", "half": 0.5, "zero": 0, "less": -3, "list": [1],
                                "large": 2147483648, "huge": 18446744073709551615, "number": 1})"));
  for (const char* field : {"text", "half", "zero", "less", "list", "large", "huge"}) {
    EXPECT_STATUS(config.Size({field}), kInvalidArgument, "config.json", std::string("`") + field + "`");
  }
  EXPECT_STATUS(config.NumberOr({"text"}, 0), kInvalidArgument, "`text`", "\"4\"", "not a number");
  EXPECT_STATUS(config.BoolOr({"number"}, false), kInvalidArgument, "`number`", "neither true nor false");
  EXPECT_STATUS(config.StringOr({"list"}, ""), kInvalidArgument, "`list`", "a list", "not a text");
}

TEST_F(ConfigFileTest, RefusesAFileThatIsNoConfiguration) {
  EXPECT_STATUS(Open(R"({"model_type": "gpt_neox")"), kInvalidArgument, "config.json", "not a JSON object",
                "complete");
  EXPECT_STATUS(Open("[]"), kInvalidArgument, "config.json", "not a JSON object");
  EXPECT_STATUS(Open(""), kInvalidArgument, "config.json");
  EXPECT_STATUS(Open(R"({"hidden_size": 8})"), kInvalidArgument, "config.json", "`model_type`", "missing");
  EXPECT_STATUS(Open(R"({"model_type": 8})"), kInvalidArgument, "config.json", "`model_type`");
}

TEST_F(ConfigFileTest, SaysWhichFolderOrFileIsMissing) {
  EXPECT_STATUS(ConfigFile::Open(folder_.File("step7")), kNotFound, folder_.File("step7"), "does not exist",
                "mounted");
  EXPECT_STATUS(ConfigFile::Open(folder_.path()), kNotFound, folder_.File("config.json"), "tokenizer.json");
  ASSERT_OK(WriteFileAtomically(folder_.File("file"), ""));
  EXPECT_STATUS(ConfigFile::Open(folder_.File("file")), kNotFound, "not a folder");
}

}  // namespace
}  // namespace probesweep::worker
