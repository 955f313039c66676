// What can be told from a statement without a model: its words and its shape.
#ifndef PROBESWEEP_DATASET_SURFACE_FEATURES_H_
#define PROBESWEEP_DATASET_SURFACE_FEATURES_H_

#include <string>
#include <vector>

#include "dataset/sparse_matrix.h"
#include "dataset/split.h"

namespace probesweep {

struct SurfaceFeatures {
  SparseMatrix train;  // [train rows, n-grams + 2]
  SparseMatrix test;   // [test rows, n-grams + 2]
};

// Features of `texts` (well-formed UTF-8): the tf-idf of words and pairs of neighbouring words, as
// scikit-learn's TfidfVectorizer(ngram_range=(1, 2)), then the length in characters and the number of capital
// letters, standardised (a constant one is 0). Vocabulary, idf, means and deviations are those of the train
// rows; columns are numbered as n-grams first appear.
SurfaceFeatures ExtractSurfaceFeatures(const std::vector<std::string>& texts, const Split& split);

// The last two of them alone, [rows, 2]: length and capitals.
SurfaceFeatures ExtractShapeFeatures(const std::vector<std::string>& texts, const Split& split);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_SURFACE_FEATURES_H_
