#include "dataset/surface_features.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "dataset/surface_words.h"

namespace probesweep {
namespace {

using Columns = std::vector<uint32_t>;

// Words, and pairs of neighbouring words, of one statement. No word has a space in it.
std::vector<std::string> NGrams(absl::string_view text) {
  std::vector<std::string> words = SurfaceWords(text);
  std::vector<std::string> pairs;
  for (size_t i = 1; i < words.size(); ++i) pairs.push_back(absl::StrCat(words[i - 1], " ", words[i]));
  words.insert(words.end(), std::make_move_iterator(pairs.begin()), std::make_move_iterator(pairs.end()));
  return words;
}

class TfIdf {
 public:
  // Learns vocabulary and idf.
  TfIdf(const std::vector<std::string>& texts, const std::vector<int64_t>& rows);

  uint32_t vocabulary_size() const { return static_cast<uint32_t>(idf_.size()); }
  // Appends the n-grams of `text` that are in the vocabulary to the row under way.
  void Append(absl::string_view text, SparseMatrix* matrix) const;

 private:
  absl::flat_hash_map<std::string, uint32_t> columns_;
  std::vector<double> idf_;  // by column
};

TfIdf::TfIdf(const std::vector<std::string>& texts, const std::vector<int64_t>& rows) {
  struct Seen {
    int64_t statements = 0;  // that the n-gram is in
    int64_t last_row = -1;
  };
  std::vector<Seen> seen;
  for (const int64_t row : rows) {
    for (std::string& ngram : NGrams(texts[static_cast<size_t>(row)])) {
      const uint32_t column =
          columns_.try_emplace(std::move(ngram), static_cast<uint32_t>(seen.size())).first->second;
      if (column == seen.size()) seen.emplace_back();
      if (seen[column].last_row != row) ++seen[column].statements;
      seen[column].last_row = row;
    }
  }
  const double smoothed_rows = static_cast<double>(rows.size()) + 1.0;
  for (const Seen& ngram : seen) {
    idf_.push_back(std::log(smoothed_rows / (static_cast<double>(ngram.statements) + 1.0)) + 1.0);
  }
}

void TfIdf::Append(absl::string_view text, SparseMatrix* matrix) const {
  Columns columns;
  for (const std::string& ngram : NGrams(text)) {
    const auto found = columns_.find(ngram);
    if (found != columns_.end()) columns.push_back(found->second);
  }
  std::sort(columns.begin(), columns.end());
  const size_t first = matrix->values.size();
  double squares = 0.0;
  for (size_t begin = 0, end = 0; begin < columns.size(); begin = end) {
    while (end < columns.size() && columns[end] == columns[begin]) ++end;
    const double weight = static_cast<double>(end - begin) * idf_[columns[begin]];
    matrix->Append(columns[begin], weight);
    squares += weight * weight;
  }
  for (size_t k = first; k < matrix->values.size(); ++k) matrix->values[k] /= std::sqrt(squares);
}

// Length and capitals, standardised.
class ShapeScaler {
 public:
  ShapeScaler(const std::vector<std::string>& texts, const std::vector<int64_t>& rows);

  static constexpr uint32_t kFeatures = 2;
  void Append(absl::string_view text, uint32_t first_column, SparseMatrix* matrix) const;

 private:
  using Shape = std::array<double, kFeatures>;

  static Shape Measure(absl::string_view text) {
    const CharacterCounts counts = CountCharacters(text);
    return {static_cast<double>(counts.characters), static_cast<double>(counts.capitals)};
  }

  Shape mean_{};
  Shape deviation_{};
};

ShapeScaler::ShapeScaler(const std::vector<std::string>& texts, const std::vector<int64_t>& rows) {
  const auto count = static_cast<double>(rows.size());
  std::vector<Shape> shapes;
  for (const int64_t row : rows) shapes.push_back(Measure(texts[static_cast<size_t>(row)]));
  for (uint32_t feature = 0; feature < kFeatures; ++feature) {
    double sum = 0.0;
    for (const Shape& shape : shapes) sum += shape[feature];
    mean_[feature] = sum / count;
    double squares = 0.0;
    for (const Shape& shape : shapes) squares += std::pow(shape[feature] - mean_[feature], 2);
    deviation_[feature] = std::sqrt(squares / count);
  }
}

void ShapeScaler::Append(absl::string_view text, uint32_t first_column, SparseMatrix* matrix) const {
  const Shape shape = Measure(text);
  for (uint32_t feature = 0; feature < kFeatures; ++feature) {
    if (deviation_[feature] == 0.0) continue;
    matrix->Append(first_column + feature, (shape[feature] - mean_[feature]) / deviation_[feature]);
  }
}

}  // namespace

SurfaceFeatures ExtractSurfaceFeatures(const std::vector<std::string>& texts, const Split& split) {
  const TfIdf tf_idf(texts, split.train);
  const ShapeScaler scaler(texts, split.train);
  const auto extract = [&](const std::vector<int64_t>& rows) {
    SparseMatrix matrix;
    matrix.column_count = tf_idf.vocabulary_size() + ShapeScaler::kFeatures;
    for (const int64_t row : rows) {
      const std::string& text = texts[static_cast<size_t>(row)];
      tf_idf.Append(text, &matrix);
      scaler.Append(text, tf_idf.vocabulary_size(), &matrix);
      matrix.EndRow();
    }
    return matrix;
  };
  return {extract(split.train), extract(split.test)};
}

SurfaceFeatures ExtractShapeFeatures(const std::vector<std::string>& texts, const Split& split) {
  const ShapeScaler scaler(texts, split.train);
  const auto extract = [&](const std::vector<int64_t>& rows) {
    SparseMatrix matrix;
    matrix.column_count = ShapeScaler::kFeatures;
    for (const int64_t row : rows) {
      scaler.Append(texts[static_cast<size_t>(row)], 0, &matrix);
      matrix.EndRow();
    }
    return matrix;
  };
  return {extract(split.train), extract(split.test)};
}

}  // namespace probesweep
