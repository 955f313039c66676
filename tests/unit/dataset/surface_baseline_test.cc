#include "dataset/surface_baseline.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/file.h"
#include "dataset/sparse_logistic.h"
#include "dataset/statements.h"
#include "dataset/surface_features.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep {
namespace {

using ::probesweep::testing::SharedData;

// The figures below were made with scikit-learn 1.9.1:
//
//   x = TfidfVectorizer(ngram_range=(1, 2)); train, test = x.fit_transform(texts[:k]), x.transform(texts[k:])
//   shape = np.array([[len(t), sum(c.isupper() for c in t)] for t in texts], float)
//   shape = (shape - shape[:k].mean(0)) / shape[:k].std(0)
//   train, test = hstack([train, shape[:k]]).tocsr(), hstack([test, shape[k:]]).tocsr()
//   model = LogisticRegression(C=1.0, solver='newton-cg', tol=1e-10, max_iter=10000).fit(train, labels[:k])
//   z = model.decision_function(test); accuracy = ((z > 0) == labels[k:]).mean()
//   auroc = roc_auc_score(labels[k:], z)
const std::vector<std::string>& Texts() {
  static const auto* const texts = new std::vector<std::string>{"The cat sat on the mat.",
                                                                "A DOG ran; the dog barked!",
                                                                "Is it the cat?",
                                                                "No cat, no dog.",
                                                                "THE MAT is 12 inches wide",
                                                                "the cat sat on the cat",
                                                                "dogs run_fast run_fast",
                                                                "Naïve café in ΑΣ",
                                                                "a b c",
                                                                "",
                                                                "The dog sat on the mat",
                                                                "Cats and dogs",
                                                                "mat mat mat",
                                                                "On the wide, wide mat",
                                                                "BARK at the cat",
                                                                "A cat ran",
                                                                "the dog ran",
                                                                "The Cat",
                                                                "unseen words only",
                                                                "On the mat"};
  return *texts;
}

const std::vector<int>& Labels() {
  static const auto* const labels =
      new std::vector<int>{1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0};
  return *labels;
}

TEST(SurfaceBaselineTest, EqualsScikitLearnOnASmallSet) {
  ASSERT_OK_AND_ASSIGN(const Split split, ReleasedSplit(Labels(), "small"));
  ASSERT_OK_AND_ASSIGN(const SurfaceBaseline baseline, FitSurfaceBaseline(Texts(), Labels(), split));
  EXPECT_EQ(baseline.accuracy, 0.75);
  EXPECT_EQ(baseline.auroc, 0.75);
}

TEST(SurfaceBaselineTest, ScoresEqualScikitLearnsOnASmallSet) {
  ASSERT_OK_AND_ASSIGN(const Split split, ReleasedSplit(Labels(), "small"));
  const SurfaceFeatures features = ExtractSurfaceFeatures(Texts(), split);
  EXPECT_EQ(features.train.column_count, 59u);
  EXPECT_EQ(features.train.values.size(), 128u);
  const std::vector<int> labels(Labels().begin(), Labels().begin() + 16);
  ASSERT_OK_AND_ASSIGN(const LogisticModel model, FitSparseLogistic(features.train, labels));
  EXPECT_NEAR(model.intercept, -0.09434652364467426, 1e-9);
  const std::vector<double> expected = {-0.0934014845897, 0.486532741995, 0.0348596989114, 0.290606755851};
  const std::vector<double> scores = Scores(model, features.test);
  ASSERT_EQ(scores.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(scores[i], expected[i], 1e-9) << i;
}

struct Released {
  const char* file;
  double accuracy;
  double auroc;
};

TEST(SurfaceBaselineTest, EqualsScikitLearnOnTheReleasedDatasets) {
  if (SharedData().empty()) GTEST_SKIP() << "shared/data is not here";
  for (const Released& released :
       {Released{"confaide.csv", 0.7893617021276595, 0.8858199217050892},
        Released{"sst2.csv", 0.9931412894375857, 0.9985035808518659},
        Released{"stereoset.csv", 0.7902813299232737, 0.863396127681842},
        Released{"toxigen.csv", 0.7797390636991558, 0.8535176058852939},
        Released{"truthfulqa_train.csv", 0.5717439293598234, 0.6012338700245605}}) {
    SCOPED_TRACE(released.file);
    ASSERT_OK_AND_ASSIGN(const std::string csv, ReadFile(SharedData() + "/datasets/" + released.file));
    ASSERT_OK_AND_ASSIGN(const Statements read, ReadStatements(csv, released.file, {}));
    ASSERT_OK_AND_ASSIGN(const Split split, ReleasedSplit(read.labels, released.file));
    ASSERT_OK_AND_ASSIGN(const SurfaceBaseline baseline, FitSurfaceBaseline(read.texts, read.labels, split));
    EXPECT_NEAR(baseline.accuracy, released.accuracy, 1e-12);
    EXPECT_NEAR(baseline.auroc.value(), released.auroc, 1e-9);
  }
}

TEST(SurfaceBaselineTest, HasNoAurocWhereTestRowsHaveOneLabel) {
  ASSERT_OK_AND_ASSIGN(const SurfaceBaseline baseline,
                       FitSurfaceBaseline({"good", "bad", "good"}, {1, 0, 1}, {{0, 1}, {2}}));
  EXPECT_EQ(baseline.accuracy, 1.0);
  EXPECT_EQ(baseline.auroc, std::nullopt);
}

TEST(SurfaceBaselineTest, StatementsAlikeAreGuessedAtTheirShare) {
  ASSERT_OK_AND_ASSIGN(const SurfaceBaseline baseline,
                       FitSurfaceBaseline({"x", "x", "x", "x", "x"}, {1, 0, 0, 0, 1}, {{0, 1, 2}, {3, 4}}));
  EXPECT_EQ(baseline.accuracy, 0.5);
  EXPECT_EQ(baseline.auroc, 0.5);
}

TEST(SurfaceBaselineTest, RefusesNoTestRowsAndOneLabel) {
  EXPECT_STATUS(FitSurfaceBaseline({"a", "b"}, {0, 1}, {{0, 1}, {}}), kInvalidArgument, "no test rows");
  EXPECT_STATUS(FitSurfaceBaseline({"a", "b", "c"}, {0, 0, 1}, {{0, 1}, {2}}), kInvalidArgument,
                "surface baseline", "one label only");
}

}  // namespace
}  // namespace probesweep
