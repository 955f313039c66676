#include "client/compare/comparison_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace probesweep::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// One row that only a has, one that only b has, and one in both of which two values differ.
Comparison Sample() {
  ResultSet a, b;
  const RowKey both{"step16", "privacy", 2, "released"};
  a.rows[both].values = {{"accuracy", 0.5}, {"auroc", 0.5}, {"ece", 0.1}};
  b.rows[both].values = {{"accuracy", 0.75}, {"ece", 0.1}};
  a.rows[both].provenance = {{"checkpoint_digest", "1"}, {"device", "cpu"}};
  b.rows[both].provenance = {{"checkpoint_digest", "2"}, {"device", "cuda:0"}};
  for (const int layer : {0, 1}) a.rows[{"step0", "privacy", layer, "released"}];
  b.rows[{"step32", "toxicity", 0, "released"}];
  return Compare(a, b, 1e-6);
}

TEST(ComparisonText, ShowsMissingRowsByCellAndDifferencesWorstFirst) {
  EXPECT_EQ(
      ComparisonText(Sample(), {"left", "right"}, 1e-6, 20),
      "in left, not in right:\n"
      "checkpoint  dimension  rows\n"
      "step0       privacy       2\n"
      "\n"
      "in right, not in left:\n"
      "checkpoint  dimension  rows\n"
      "step32      toxicity      1\n"
      "\n"
      "checkpoint  dimension  layer  protocol  column      a       b  × tolerance\n"
      "step16      privacy        2  released  auroc     0.5  (none)        exact\n"
      "step16      privacy        2  released  accuracy  0.5    0.75     3.33e+05\n"
      "\n"
      "compared 1 row and 2 values within 1e-06: 1 row missing in left, 2 rows missing in right, 2 values "
      "differ\n");
}

TEST(ComparisonText, ALimitSaysHowManyMoreThereAre) {
  const std::string text = ComparisonText(Sample(), {"left", "right"}, 1e-6, 1);
  EXPECT_THAT(text, HasSubstr("auroc"));
  EXPECT_THAT(text, Not(HasSubstr("accuracy")));
  EXPECT_THAT(text, HasSubstr("… and 1 more\n"));
  EXPECT_THAT(ComparisonText(Sample(), {"left", "right"}, 1e-6, 0), Not(HasSubstr("more")));
}

TEST(ComparisonText, EqualResultsAreOneLine) {
  ResultSet set;
  set.rows[{"step16", "privacy", 2, "released"}].values = {{"accuracy", 0.5}};
  EXPECT_EQ(ComparisonText(Compare(set, set, 0), {"a", "b"}, 0, 20),
            "compared 1 row and 1 value within 0: all the same\n");
}

TEST(ComparisonText, JsonHoldsEverything) {
  const auto json = nlohmann::json::parse(ComparisonJson(Sample(), {"left", "right"}, 1e-6));
  EXPECT_EQ(json["a"], "left");
  EXPECT_EQ(json["b"], "right");
  EXPECT_EQ(json["tolerance"], 1e-6);
  EXPECT_EQ(json["equal"], false);
  EXPECT_EQ(json["rows"], 1);
  EXPECT_EQ(json["values"], 2);
  EXPECT_EQ(json["only_in_a"].size(), 2u);
  EXPECT_EQ(json["only_in_b"][0]["dimension"], "toxicity");
  ASSERT_EQ(json["differences"].size(), 2u);
  EXPECT_EQ(json["differences"][0]["column"], "auroc");
  EXPECT_TRUE(json["differences"][0]["b"].is_null());
  EXPECT_TRUE(json["differences"][0]["excess"].is_null());
  EXPECT_EQ(json["differences"][1]["layer"], 2);
  EXPECT_EQ(json["differences"][1]["b"], 0.75);
  EXPECT_GT(json["differences"][1]["excess"], 1e5);
  EXPECT_EQ(json["provenance"]["device"], 1);
}

TEST(ComparisonText, NotesSayWhatDifferentProvenanceMeans) {
  EXPECT_THAT(
      ProvenanceNotes(Sample()),
      ElementsAre("checkpoint_digest differs in 1 row: the checkpoint's weights are not the same: its "
                  "files were changed",
                  "device differs in 1 row: they were computed on different devices"));
}

}  // namespace
}  // namespace probesweep::client
