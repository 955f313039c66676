#include "client/compare/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace probesweep::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

RowKey Key(const std::string& checkpoint, int layer = 0) {
  return {checkpoint, "privacy", layer, "released"};
}

ResultSet OneRow(const std::map<std::string, double>& values) {
  ResultSet set;
  set.rows[Key("step0")].values = values;
  return set;
}

bool Same(const std::string& column, double a, double b, double tolerance = 1e-6) {
  return Compare(OneRow({{column, a}}), OneRow({{column, b}}), tolerance).Equal();
}

TEST(Comparison, ValuesAreTheSameWithinTheToleranceOfTheLarger) {
  const struct {
    const char* why;
    const char* column;
    double a, b, tolerance;
    bool same;
  } cases[] = {
      {"the very same", "accuracy", 0.75, 0.75, 0, true},
      {"no tolerance", "accuracy", 0.75, std::nextafter(0.75, 1), 0, false},
      {"just within, relative", "coef_norm", 1000, 1000.0009, 1e-6, true},
      {"just beyond, relative", "coef_norm", 1000, 1000.0011, 1e-6, false},
      {"negative values", "intercept", -1000, -1000.0011, 1e-6, false},
      {"about zero the tolerance is absolute", "intercept", 0, 9e-10, 1e-6, true},
      {"about zero, beyond", "intercept", 0, 1.1e-9, 1e-6, false},
      {"of other signs about zero", "intercept", -4e-10, 4e-10, 1e-6, true},
      {"a count is exact", "n_test", 72, 72.00001, 1e-2, false},
      {"an equal count", "n_test", 72, 72, 0, true},
      {"a p-value is exact", "mi_ty_p", 0.05, 0.05 + 1e-12, 1e-2, false},
      {"a column of a newer release", "mi_new", 1, 1 + 1e-7, 1e-6, true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Same(c.column, c.a, c.b, c.tolerance), c.same) << c.why;
    EXPECT_EQ(Same(c.column, c.b, c.a, c.tolerance), c.same) << c.why << ", the other way round";
  }
}

TEST(Comparison, TheWorstComesFirst) {
  ResultSet a, b;
  a.rows[Key("x")].values = {{"accuracy", 0.5}, {"auroc", 0.5}, {"n_test", 72}, {"mi_tx", 1}, {"ece", 0.1}};
  b.rows[Key("x")].values = {{"accuracy", 0.6}, {"auroc", 0.51}, {"n_test", 71}, {"mi_ty", 1}, {"ece", 0.1}};
  const Comparison comparison = Compare(a, b, 1e-6);
  std::vector<std::string> columns;
  for (const Difference& difference : comparison.differences) columns.push_back(difference.column);
  EXPECT_THAT(columns, ElementsAre("mi_tx", "mi_ty", "n_test", "accuracy", "auroc"));
  EXPECT_FALSE(comparison.differences[0].b.has_value()) << "b lacks it";
  EXPECT_FALSE(comparison.differences[1].a.has_value()) << "a lacks it";
  EXPECT_NEAR(comparison.differences[3].excess, 0.1 / 0.6e-6, 1);
  EXPECT_EQ(comparison.values, 4) << "accuracy, auroc, n_test and ece are in both";
  EXPECT_EQ(comparison.rows, 1);
}

TEST(Comparison, RowsThatOneSideLacksAreTold) {
  ResultSet a, b;
  a.rows[Key("both")];
  b.rows[Key("both")];
  a.rows[Key("left")];
  b.rows[Key("right", 3)];
  const Comparison comparison = Compare(a, b, 1e-6);
  EXPECT_THAT(comparison.only_a, ElementsAre(Key("left")));
  EXPECT_THAT(comparison.only_b, ElementsAre(Key("right", 3)));
  EXPECT_FALSE(comparison.Equal());
  b.rows.erase(Key("right", 3));
  EXPECT_FALSE(Compare(a, b, 1e-6).Equal());
  EXPECT_FALSE(Compare(b, a, 1e-6).Equal());
}

TEST(Comparison, RowsAreOfOneKeyOnlyWhenAllFourAgree) {
  const RowKey key{"c", "d", 1, "released"};
  for (const RowKey& other : {RowKey{"x", "d", 1, "released"}, RowKey{"c", "x", 1, "released"},
                              RowKey{"c", "d", 2, "released"}, RowKey{"c", "d", 1, "calibrated"}}) {
    ResultSet a, b;
    a.rows[key];
    b.rows[other];
    EXPECT_EQ(Compare(a, b, 1e-6).rows, 0);
  }
}

TEST(Comparison, ProvenanceThatBothKnowAndDiffersIsCountedAndNoDifference) {
  ResultSet a = OneRow({{"accuracy", 0.5}}), b = a;
  a.rows[Key("step0")].provenance = {{"device", "cpu"}, {"dtype", "fp32"}, {"engine_version", "1"}};
  b.rows[Key("step0")].provenance = {{"device", "cuda:0"}, {"dtype", "fp32"}};
  const Comparison comparison = Compare(a, b, 1e-6);
  EXPECT_THAT(comparison.provenance, ElementsAre(::testing::Pair("device", 1)));
  EXPECT_TRUE(comparison.Equal());
}

TEST(Comparison, NothingAndNothingAreEqual) {
  EXPECT_TRUE(Compare({}, {}, 1e-6).Equal());
  EXPECT_THAT(Compare({}, {}, 1e-6).differences, IsEmpty());
}

}  // namespace
}  // namespace probesweep::client
