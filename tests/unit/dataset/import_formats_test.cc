#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "dataset/import/formats.h"
#include "dataset/statements.h"
#include "tests/support/status_matchers.h"

namespace probesweep {
namespace {

const ImportFormat& Format(absl::string_view name) { return **FindImportFormat(name); }

TEST(DatasetCsvTest, IsReadBackAsItWas) {
  ImportedDataset dataset;
  for (const char* text : {"plain", "a, b", "say \"a\"", "\"", " a\tb ", "line\nbreak", "line\r\nbreak"}) {
    dataset.rows.push_back({text, static_cast<int>(dataset.rows.size() % 2), absl::StrCat("g,", text)});
  }
  ASSERT_OK_AND_ASSIGN(const Statements read,
                       ReadStatements(DatasetCsv(dataset, 3), "imported", {"group", ""}));
  std::set<std::string> written;
  for (const ImportedRow& row : dataset.rows) written.insert(absl::StrCat(row.label, row.statement));
  std::set<std::string> found;
  for (size_t i = 0; i < read.texts.size(); ++i) found.insert(absl::StrCat(read.labels[i], read.texts[i]));
  EXPECT_EQ(found, written);
}

TEST(DatasetCsvTest, OrdersRowsBySeed) {
  ImportedDataset dataset;
  for (const char* text : {"a", "b", "c", "d", "e", "f"}) dataset.rows.push_back({text, 1, ""});
  EXPECT_EQ(DatasetCsv(dataset, 0), "statement,label\nc,1\nf,1\na,1\nb,1\nd,1\ne,1\n");
  EXPECT_EQ(DatasetCsv(dataset, 0), DatasetCsv(dataset, 0));
  EXPECT_NE(DatasetCsv(dataset, 0), DatasetCsv(dataset, 1));
}

TEST(ImportFormatsTest, KnowsTheFivePublications) {
  std::vector<std::string> names;
  for (const ImportFormat& format : KnownImportFormats()) names.push_back(format.name);
  EXPECT_THAT(names, ::testing::ElementsAre("truthfulqa", "confaide", "toxigen", "stereoset", "sst2"));
  EXPECT_STATUS(FindImportFormat("toxygen"), kInvalidArgument, "'toxygen'", "did you mean 'toxigen'?");
  EXPECT_STATUS(FindImportFormat("x"), kInvalidArgument, "there are: truthfulqa, confaide");
}

TEST(ImportFormatsTest, RefusesAnOptionOfAnotherFormat) {
  ImportOptions options;
  options.rate = 0.1;
  EXPECT_STATUS(Import(Format("toxigen"), "", options), kInvalidArgument, "--rate is an option of sst2",
                "not of toxigen", "leave it out");
  options = {};
  options.part = "intersentence";
  EXPECT_STATUS(Import(Format("sst2"), "", options), kInvalidArgument, "--part is an option of stereoset");
}

TEST(ImportFormatsTest, RefusesRowsOfOneLabel) {
  ImportOptions options;
  options.threshold = 100;
  const std::string csv = "text,toxicity_ai,toxicity_human\na,1,1\nb,5,5\n";
  EXPECT_STATUS(Import(Format("toxigen"), csv, options), kInvalidArgument, "all 2 rows would have label 0",
                "both labels", "another --threshold");
  EXPECT_OK(Import(Format("toxigen"), csv, {}));
  EXPECT_STATUS(Import(Format("sst2"), "sentence\n...\n", {}), kInvalidArgument, "no rows are left");
}

TEST(ImportFormatsTest, AsksForConfaidesRatings) {
  EXPECT_STATUS(Import(Format("confaide"), "Rate it.\\nInformation: a\n", {}), kInvalidArgument, "--ratings",
                "tier_1_labels.txt");
}

TEST(ImportFormatsTest, PassesTheSeedToThePerturbation) {
  ImportOptions options;
  options.rate = 0.25;
  const std::string tsv = "sentence\nabcdefghijklmnopqrst\n";
  ASSERT_OK_AND_ASSIGN(const ImportedDataset first, Import(Format("sst2"), tsv, options));
  options.seed = 1;
  ASSERT_OK_AND_ASSIGN(const ImportedDataset second, Import(Format("sst2"), tsv, options));
  EXPECT_NE(first.rows[1].statement, second.rows[1].statement);
}

}  // namespace
}  // namespace probesweep
