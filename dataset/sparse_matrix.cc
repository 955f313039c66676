#include "dataset/sparse_matrix.h"

namespace probesweep {

void SparseMatrix::Append(uint32_t column, double value) {
  columns.push_back(column);
  values.push_back(value);
}

std::vector<double> SparseMatrix::Times(const std::vector<double>& x) const {
  std::vector<double> product(row_count());
  for (size_t row = 0; row < product.size(); ++row) {
    double sum = 0.0;
    for (size_t k = row_begin[row]; k < row_begin[row + 1]; ++k) sum += values[k] * x[columns[k]];
    product[row] = sum;
  }
  return product;
}

std::vector<double> SparseMatrix::TransposedTimes(const std::vector<double>& y) const {
  std::vector<double> product(column_count);
  for (size_t row = 0; row < row_count(); ++row) {
    for (size_t k = row_begin[row]; k < row_begin[row + 1]; ++k) product[columns[k]] += values[k] * y[row];
  }
  return product;
}

std::vector<double> SparseMatrix::TransposedSquaresTimes(const std::vector<double>& y) const {
  std::vector<double> product(column_count);
  for (size_t row = 0; row < row_count(); ++row) {
    for (size_t k = row_begin[row]; k < row_begin[row + 1]; ++k) {
      product[columns[k]] += values[k] * values[k] * y[row];
    }
  }
  return product;
}

}  // namespace probesweep
