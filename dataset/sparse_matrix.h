#ifndef PROBESWEEP_DATASET_SPARSE_MATRIX_H_
#define PROBESWEEP_DATASET_SPARSE_MATRIX_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace probesweep {

// A matrix of mostly zeros, by rows (CSR): row i has values[k] in column columns[k] for k from row_begin[i]
// up to row_begin[i + 1]. Rows are appended; columns ascend within a row.
struct SparseMatrix {
  size_t column_count = 0;
  std::vector<size_t> row_begin = {0};
  std::vector<uint32_t> columns;
  std::vector<double> values;

  size_t row_count() const { return row_begin.size() - 1; }
  void Append(uint32_t column, double value);  // to the row under way
  void EndRow() { row_begin.push_back(columns.size()); }

  // A·x, one entry per row.
  std::vector<double> Times(const std::vector<double>& x) const;
  // Aᵀ·y, one entry per column.
  std::vector<double> TransposedTimes(const std::vector<double>& y) const;
  // (A∘A)ᵀ·y: the squares of the entries instead of the entries.
  std::vector<double> TransposedSquaresTimes(const std::vector<double>& y) const;
};

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_SPARSE_MATRIX_H_
