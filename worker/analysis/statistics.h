// Figures of a probe's scores on test rows, and their 95 % intervals over seeded splits. docs/protocols.md
// derives the intervals and shows how often they hold.
#ifndef PROBESWEEP_WORKER_ANALYSIS_STATISTICS_H_
#define PROBESWEEP_WORKER_ANALYSIS_STATISTICS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "dataset/interval.h"

namespace probesweep::worker {

// What a classifier said of the test rows of one split; one entry per row.
struct TestScores {
  std::vector<double> scores;  // logits: label 1 above 0
  std::vector<int> labels;     // 0 or 1
};

// Which rows the score puts on the right side: 1 or 0.
std::vector<double> Correct(const TestScores& test);

// Mean of at least one value.
double Mean(const std::vector<double>& values);

// Expected calibration error (Naeini et al., 2015): rows in 10 bins of equal width by the probability of
// label 1 that the score stands for, 1/(1 + e^−score); the mean over bins, weighted by their rows, of
// |share of label 1 − mean probability|. A probability on a bin's edge belongs to the bin above, 1 to the
// last.
double ExpectedCalibrationError(const TestScores& test);

// One figure of one split, taken apart by the rows it is made of.
struct SplitFigure {
  double estimate = 0;
  // What each test row adds to the estimate's deviation from what is expected of it; their sum is 0.
  std::vector<double> deviations;
  std::vector<int64_t> groups;  // of the test rows
  // Which of the samples it compares each row belongs to, from 0: the labels for the AUROC, one sample for a
  // mean.
  std::vector<int> samples;
  double test_share = 0;  // test rows / all rows
};

// A mean over rows: accuracy, or the difference of two classifiers.
SplitFigure MeanFigure(const std::vector<double>& values, const std::vector<int64_t>& groups,
                       double test_share);
// The area under the ROC curve, by DeLong's placement values (1988). Unset when the rows show one label only.
std::optional<SplitFigure> AurocFigure(const TestScores& test, const std::vector<int64_t>& groups,
                                       double test_share);

// Mean of the estimates of at least one split.
double MeanEstimate(const std::vector<SplitFigure>& splits);

// 95 % intervals of the mean over splits, for what is expected of a probe that is trained on as many rows and
// tested on new groups. Unset when no split has two groups to test on; the AUROC's where no split has two of
// each label either, and there is but one split.
//
// Of a share: Wilson's, in [0, 1].
std::optional<Interval> AccuracyInterval(const std::vector<SplitFigure>& splits);
std::optional<Interval> AurocInterval(const std::vector<SplitFigure>& splits);
// Of a difference of two shares on the same rows: in the manner of Bonett and Price (2012), in [−1, 1].
std::optional<Interval> DifferenceInterval(const std::vector<SplitFigure>& splits);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ANALYSIS_STATISTICS_H_
