#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/client/run_command.h"

namespace probesweep::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class DimensionValidateTest : public ::testing::Test {
 protected:
  DimensionValidateTest() {
    std::string csv = "statement,label\n";
    for (int row = 0; row < 200; ++row) {
      const std::string text = absl::StrCat("a text of ", row / 2 * 7919);
      absl::StrAppend(&csv, row % 2 == 0 ? text : absl::AsciiStrToUpper(text), ",", row % 2, "\n");
    }
    Write("twins.csv", csv);
    Write("twins.yaml",
          "name: twins\ndataset: twins.csv\nlabel_meaning: shouted\ngroup_by: same_text\nrows: 200\n");
  }

  std::string Write(const std::string& name, const std::string& text) {
    EXPECT_OK(WriteFileAtomically(folder_.File(name), text));
    return folder_.File(name);
  }
  ExitCode Run(const std::string& arguments) {
    return RunCommand("dimension validate " + arguments, out_, err_, ConnectToNone);
  }

  testing::TempDir folder_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(DimensionValidateTest, ReportsADimensionFile) {
  ASSERT_EQ(Run(folder_.File("twins.yaml")), kExitDone) << err_.str();
  const std::string out = out_.str();
  EXPECT_THAT(out, HasSubstr("dimension   twins\n"));
  EXPECT_THAT(out, HasSubstr("label 1     shouted\n"));
  EXPECT_THAT(out, HasSubstr("200: 100 with label 1 (50.0 %), 100 with label 0\n"));
  EXPECT_THAT(out, HasSubstr("100 up to letter case and white space"));
  EXPECT_THAT(out, HasSubstr("100 by rule same_text; rows in the largest: 2; rows not alone in theirs: 200"));
  EXPECT_THAT(out, HasSubstr("1.000 / 1.000"));
  EXPECT_THAT(out, HasSubstr("warning: Length and capital letters alone tell the label with accuracy 1.000"));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(DimensionValidateTest, ReportsACsvAsJson) {
  ASSERT_EQ(Run(folder_.File("twins.csv") + " --json"), kExitDone) << err_.str();
  const auto json = nlohmann::json::parse(out_.str());
  EXPECT_EQ(json["rows"], 200);
  EXPECT_EQ(json["groups"], 200);
  EXPECT_EQ(json["labels"]["1"]["rows"], 100);
  EXPECT_EQ(json["released"]["test_rows"], 40);
  EXPECT_EQ(json["by_group"]["shape"]["accuracy"], 1);
  EXPECT_EQ(json.count("sha256_as_described"), 0u);
  EXPECT_THAT(json["warnings"][0], HasSubstr("rule same_text would join 200 of 200 rows"));
  ASSERT_EQ(Run(folder_.File("twins.csv") + " --json --group-by same_text"), kExitDone);
  EXPECT_EQ(nlohmann::json::parse(out_.str())["groups"], 100);
}

TEST_F(DimensionValidateTest, WarnsOfAnotherDatasetThanDescribed) {
  Write("twins.yaml", absl::StrCat("name: twins\nrows: 3\nsha256: ", std::string(64, '0'), "\n"));
  ASSERT_EQ(Run(folder_.File("twins.yaml") + " --dataset " + folder_.File("twins.csv")), kExitDone)
      << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("SHA-256 NOT as described"));
  EXPECT_THAT(out_.str(), HasSubstr("twins.csv is not the dataset that"));
  EXPECT_THAT(out_.str(), HasSubstr("twins.yaml describes 3 rows, and there are 200."));
  ASSERT_EQ(Run(folder_.File("twins.yaml") + " --json --dataset " + folder_.File("twins.csv")), kExitDone);
  EXPECT_EQ(nlohmann::json::parse(out_.str())["sha256_as_described"], false);
}

TEST_F(DimensionValidateTest, RefusesWhatCannotBeReadOrSplit) {
  const std::string one_label = Write("one.csv", "statement,label\na,1\nb,1\nc,1\n");
  const std::string bad_label = Write("bad.csv", "statement,label\na,1\nb,2\n");
  const std::string no_dataset = Write("none.yaml", "name: none\n");
  const struct {
    std::string arguments;
    const char* message;
  } cases[] = {
      {folder_.File("none.csv"), "none.csv"},
      {bad_label, "dataset 'bad': line 3: the label is '2'"},
      {folder_.File("twins.csv") + " --group-column pair", "no column 'pair'"},
      {folder_.File("twins.csv") + " --group-by same_txt", "did you mean 'same_text'?"},
      {folder_.File("twins.csv") + " --group-by same_text --group-column pair", "leave one out"},
      {folder_.File("twins.csv") + " --dataset x.csv", "leave --dataset out"},
      {no_dataset, "none.yaml: dataset: is missing"},
      {one_label, "protocol released cannot be used: dataset 'one': the training rows"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Run(c.arguments), kExitRefusedInput) << c.arguments;
    EXPECT_THAT(err_.str(), HasSubstr(c.message));
  }
  EXPECT_THAT(out_.str(), HasSubstr("cannot be made")) << "what could be found is still reported";
  EXPECT_THAT(out_.str(), Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace probesweep::client
