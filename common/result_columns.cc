#include "common/result_columns.h"

namespace probesweep {

const std::vector<ResultColumn>& ResultColumns() {
  static const auto* const columns = new std::vector<ResultColumn>{
      {"n_train", true, "rows the probe was fitted on"},
      {"n_test", true, "rows the probe was tested on"},
      {"accuracy", false, "share of test rows that the probe classifies correctly"},
      {"auroc", false, "area under the ROC curve on the test rows; absent when they show one class only"},
      {"coef_norm", false, "Euclidean norm of the probe's weights, in standardised features"},
      {"intercept", false, "the probe's intercept"},
      {"iterations", true, "Newton iterations until the gradient's largest entry was at most 1e-8 n"},
      {"mi_tx", false, "I(T;X): normalised HSIC between this layer and layer 0, train rows"},
      {"mi_ty", false, "I(T;Y): normalised HSIC between this layer and the labels, train rows"},
      {"steering_norm", false,
       "length of the steering vector: standard deviation (ddof 1) of all rows' projections on its direction"},
      {"activation_norm", false, "mean Euclidean norm of the representations, all rows"},
      {"majority_accuracy", false, "test accuracy of always answering the train rows' commoner label"},
      {"surface_accuracy", false,
       "test accuracy of the surface baseline (word 1-2-gram tf-idf, length and capital counts), same split"},
      {"surface_auroc", false, "AUROC of the surface baseline, same split"},
  };
  return *columns;
}

const ResultColumn* FindResultColumn(absl::string_view name) {
  for (const ResultColumn& column : ResultColumns()) {
    if (name == column.name) return &column;
  }
  return nullptr;
}

}  // namespace probesweep
