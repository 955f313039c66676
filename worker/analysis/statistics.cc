#include "worker/analysis/statistics.h"

#include <algorithm>
#include <array>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <map>
#include <numeric>

#include "dataset/auroc.h"

namespace probesweep::worker {
namespace {

constexpr int kCalibrationBins = 10;

double Square(double x) { return x * x; }

double Sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

// How certain one split's estimate is, as its test groups tell.
struct SplitSpread {
  double variance = 0;
  double groups = 0;  // as many equal groups would weigh the same: n² / Σ (rows of a group)²
};

// What a group adds to one sample of the figure.
struct Part {
  double deviation = 0, rows = 0;
};
using GroupParts = std::map<int64_t, std::vector<Part>>;  // by group, then by sample

GroupParts PartsOf(const SplitFigure& split) {
  const auto samples = static_cast<size_t>(*std::max_element(split.samples.begin(), split.samples.end())) + 1;
  GroupParts groups;
  for (size_t i = 0; i < split.groups.size(); ++i) {
    std::vector<Part>& parts = groups[split.groups[i]];
    parts.resize(samples);
    Part& part = parts[static_cast<size_t>(split.samples[i])];
    part.deviation += split.deviations[i];
    part.rows += 1;
  }
  return groups;
}

// Rows and groups of one sample.
struct SampleSize {
  double rows = 0, groups = 0;
};

std::vector<SampleSize> SizesOf(const GroupParts& groups) {
  std::vector<SampleSize> sizes(groups.begin()->second.size());
  for (const auto& [id, parts] : groups) {
    for (size_t sample = 0; sample < parts.size(); ++sample) {
      sizes[sample].rows += parts[sample].rows;
      sizes[sample].groups += parts[sample].rows > 0 ? 1 : 0;
    }
  }
  return sizes;
}

// The jackknife over groups: rows of one group need not be independent of each other. Each sample is as
// certain as its own groups make it, as Obuchowski (1997) has it for the AUROC: among six groups there may be
// but one of a label. Unset where a sample is of one group.
std::optional<SplitSpread> SpreadOf(const SplitFigure& split) {
  const GroupParts groups = PartsOf(split);
  const std::vector<SampleSize> sizes = SizesOf(groups);
  for (const SampleSize& size : sizes) {
    if (size.groups < 2) return std::nullopt;
  }
  double sum = 0, squares = 0;
  for (const auto& [id, parts] : groups) {
    double without = 0, rows = 0;  // how the figure moves without the group, and the group's rows
    for (size_t sample = 0; sample < parts.size(); ++sample) {
      const SampleSize& size = sizes[sample];
      without += parts[sample].deviation / (1 - parts[sample].rows / size.rows) *
                 std::sqrt((size.groups - 1) / size.groups);
      rows += parts[sample].rows;
    }
    sum += Square(without);
    squares += Square(rows);
  }
  return SplitSpread{sum, Square(static_cast<double>(split.groups.size())) / squares};
}

// Of all splits together.
struct Spread {
  double estimate = 0;
  double variance = 0;
  double groups = 0;    // as many equal groups, each tested once, would weigh the same
  double quantile = 0;  // of Student's distribution
};

// Splits share test groups. Were rows' deviations the only thing at random, a group being tested in each
// split with probability `share`, then the mean over J splits would vary as one split does, times this.
double OfSharedTestGroups(double splits, double share) { return 1 / splits + share * (1 - 1 / splits); }

// Nadeau's and Bengio's (2003) factor for the variance between splits, whose training rows overlap.
double OfSharedTrainRows(double splits, double share) { return 1 / splits + share / (1 - share); }

// Of at least two splits.
double VarianceBetween(const std::vector<SplitFigure>& splits, double mean) {
  double sum = 0;
  for (const SplitFigure& split : splits) sum += Square(split.estimate - mean);
  return sum / static_cast<double>(splits.size() - 1);
}

// As many equal groups would weigh the same as all that are tested in some split.
double TestedGroups(const std::vector<SplitFigure>& splits) {
  std::map<int64_t, double> rows;  // by group; whole groups are tested
  for (const SplitFigure& split : splits) {
    std::map<int64_t, double> here;
    for (const int64_t group : split.groups) here[group] += 1;
    rows.insert(here.begin(), here.end());
  }
  double sum = 0, squares = 0;
  for (const auto& [group, count] : rows) {
    sum += count;
    squares += Square(count);
  }
  return Square(sum) / squares;
}

// Of two groups of any sizes it is at most that of one degree of freedom: less would soon be beyond numbers.
double StudentQuantile(double degrees) {
  return boost::math::quantile(boost::math::students_t(std::max(degrees, 1.0)), 0.975);
}

std::optional<Spread> SpreadOf(const std::vector<SplitFigure>& splits) {
  double share = 0, variance = 0, groups = 0, known = 0;
  for (const SplitFigure& split : splits) {
    share += split.test_share / static_cast<double>(splits.size());
    if (const auto spread = SpreadOf(split)) {
      variance += spread->variance;
      groups += spread->groups;
      ++known;
    }
  }
  if (known == 0) return std::nullopt;
  const double times = OfSharedTestGroups(static_cast<double>(splits.size()), share);
  return Spread{MeanEstimate(splits), variance / known * times, groups / known / times,
                StudentQuantile(TestedGroups(splits) - 1)};
}

// As the splits' disagreement tells. Unset with one split, or one test group in each.
std::optional<Spread> SpreadBetween(const std::vector<SplitFigure>& splits) {
  const bool two_groups = std::any_of(splits.begin(), splits.end(), [](const SplitFigure& split) {
    return std::any_of(split.groups.begin(), split.groups.end(),
                       [&](int64_t group) { return group != split.groups[0]; });
  });
  if (splits.size() < 2 || !two_groups) return std::nullopt;
  const auto count = static_cast<double>(splits.size());
  const double mean = MeanEstimate(splits);
  return Spread{mean, VarianceBetween(splits, mean) * OfSharedTrainRows(count, splits[0].test_share),
                TestedGroups(splits), StudentQuantile(count - 1)};
}

// Wilson's interval for the share that as many independent trials would have given that variance.
Interval ShareInterval(const Spread& spread) {
  const double binomial = spread.estimate * (1 - spread.estimate);
  // Nothing varies: as if each group were one trial.
  const bool unvaried = !(binomial > 0) || !(spread.variance > 0);
  const double trials = unvaried ? spread.groups : binomial / spread.variance;
  const Interval interval = WilsonInterval(spread.estimate, trials, spread.quantile);
  // Rounding must not leave out the estimate where all rows are right.
  return {std::min(interval.low, spread.estimate), std::max(interval.high, spread.estimate)};
}

}  // namespace

std::vector<double> Correct(const TestScores& test) {
  std::vector<double> correct;
  for (size_t i = 0; i < test.scores.size(); ++i) {
    correct.push_back((test.scores[i] > 0) == (test.labels[i] == 1) ? 1.0 : 0.0);
  }
  return correct;
}

double Mean(const std::vector<double>& values) { return Sum(values) / static_cast<double>(values.size()); }

double ExpectedCalibrationError(const TestScores& test) {
  struct Bin {
    double probability = 0, ones = 0;
  };
  std::array<Bin, kCalibrationBins> bins;
  for (size_t i = 0; i < test.scores.size(); ++i) {
    const double probability = 1 / (1 + std::exp(-test.scores[i]));
    Bin& bin = bins[static_cast<size_t>(
        std::min(static_cast<int>(probability * kCalibrationBins), kCalibrationBins - 1))];
    bin.probability += probability;
    bin.ones += test.labels[i];
  }
  double error = 0;
  for (const Bin& bin : bins) error += std::abs(bin.ones - bin.probability);
  return error / static_cast<double>(test.scores.size());
}

SplitFigure MeanFigure(const std::vector<double>& values, const std::vector<int64_t>& groups,
                       double test_share) {
  SplitFigure figure{Mean(values), {}, groups, std::vector<int>(groups.size(), 0), test_share};
  for (const double value : values) {
    figure.deviations.push_back((value - figure.estimate) / static_cast<double>(values.size()));
  }
  return figure;
}

std::optional<SplitFigure> AurocFigure(const TestScores& test, const std::vector<int64_t>& groups,
                                       double test_share) {
  const std::optional<double> auroc = Auroc(test.scores, test.labels);
  if (!auroc.has_value()) return std::nullopt;
  std::array<std::vector<double>, 2> sorted;  // scores by label
  for (size_t i = 0; i < test.scores.size(); ++i) {
    sorted[static_cast<size_t>(test.labels[i])].push_back(test.scores[i]);
  }
  for (std::vector<double>& scores : sorted) std::sort(scores.begin(), scores.end());
  SplitFigure figure{*auroc, {}, groups, test.labels, test_share};
  for (size_t i = 0; i < test.scores.size(); ++i) {
    const bool one = test.labels[i] == 1;
    const std::vector<double>& others = sorted[one ? 0 : 1];
    const auto [below, above] = std::equal_range(others.begin(), others.end(), test.scores[i]);
    const auto lower = static_cast<double>(below - others.begin() + (above - others.begin())) / 2;
    const double share = lower / static_cast<double>(others.size());  // of the others that are lower
    const auto own = static_cast<double>(sorted[one ? 1 : 0].size());
    figure.deviations.push_back(((one ? share : 1 - share) - *auroc) / own);
  }
  return figure;
}

double MeanEstimate(const std::vector<SplitFigure>& splits) {
  double sum = 0;
  for (const SplitFigure& split : splits) sum += split.estimate;
  return sum / static_cast<double>(splits.size());
}

std::optional<Interval> AccuracyInterval(const std::vector<SplitFigure>& splits) {
  const std::optional<Spread> spread = SpreadOf(splits);
  if (!spread.has_value()) return std::nullopt;
  return ShareInterval(*spread);
}

std::optional<Interval> AurocInterval(const std::vector<SplitFigure>& splits) {
  const std::optional<Spread> between = SpreadBetween(splits);
  std::optional<Spread> spread = SpreadOf(splits);
  if (!spread.has_value()) {
    if (!between.has_value()) return std::nullopt;
    return ShareInterval(*between);
  }
  // Near chance the same rows' pull on the probe and on its scores adds up, and one split does not show it.
  if (between.has_value()) spread->variance = std::max(spread->variance, between->variance);
  return ShareInterval(*spread);
}

std::optional<Interval> DifferenceInterval(const std::vector<SplitFigure>& splits) {
  const std::optional<Spread> spread = SpreadOf(splits);
  if (!spread.has_value()) return std::nullopt;
  // Half a group more on each side: no interval of no width where the two never differ.
  const double groups = spread->groups;
  const double centre = spread->estimate * groups / (groups + 1);
  const double variance = (Square(groups) * spread->variance + 1) / Square(groups + 1);
  const double half = spread->quantile * std::sqrt(variance);
  return Interval{std::max(centre - half, -1.0), std::min(centre + half, 1.0)};
}

}  // namespace probesweep::worker
