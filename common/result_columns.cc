#include "common/result_columns.h"

namespace probesweep {

const std::vector<ResultColumn>& ResultColumns() {
  static const auto* const columns = new std::vector<ResultColumn>{
      {"n_rows", true, "rows of the dimension"},
      {"n_groups", true, "groups of rows that belong together; a row without others is a group"},
      {"n_splits", true, "seeded splits that the figures below are means over"},
      {"n_train", true, "rows the probe was fitted on, in the first split"},
      {"n_test", true, "rows the probe was tested on, in the first split"},
      {"n_train_groups", true, "groups among the train rows, in the first split"},
      {"n_test_groups", true, "groups among the test rows, in the first split"},
      {"accuracy", false, "share of test rows that the probe classifies correctly"},
      {"accuracy_low", false, "lower end of the accuracy's 95 % interval"},
      {"accuracy_high", false, "upper end of the accuracy's 95 % interval"},
      {"validation_accuracy", false, "accuracy on the validation rows (protocol paper)"},
      {"auroc", false, "area under the ROC curve on the test rows; absent when they show one class only"},
      {"auroc_low", false, "lower end of the AUROC's 95 % interval"},
      {"auroc_high", false, "upper end of the AUROC's 95 % interval"},
      {"ece", false, "expected calibration error on the test rows: 10 bins of equal width"},
      {"control_accuracy", false, "accuracy of a probe fitted and tested on permuted labels"},
      {"selectivity", false, "accuracy minus control_accuracy"},
      {"coef_norm", false, "Euclidean norm of the probe's weights, in standardised features"},
      {"intercept", false, "the probe's intercept"},
      {"iterations", true, "iterations of the solver, in the first split"},
      {"mi_tx", false, "I(T;X): normalised HSIC between this layer and layer 0, train rows"},
      {"mi_tx_null", false, "mean of mi_tx over permutations of the rows"},
      {"mi_tx_p", false, "share of permutations with at least this mi_tx, the observed order counted in"},
      {"mi_tx_corrected", false, "mi_tx minus mi_tx_null"},
      {"mi_ty", false, "I(T;Y): normalised HSIC between this layer and the labels, train rows"},
      {"mi_ty_null", false, "mean of mi_ty over permutations of the labels"},
      {"mi_ty_p", false, "share of permutations with at least this mi_ty, the observed order counted in"},
      {"mi_ty_corrected", false, "mi_ty minus mi_ty_null"},
      {"hsic_tx", false, "biased HSIC between this layer and layer 0, Gaussian kernel"},
      {"hsic_ty", false, "biased HSIC between this layer and the labels, Gaussian kernel"},
      {"linear_hsic_tx", false, "biased HSIC between this layer and layer 0, linear kernel"},
      {"linear_hsic_ty", false, "biased HSIC between this layer and the labels, linear kernel"},
      {"cka_tx", false, "debiased linear CKA between this layer and layer 0"},
      {"cka_ty", false, "debiased linear CKA between this layer and the labels"},
      {"steering_norm", false, "Euclidean norm of the steering vector"},
      {"activation_norm", false, "mean Euclidean norm of the representations, all rows"},
      {"majority_accuracy", false, "test accuracy of always answering the train rows' commoner label"},
      {"surface_accuracy", false,
       "test accuracy of the surface baseline (word 1-2-gram tf-idf, length and capital counts), same "
       "splits"},
      {"surface_auroc", false, "AUROC of the surface baseline, same splits"},
      {"above_surface", false, "accuracy minus surface_accuracy"},
      {"above_surface_low", false, "lower end of above_surface's 95 % interval"},
      {"above_surface_high", false, "upper end of above_surface's 95 % interval"},
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
