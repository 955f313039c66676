#include "worker/analysis/logistic_probe.h"

#include <ATen/ATen.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/analysis_config.h"
#include "common/edit_distance.h"
#include "common/status.h"
#include "worker/analysis/lbfgs_probe.h"
#include "worker/analysis/newton_probe.h"

namespace probesweep::worker {
namespace {

absl::Status CheckFinite(const at::Tensor& features) {
  // Of a sum of all only NaN and infinity themselves, or numbers near to overflow, make a NaN or an infinity.
  if (std::isfinite(features.sum().item<double>())) return absl::OkStatus();
  const at::Tensor broken = features.isfinite().logical_not().nonzero();
  if (broken.size(0) == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the probe takes finite numbers only, but row ", broken[0][0].item<int64_t>(),
                   " has NaN or infinity in feature ", broken[0][1].item<int64_t>(),
                   ": leave the row out, or find out why the model gives none"));
}

absl::Status CheckProblem(const at::Tensor& features, const at::Tensor& labels) {
  if (features.dim() != 2 || features.size(1) == 0 || labels.dim() != 1 ||
      labels.size(0) != features.size(0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the probe needs a matrix of features and one label for each of its rows; it got ",
                     absl::StrJoin(features.sizes(), "x"), " features and ", labels.numel(),
                     " labels: pass as many labels as rows"));
  }
  const int64_t ones = labels.eq(1).sum().item<int64_t>();
  const int64_t zeros = labels.eq(0).sum().item<int64_t>();
  if (ones + zeros != labels.size(0)) {
    return absl::InvalidArgumentError("the probe takes labels 0 and 1 only: map other labels to these first");
  }
  if (ones == 0 || zeros == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the probe cannot be fitted: all of its ", labels.size(0), " train rows have label ",
        ones == 0 ? 0 : 1,
        "; give statements of the other label, or mix the order of the file, so that both labels "
        "are among the train rows"));
  }
  return CheckFinite(features);
}

absl::Status UnknownSolver(absl::string_view solver) {
  const std::string nearest = NearestName(solver, KnownSolvers());
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown solver '", solver, "'", nearest.empty() ? "" : absl::StrCat(": did you mean ", nearest, "?"),
      " (", absl::StrJoin(KnownSolvers(), ", "), ")"));
}

}  // namespace

at::Tensor Probe::Logits(const at::Tensor& features) const { return at::mv(features, weights) + intercept; }

absl::StatusOr<Probe> FitLogisticProbe(const at::Tensor& features, const at::Tensor& labels, double c) {
  PS_RETURN_IF_ERROR(CheckProblem(features, labels));
  return FitExactProbe(features, labels, c);
}

absl::StatusOr<Probe> FitProbe(const at::Tensor& features, const at::Tensor& labels, double c,
                               absl::string_view solver) {
  if (solver == "exact") return FitLogisticProbe(features, labels, c);
  PS_RETURN_IF_ERROR(CheckProblem(features, labels));
  if (solver == "sklearn") return FitSklearnProbe(features, labels, c, SklearnRelease::kUpTo13);
  if (solver == "sklearn-1.4") return FitSklearnProbe(features, labels, c, SklearnRelease::kSince14);
  return UnknownSolver(solver);
}

}  // namespace probesweep::worker
