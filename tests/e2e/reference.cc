#include "tests/e2e/reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <tuple>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/golden/tensor_file.h"

namespace probesweep::testing {
namespace {

using nlohmann::json;
using Row = std::map<std::string, std::string>;                             // by column
using Rows = std::map<std::tuple<std::string, std::string, int64_t>, Row>;  // checkpoint, dimension, layer

Rows ReadRows(const std::string& csv) {
  const std::vector<std::string> lines = absl::StrSplit(csv, '\n', absl::SkipEmpty());
  Rows rows;
  std::vector<std::string> columns;
  for (const std::string& line : lines) {
    const std::vector<std::string> fields = absl::StrSplit(line, ',');
    if (columns.empty()) {
      columns = fields;
      continue;
    }
    EXPECT_EQ(fields.size(), columns.size()) << line;
    Row row;
    for (size_t i = 0; i < std::min(fields.size(), columns.size()); ++i) row[columns[i]] = fields[i];
    rows[{row["checkpoint"], row["dimension"], std::stol(row["layer"])}] = row;
  }
  return rows;
}

double Number(const Row& row, const std::string& column) {
  double value = NAN;
  EXPECT_TRUE(row.count(column) == 1 && absl::SimpleAtod(row.at(column), &value)) << column;
  return value;
}

double Relative(double value, double expected) { return std::abs(value - expected) / std::abs(expected); }

void Raise(double& worst, double deviation) {
  EXPECT_TRUE(std::isfinite(deviation));
  worst = std::max(worst, deviation);
}

void CompareRow(const Row& row, const json& expected, Deviations& worst) {
  const double accuracy_off = std::abs(Number(row, "accuracy") - expected["acc_converged"].get<double>());
  const double rows = expected["n"].get<double>() - expected["n_train"].get<double>();
  EXPECT_EQ(Number(row, "n_test"), rows);
  if (!(accuracy_off * rows < 1.5)) ++worst.accuracies_off;
  if (accuracy_off * rows < 0.5) ++worst.accuracies_equal;
  Raise(worst.coef_norm, Relative(Number(row, "coef_norm"), expected["coef_norm"]));
  Raise(worst.steering_norm, Relative(Number(row, "steering_norm"), expected["steer_scale"]));
  for (const char* column : {"mi_tx", "mi_ty"}) {
    const double information = expected[column];
    Raise(worst.information,
          std::abs(Number(row, column) - information) / std::max(1.0, std::abs(information)));
  }
}

void CompareDirection(const std::vector<float>& vector, const json& expected, Deviations& worst) {
  ASSERT_GE(vector.size(), expected.size());
  double squares = 0;
  for (const float component : vector) squares += static_cast<double>(component) * component;
  for (size_t i = 0; i < expected.size(); ++i) {
    Raise(worst.steering_direction, std::abs(vector[i] / std::sqrt(squares) - expected[i].get<double>()));
  }
}

}  // namespace

Deviations CompareWithReference(const Cluster& cluster, const std::string& sweep, const json& reference) {
  const std::string folder = cluster.File("vectors");
  const Finished fetched =
      cluster.Client({"artifacts", "fetch", sweep, "--kind", "steering_vectors", "--output", folder});
  EXPECT_EQ(fetched.exit_code, 0) << fetched.err;
  const Rows rows = ReadRows(cluster.Export(sweep));
  EXPECT_EQ(rows.size(), reference.size());
  Deviations worst;
  for (const json& expected : reference) {
    const std::string checkpoint = expected["checkpoint"], dataset = expected["dataset"];
    const int64_t layer = expected["layer"];
    const auto row = rows.find({checkpoint, dataset, layer});
    EXPECT_NE(row, rows.end()) << expected;
    if (row == rows.end()) continue;
    ++worst.cells;
    CompareRow(row->second, expected, worst);
    const TensorFile vectors(
        absl::StrCat(folder, "/", checkpoint, ".", dataset, ".steering_vectors.safetensors"));
    CompareDirection(vectors.Floats(absl::StrCat("released.layer_", layer)), expected["steer_dir_first8"],
                     worst);
  }
  return worst;
}

void ExpectAgreement(const Deviations& worst) {
  std::cout << worst.cells << " cells: " << worst.accuracies_equal << " accuracies equal, "
            << worst.accuracies_off << " off by more than one row; largest deviations: |w| "
            << worst.coef_norm << ", information " << worst.information << ", steering norm "
            << worst.steering_norm << ", steering direction " << worst.steering_direction << std::endl;
  EXPECT_GT(worst.cells, 0);
  EXPECT_LE(worst.accuracies_off, worst.cells / 100);
  EXPECT_LE(worst.coef_norm, 1e-3);
  EXPECT_LE(worst.information, 1e-4);
  EXPECT_LE(worst.steering_norm, 1e-4);
  EXPECT_LE(worst.steering_direction, 1e-4);
}

}  // namespace probesweep::testing
