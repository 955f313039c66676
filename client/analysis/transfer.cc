#include "client/analysis/transfer.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "dataset/auroc.h"

namespace probesweep::client {
namespace {

double Logit(const LinearProbe& probe, const LinearProbe& standardizer, const float* x) {
  double logit = 0;
  for (size_t i = 0; i < probe.weight.size(); ++i) {
    const double feature = (double{x[i]} - double{standardizer.mean[i]}) / double{standardizer.scale[i]};
    logit += double{probe.weight[i]} * feature;
  }
  return logit + probe.intercept;
}

}  // namespace

absl::StatusOr<LinearProbe> ReadProbe(const ArtifactFile& file, const std::string& protocol, int layer) {
  const std::string prefix = absl::StrCat(protocol, ".layer_", layer);
  LinearProbe probe;
  PS_ASSIGN_OR_RETURN(probe.weight, file.Floats(prefix + ".weight"));
  PS_ASSIGN_OR_RETURN(probe.mean, file.Floats(prefix + ".mean"));
  PS_ASSIGN_OR_RETURN(probe.scale, file.Floats(prefix + ".scale"));
  PS_ASSIGN_OR_RETURN(const std::vector<float> intercept, file.Floats(prefix + ".intercept"));
  if (intercept.size() != 1 || probe.mean.size() != probe.weight.size() ||
      probe.scale.size() != probe.weight.size()) {
    return absl::DataLossError(absl::StrCat("the tensors of probe ", prefix, " do not fit one another"));
  }
  if (!std::all_of(probe.scale.begin(), probe.scale.end(), [](float scale) { return scale > 0; })) {
    return absl::DataLossError(absl::StrCat("the scale of probe ", prefix, " is not above 0 everywhere"));
  }
  probe.intercept = intercept[0];
  return probe;
}

absl::StatusOr<TestRows> ReadTestRows(const ArtifactFile& file, const std::string& protocol, int layer) {
  const std::string tensor = absl::StrCat("layer_", layer);
  TestRows test;
  PS_ASSIGN_OR_RETURN(test.rows, file.Integers(protocol + ".test_rows"));
  PS_ASSIGN_OR_RETURN(const std::vector<int64_t> labels, file.Integers("labels"));
  PS_ASSIGN_OR_RETURN(const std::vector<int64_t> groups, file.Integers("groups"));
  PS_ASSIGN_OR_RETURN(test.representations, file.Rows(tensor, test.rows));
  const int64_t statements = file.Size(tensor, 0);
  if (static_cast<int64_t>(labels.size()) != statements ||
      static_cast<int64_t>(groups.size()) != statements) {
    return absl::DataLossError(absl::StrCat("the artifact has ", statements, " representations, but ",
                                            labels.size(), " labels and ", groups.size(), " groups"));
  }
  test.hidden = static_cast<size_t>(file.Size(tensor, 1));
  for (const int64_t row : test.rows) {
    test.labels.push_back(labels[static_cast<size_t>(row)] != 0 ? 1 : 0);
    test.groups.push_back(groups[static_cast<size_t>(row)]);
  }
  return test;
}

absl::StatusOr<TransferScore> ScoreTransfer(const LinearProbe& probe, const LinearProbe* standardizer,
                                            const TestRows& rows) {
  const LinearProbe& standard = standardizer == nullptr ? probe : *standardizer;
  if (probe.weight.size() != rows.hidden || standard.mean.size() != rows.hidden) {
    return absl::FailedPreconditionError(
        absl::StrCat("a probe of ", probe.weight.size(), " features cannot be tested on representations of ",
                     rows.hidden, ": the checkpoints are of different models"));
  }
  if (rows.labels.empty()) return absl::FailedPreconditionError("there are no test rows");
  std::vector<double> logits;
  std::vector<int> correct;
  double hits = 0;
  for (size_t i = 0; i < rows.labels.size(); ++i) {
    logits.push_back(Logit(probe, standard, rows.representations.data() + i * rows.hidden));
    correct.push_back((logits.back() > 0) == (rows.labels[i] == 1) ? 1 : 0);
    hits += correct.back();
  }
  TransferScore score;
  score.accuracy = hits / static_cast<double>(correct.size());
  score.accuracy_interval =
      WilsonInterval(score.accuracy, EffectiveRows(correct, rows.groups), NormalHalfWidth(1));
  score.auroc = Auroc(logits, rows.labels);
  return score;
}

}  // namespace probesweep::client
