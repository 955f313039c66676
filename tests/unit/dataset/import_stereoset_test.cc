#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "dataset/import/stereoset.h"
#include "tests/support/status_matchers.h"

namespace probesweep {
namespace {

constexpr char kDev[] = R"({"version": "1.0", "data": {
  "intersentence": [
    {"id": "c1", "target": "tea", "bias_type": "drinks", "context": "Tea came.", "sentences": [
      {"id": "a", "sentence": "It was hot.", "gold_label": "stereotype", "labels": []},
      {"id": "b", "sentence": "It was cold.", "gold_label": "anti-stereotype", "labels": []},
      {"id": "c", "sentence": "Cats purr.", "gold_label": "unrelated", "labels": []}]},
    {"id": "c2", "target": "rice", "bias_type": "dishes", "context": "Rice came.", "sentences": [
      {"id": "d", "sentence": "Trains ran.", "gold_label": "unrelated", "labels": []}]}],
  "intrasentence": [
    {"id": "c3", "target": "milk", "bias_type": "drinks", "context": "Milk is BLANK.",
     "harm": {"gold_label": "neutral", "labels": [{"human_id": "h", "label": "anti-stereotype"}]}, "sentences": [
      {"id": "e", "sentence": "Milk is white.", "gold_label": "stereotype", "labels": [
        {"human_id": "h", "label": "related"}, {"human_id": "i", "label": "unrelated"}]}]}]}})";

std::vector<std::string> Rows(const ImportedDataset& dataset) {
  std::vector<std::string> rows;
  for (const ImportedRow& row : dataset.rows) {
    rows.push_back(absl::StrCat(row.label, "|", row.statement, "|", row.group));
  }
  return rows;
}

TEST(ImportStereosetTest, TakesStereotypesAndUnrelatedSentencesBehindTheirContext) {
  ASSERT_OK_AND_ASSIGN(const ImportedDataset dataset, ImportStereoset(kDev, "intersentence", ""));
  EXPECT_THAT(Rows(dataset), ::testing::ElementsAre("1|Tea came. It was hot.|c1", "0|Tea came. Cats purr.|c1",
                                                    "0|Rice came. Trains ran.|c2"));
  ASSERT_EQ(dataset.notes.size(), 1u);
  EXPECT_THAT(dataset.notes[0], ::testing::StartsWith("Anti-stereotypes left out: 1."));
}

TEST(ImportStereosetTest, TakesFilledSentencesAlone) {
  ASSERT_OK_AND_ASSIGN(const ImportedDataset dataset, ImportStereoset(kDev, "intrasentence", ""));
  EXPECT_THAT(Rows(dataset), ::testing::ElementsAre("1|Milk is white.|c3"));
}

TEST(ImportStereosetTest, TakesOneBiasType) {
  ASSERT_OK_AND_ASSIGN(const ImportedDataset dataset, ImportStereoset(kDev, "intersentence", "dishes"));
  EXPECT_THAT(Rows(dataset), ::testing::ElementsAre("0|Rice came. Trains ran.|c2"));
  EXPECT_STATUS(ImportStereoset(kDev, "intersentence", "race"), kInvalidArgument,
                "no context of bias_type 'race' in data.intersentence", "there are: dishes, drinks");
}

TEST(ImportStereosetTest, SaysWhatItCannotRead) {
  const struct {
    const char* from;
    const char* to;
    std::vector<std::string> parts;
  } cases[] = {
      {"\"data\"", "\"date\"", {"data: is missing", "give dev.json"}},
      {"\"intersentence\"", "\"inter\"", {"data.intersentence: is missing"}},
      {"\"context\": \"Rice came.\", ", "", {"data.intersentence[1].context: is missing"}},
      {"\"id\": \"c1\"", "\"id\": 1", {"data.intersentence[0].id: must be a text"}},
      {"\"Cats purr.\"", "\" \"", {"data.intersentence[0].sentences[2].sentence: must be a text"}},
      {"\"anti-stereotype\"",
       "\"other\"",
       {"data.intersentence[0].sentences[1].gold_label: is 'other'", "stereotype, anti-stereotype or"}},
      {"\"sentences\": [\n      {\"id\": \"d\", \"sentence\": \"Trains ran.\", \"gold_label\": "
       "\"unrelated\", \"labels\": []}]",
       "\"sentences\": 3",
       {"data.intersentence[1].sentences: is no array"}},
      {"\"c2\", \"target\"", "\"c2\" \"target\"", {"line 7", "not JSON"}},
      {"Rice came", "Rice \xFF came", {"line 7", "not UTF-8"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.to);
    const std::string json = absl::StrReplaceAll(kDev, {{c.from, c.to}});
    ASSERT_NE(json, kDev);
    EXPECT_TRUE(testing::StatusIs(ImportStereoset(json, "intersentence", "").status(),
                                  absl::StatusCode::kInvalidArgument, c.parts));
  }
  EXPECT_STATUS(ImportStereoset(kDev, "both", ""), kInvalidArgument, "'both'",
                "intersentence or intrasentence");
  EXPECT_STATUS(ImportStereoset("[]", "intersentence", ""), kInvalidArgument, "data: is missing");
}

}  // namespace
}  // namespace probesweep
