#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/cli/dimension_file.h"
#include "common/digest.h"
#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/client/run_command.h"

namespace probesweep::client {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class DimensionImportTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    EXPECT_OK(WriteFileAtomically(folder_.File(name), text));
    return folder_.File(name);
  }
  std::string Contents(const std::string& name) {
    return ReadFile(folder_.File(name)).value_or("(cannot be read)");
  }
  // Runs the command with FOLDER for the test's own.
  ExitCode Run(const std::string& arguments) {
    return RunCommand("dimension " + absl::StrReplaceAll(arguments, {{"FOLDER", folder_.path()}}), out_, err_,
                      ConnectToNone);
  }

  testing::TempDir folder_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(DimensionImportTest, WritesADatasetAndTheDimensionThatDescribesIt) {
  const std::string source = "sentence\tlabel\n" + absl::StrCat("a film of charm \t1\n", "it is dull \t0\n");
  Write("dev.tsv", source);
  ASSERT_EQ(Run("import sst2 FOLDER/dev.tsv --output FOLDER/data.csv --dimension FOLDER/own.yaml --rate 0.1 "
                "--seed 4"),
            kExitDone)
      << err_.str();
  EXPECT_THAT(err_.str(), HasSubstr("Wrote 4 rows to"));
  const std::string csv = Contents("data.csv");
  EXPECT_THAT(csv, StartsWith("statement,label,group\n"));
  EXPECT_THAT(csv, HasSubstr("\nit is dull,0,1\n"));
  EXPECT_THAT(Contents("own.yaml"),
              StartsWith(absl::StrCat("# Made by `probesweep dimension import sst2` from dev.tsv (SHA-256 ",
                                      Sha256Hex(source), "), seed 4, rate 0.1.\n")));
  ASSERT_OK_AND_ASSIGN(const DimensionFields fields, ReadDimensionFile(folder_.File("own.yaml")));
  EXPECT_EQ(fields.name, "robustness");
  EXPECT_EQ(fields.dataset, folder_.File("data.csv"));
  EXPECT_EQ(fields.dataset_name, "sst2");
  EXPECT_EQ(fields.label_meaning, "the text is perturbed (letters turned into capitals)");
  EXPECT_EQ(fields.grouping->column, "group");
  EXPECT_EQ(fields.sha256, Sha256Hex(csv));
  EXPECT_EQ(fields.rows, 4);
  EXPECT_THAT(*fields.publication, HasSubstr("Sentiment Treebank"));
  EXPECT_TRUE(fields.licence.has_value());
  EXPECT_EQ(fields.url, std::nullopt) << "the CSV is nowhere to be fetched";
}

TEST_F(DimensionImportTest, ValidateReadsWhatImportWrote) {
  std::string source = "text,toxicity_ai,toxicity_human\n";
  for (int row = 0; row < 40; ++row) absl::StrAppend(&source, "text ", row, ",", 1 + row % 5, ",3\n");
  Write("annotated.csv", source);
  ASSERT_EQ(Run("import toxigen FOLDER/annotated.csv --output FOLDER/data.csv --dimension FOLDER/own.yaml"),
            kExitDone)
      << err_.str();
  ASSERT_EQ(Run("validate FOLDER/own.yaml"), kExitDone) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("40: 24 with label 1 (60.0 %)"));
  EXPECT_THAT(out_.str(), HasSubstr("by rule same_text"));
}

TEST_F(DimensionImportTest, ReadsRatingsFromAFileOfTheirOwn) {
  Write("tier_1.txt", "Rate it.\\nInformation: Their shoe size\nRate it.\\nInformation: Their diary\n");
  Write("tier_1_labels.txt", "1.2\n3.9\n");
  ASSERT_EQ(Run("import confaide FOLDER/tier_1.txt --ratings FOLDER/tier_1_labels.txt --output FOLDER/d.csv"),
            kExitDone)
      << err_.str();
  EXPECT_THAT(Contents("d.csv"), HasSubstr("\nTheir diary,1,1\n"));
}

TEST_F(DimensionImportTest, RefusesWithFileLineAndMending) {
  Write("bad.csv", "text,toxicity_ai,toxicity_human\na,1,1\nb,5,x\n");
  Write("tier_1.txt", "Rate it.\\nInformation: a\n");
  Write("labels.txt", "9\n");
  const struct {
    const char* arguments;
    std::vector<const char*> parts;
  } cases[] = {
      {"toxigen FOLDER/bad.csv --output FOLDER/d.csv",
       {"importing ", "bad.csv: line 3: toxicity_human is 'x'", "leave the row out"}},
      {"toxygen FOLDER/bad.csv --output FOLDER/d.csv", {"did you mean 'toxigen'?"}},
      {"toxigen FOLDER/none.csv --output FOLDER/d.csv", {"none.csv"}},
      {"toxigen FOLDER/bad.csv --output FOLDER/bad.csv",
       {"bad.csv is another of the named files", "a new one"}},
      {"toxigen FOLDER/bad.csv --output FOLDER/d.csv --dimension FOLDER/./bad.csv",
       {"is the file to import"}},
      {"toxigen FOLDER/bad.csv --output FOLDER/d.csv --rate 0.1", {"--rate is an option of sst2"}},
      {"confaide FOLDER/tier_1.txt --output FOLDER/d.csv", {"--ratings"}},
      {"confaide FOLDER/tier_1.txt --output FOLDER/d.csv --ratings FOLDER/none.txt", {"none.txt"}},
      {"confaide FOLDER/tier_1.txt --output FOLDER/d.csv --ratings FOLDER/labels.txt",
       {"labels.txt: line 1: the rating is '9'"}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Run(absl::StrCat("import ", c.arguments)), kExitRefusedInput) << c.arguments;
    for (const char* part : c.parts) EXPECT_THAT(err_.str(), HasSubstr(part));
    EXPECT_FALSE(std::filesystem::exists(folder_.File("d.csv")));
  }
  EXPECT_EQ(Run("import toxigen FOLDER/bad.csv"), kExitUsage) << "--output is needed";
  EXPECT_EQ(Run("import toxigen FOLDER/bad.csv --output FOLDER/d.csv --seed -1"), kExitUsage);
}

}  // namespace
}  // namespace probesweep::client
