#include "worker/analysis/information_values.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "common/status.h"
#include "worker/analysis/dependence.h"
#include "worker/analysis/information_null.h"

namespace probesweep::worker {
namespace {

// About a second's work on the largest datasets.
constexpr int64_t kPermutationsAtOnce = 64;

// A null distribution told in parts, each of some permutations.
class NullInParts {
 public:
  void Add(const NullDistribution& part, int64_t permutations) {
    const auto count = static_cast<double>(permutations);
    at_least_ += part.p * (count + 1) - 1;
    drawn_sum_ += part.drawn_mean * count;
    permutations_ += count;
    mean_ = part.mean;
  }
  double p() const { return (1 + at_least_) / (1 + permutations_); }
  double mean() const { return mean_; }
  double drawn_mean() const { return drawn_sum_ / permutations_; }

 private:
  double at_least_ = 0, permutations_ = 0, drawn_sum_ = 0, mean_ = 0;
};

}  // namespace

HsicOptions HsicOptionsOf(const AnalysisConfig& config) {
  return {config.hsic_sigma, config.hsic_epsilon, config.hsic_scale_by_dimension};
}

InformationValues::InformationValues(const HsicOptions& hsic, InformationOptions options, at::Tensor labels,
                                     const std::vector<int64_t>& groups)
    : hsic_(hsic), options_(std::move(options)), labels_(std::move(labels)), permutations_(groups) {}

absl::Status InformationValues::Add(int64_t layer, const at::Tensor& sample, AnalysisStep step,
                                    ResultValues& values) {
  if (options_.normalised_hsic) PS_RETURN_IF_ERROR(AddNormalised(layer, sample, step, values));
  if (layer == 0 && !options_.estimators.empty()) first_sample_ = sample;
  for (const std::string& name : options_.estimators) {
    AddEstimator(name, sample, values);
    PS_RETURN_IF_ERROR(step());
  }
  return absl::OkStatus();
}

absl::Status InformationValues::AddNormalised(int64_t layer, const at::Tensor& sample, AnalysisStep step,
                                              ResultValues& values) {
  PS_ASSIGN_OR_RETURN(KernelInverse kernel, InvertKernel(sample, hsic_));
  if (layer == 0) first_kernel_ = kernel;
  values["mi_tx"] = MutualInformation(first_kernel_, kernel);
  values["mi_ty"] = LabelInformation(kernel, labels_, hsic_);
  PS_RETURN_IF_ERROR(step());
  if (options_.permutations == 0) return absl::OkStatus();
  return AddNulls(kernel, step, values);
}

absl::Status InformationValues::AddNulls(const KernelInverse& kernel, AnalysisStep step,
                                         ResultValues& values) const {
  NullInParts of_layer, of_labels;
  SeededRandom random(SplitSeed(options_.seed, 0), kInformationStream);
  for (int64_t done = 0; done < options_.permutations; done += kPermutationsAtOnce) {
    const int64_t count = std::min(kPermutationsAtOnce, options_.permutations - done);
    const at::Tensor orders = at::empty({count, labels_.size(0)}, at::kLong);
    for (int64_t i = 0; i < count; ++i) {
      const std::vector<int64_t> order = permutations_.Draw(random);
      std::copy(order.begin(), order.end(), orders.data_ptr<int64_t>() + i * orders.size(1));
    }
    of_layer.Add(MutualInformationNull(first_kernel_, kernel, orders, values["mi_tx"]), count);
    of_labels.Add(LabelInformationNull(kernel, labels_.take(orders), values["mi_ty"], hsic_), count);
    PS_RETURN_IF_ERROR(step());
  }
  const auto add = [&](const std::string& column, const NullInParts& null) {
    // Over all orders it is exact; where groups restrict them, the drawn ones tell.
    const double mean = permutations_.unrestricted() ? null.mean() : null.drawn_mean();
    values[column + "_null"] = mean;
    values[column + "_p"] = null.p();
    values[column + "_corrected"] = values[column] - mean;
  };
  add("mi_tx", of_layer);
  add("mi_ty", of_labels);
  return absl::OkStatus();
}

void InformationValues::AddEstimator(const std::string& name, const at::Tensor& sample,
                                     ResultValues& values) const {
  if (name == "cka") {
    if (const auto cka = DebiasedCka(first_sample_, sample)) values["cka_tx"] = *cka;
    if (const auto cka = DebiasedLabelCka(sample, labels_)) values["cka_ty"] = *cka;
    return;
  }
  const KernelKind kernel = name == "linear_hsic" ? KernelKind::kLinear : KernelKind::kGaussian;
  values[name + "_tx"] = BiasedHsic(first_sample_, sample, kernel, hsic_);
  values[name + "_ty"] = BiasedLabelHsic(sample, labels_, kernel, hsic_);
}

}  // namespace probesweep::worker
