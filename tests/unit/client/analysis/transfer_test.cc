#include "client/analysis/transfer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/client/analysis/artifact_text.h"

namespace probesweep::client {
namespace {

using ::testing::ElementsAre;

// Four rows of two features; the first tells the labels apart, the second is a constant.
TestRows Rows() {
  TestRows rows;
  rows.rows = {4, 5, 6, 7};
  rows.representations = {-2, 7, -1, 7, 1, 7, 2, 7};
  rows.labels = {0, 0, 1, 1};
  rows.groups = {0, 1, 2, 3};
  rows.hidden = 2;
  return rows;
}

LinearProbe Probe(float weight, float mean, float scale, double intercept) {
  return {{weight, 0}, {mean, 0}, {scale, 1}, intercept};
}

TEST(TransferTest, ScoresByTheSignOfTheLogitAndByTheOrder) {
  const struct {
    const char* name;
    LinearProbe probe;
    double accuracy, auroc;
  } cases[] = {{"the direction", Probe(3, 0, 1, 0), 1, 1},
               {"its opposite", Probe(-3, 0, 1, 0), 0, 0},
               {"a threshold above all rows: label 0 throughout", Probe(3, 0, 1, -60), 0.5, 1},
               {"a mean far from these rows", Probe(3, -10, 1, 0), 0.5, 1},
               {"a threshold between the last two", Probe(1, 0, 0.5, -3), 0.75, 1}};
  for (const auto& c : cases) {
    ASSERT_OK_AND_ASSIGN(const TransferScore score, ScoreTransfer(c.probe, nullptr, Rows()));
    EXPECT_DOUBLE_EQ(score.accuracy, c.accuracy) << c.name;
    ASSERT_TRUE(score.auroc.has_value()) << c.name;
    EXPECT_DOUBLE_EQ(*score.auroc, c.auroc) << c.name;
    const Interval interval = WilsonInterval(c.accuracy, 4, NormalHalfWidth(1));
    EXPECT_DOUBLE_EQ(score.accuracy_interval.low, interval.low) << c.name;
    EXPECT_DOUBLE_EQ(score.accuracy_interval.high, interval.high) << c.name;
  }
}

TEST(TransferTest, ALogitOfZeroIsLabelZero) {
  TestRows rows = Rows();
  rows.labels = {0, 0, 0, 1};
  ASSERT_OK_AND_ASSIGN(const TransferScore score, ScoreTransfer(Probe(0, 0, 1, 0), nullptr, rows));
  EXPECT_DOUBLE_EQ(score.accuracy, 0.75);
  EXPECT_DOUBLE_EQ(*score.auroc, 0.5);
}

TEST(TransferTest, AnotherStandardizerTakesTheDriftOfMeansAway) {
  const LinearProbe drifted = Probe(3, -10, 1, 0);
  const LinearProbe here = Probe(-5, 0, 1, 9);
  ASSERT_OK_AND_ASSIGN(const TransferScore score, ScoreTransfer(drifted, &here, Rows()));
  EXPECT_DOUBLE_EQ(score.accuracy, 1);
}

TEST(TransferTest, RowsOfOneGroupWidenTheInterval) {
  TestRows rows = Rows();
  rows.groups = {0, 0, 1, 1};
  ASSERT_OK_AND_ASSIGN(const TransferScore score, ScoreTransfer(Probe(3, 0, 1, 0), nullptr, rows));
  EXPECT_DOUBLE_EQ(score.accuracy_interval.low, WilsonInterval(1, 2, NormalHalfWidth(1)).low);
}

TEST(TransferTest, OneLabelHasNoAuroc) {
  TestRows rows = Rows();
  rows.labels = {1, 1, 1, 1};
  ASSERT_OK_AND_ASSIGN(const TransferScore score, ScoreTransfer(Probe(3, 0, 1, 0), nullptr, rows));
  EXPECT_FALSE(score.auroc.has_value());
}

TEST(TransferTest, RefusesRowsOfAnotherWidthAndNoRows) {
  TestRows rows = Rows();
  rows.hidden = 4;
  EXPECT_STATUS(ScoreTransfer(Probe(3, 0, 1, 0), nullptr, rows), kFailedPrecondition, "a probe of 2 features",
                "representations of 4");
  EXPECT_STATUS(ScoreTransfer(Probe(3, 0, 1, 0), nullptr, TestRows{{}, {}, {}, {}, 2}), kFailedPrecondition,
                "no test rows");
}

class TransferFilesTest : public ::testing::Test {
 protected:
  absl::StatusOr<ArtifactFile> Open(const ArtifactText& text) {
    EXPECT_OK(WriteFileAtomically(folder_.File("a"), text.Bytes()));
    return ArtifactFile::Open(folder_.File("a"));
  }
  testing::TempDir folder_;
};

TEST_F(TransferFilesTest, ReadsTheTestRowsOfAProtocol) {
  ASSERT_OK_AND_ASSIGN(const ArtifactFile file,
                       Open(ArtifactText()
                                .Floats("layer_3", {0, 1, 10, 11, 20, 21, 30, 31}, {4, 2})
                                .Integers("labels", {1, 0, 0, 1})
                                .Integers("groups", {0, 0, 1, 2})
                                .Integers("paper.test_rows", {1, 3})
                                .Metadata("kind", "representations.layer_3")));
  EXPECT_EQ(file.Metadata("kind"), "representations.layer_3");
  EXPECT_EQ(file.Metadata("none"), "");
  ASSERT_OK_AND_ASSIGN(const TestRows rows, ReadTestRows(file, "paper", 3));
  EXPECT_THAT(rows.rows, ElementsAre(1, 3));
  EXPECT_THAT(rows.representations, ElementsAre(10, 11, 30, 31));
  EXPECT_THAT(rows.labels, ElementsAre(0, 1));
  EXPECT_THAT(rows.groups, ElementsAre(0, 2));
  EXPECT_EQ(rows.hidden, 2u);
  EXPECT_STATUS(ReadTestRows(file, "released", 3), kDataLoss, "'released.test_rows' is not there");
  EXPECT_STATUS(ReadTestRows(file, "paper", 4), kDataLoss, "'layer_4' is not there");
}

TEST_F(TransferFilesTest, RefusesRepresentationsThatDoNotFit) {
  const auto text = [](std::vector<int64_t> rows, std::vector<int64_t> labels) {
    return ArtifactText()
        .Floats("layer_0", {0, 1, 10, 11}, {2, 2})
        .Integers("labels", labels)
        .Integers("groups", {0, 1})
        .Integers("paper.test_rows", rows);
  };
  const struct {
    std::vector<int64_t> rows, labels;
    const char* message;
  } cases[] = {{{2}, {0, 1}, "has 2 rows; row 2 was asked for"},
               {{-1}, {0, 1}, "row -1"},
               {{1}, {0}, "2 representations, but 1 labels"}};
  for (const auto& c : cases) {
    ASSERT_OK_AND_ASSIGN(const ArtifactFile file, Open(text(c.rows, c.labels)));
    EXPECT_STATUS(ReadTestRows(file, "paper", 0), kDataLoss, c.message);
  }
}

TEST_F(TransferFilesTest, ReadsAProbe) {
  ASSERT_OK_AND_ASSIGN(const ArtifactFile file, Open(ArtifactText()
                                                         .Floats("paper.layer_1.weight", {1, 2})
                                                         .Floats("paper.layer_1.mean", {3, 4})
                                                         .Floats("paper.layer_1.scale", {5, 6})
                                                         .Floats("paper.layer_1.intercept", {-7})));
  ASSERT_OK_AND_ASSIGN(const LinearProbe probe, ReadProbe(file, "paper", 1));
  EXPECT_THAT(probe.weight, ElementsAre(1, 2));
  EXPECT_THAT(probe.mean, ElementsAre(3, 4));
  EXPECT_THAT(probe.scale, ElementsAre(5, 6));
  EXPECT_EQ(probe.intercept, -7);
}

TEST_F(TransferFilesTest, RefusesAProbeThatDoesNotFit) {
  const auto text = [](std::vector<float> mean, std::vector<float> scale, std::vector<float> intercept) {
    return ArtifactText()
        .Floats("paper.layer_0.weight", {1, 2})
        .Floats("paper.layer_0.mean", mean)
        .Floats("paper.layer_0.scale", scale)
        .Floats("paper.layer_0.intercept", intercept);
  };
  const struct {
    std::vector<float> mean, scale, intercept;
    const char* message;
  } cases[] = {{{1}, {1, 1}, {0}, "do not fit"},
               {{1, 1}, {1}, {0}, "do not fit"},
               {{1, 1}, {1, 1}, {0, 0}, "do not fit"},
               {{1, 1}, {1, 0}, {0}, "scale of probe paper.layer_0 is not above 0"}};
  for (const auto& c : cases) {
    ASSERT_OK_AND_ASSIGN(const ArtifactFile file, Open(text(c.mean, c.scale, c.intercept)));
    EXPECT_STATUS(ReadProbe(file, "paper", 0), kDataLoss, c.message);
  }
  ASSERT_OK_AND_ASSIGN(const ArtifactFile file, Open(ArtifactText().Integers("paper.layer_0.weight", {1})));
  EXPECT_STATUS(ReadProbe(file, "paper", 0), kDataLoss, "is I64 of 1 axes; it should be F32 of 1");
}

}  // namespace
}  // namespace probesweep::client
