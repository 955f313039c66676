#include "server/store/rows_json.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

std::vector<LayerRow> ReadBack(const std::vector<LayerRow>& rows) {
  std::vector<LayerRow> read;
  EXPECT_OK(RowsFromJson(RowsToJson(rows), read));
  return read;
}

TEST(RowsJson, NamesEachColumnOnceAndLeavesOutWhatARowLacks) {
  EXPECT_EQ(RowsToJson({{0, "released", {{"accuracy", 0.9}, {"mi_tx", 0.25}}},
                        {1, "released", {{"accuracy", 0.8}}},
                        {1, "calibrated", {{"auroc", 1}}}}),
            R"({"columns":["accuracy","auroc","mi_tx"],"rows":[[0,"released",0.9,null,0.25],)"
            R"([1,"released",0.8,null,null],[1,"calibrated",null,1.0,null]]})");
}

TEST(RowsJson, RowsReadBackInTheirOrderEachWithItsOwnValues) {
  const std::vector<LayerRow> rows = {{7, "released", {{"mi_tx", 0.5}}},
                                      {0, "a \"quoted\" name", {{"accuracy", 1}, {"mi_ty", 2}}},
                                      {3, "released", {}}};
  const std::vector<LayerRow> read = ReadBack(rows);
  ASSERT_EQ(read.size(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(read[i].layer, rows[i].layer);
    EXPECT_EQ(read[i].protocol, rows[i].protocol);
    EXPECT_EQ(read[i].values, rows[i].values);
  }
}

TEST(RowsJson, NumbersKeepEveryBit) {
  const ResultValues values = {{"accuracy", 0.1},      {"auroc", 5e-324}, {"coef_norm", 1e300},
                               {"mi_tx", 1.0 / 3},     {"n_test", 40},    {"n_train", 9007199254740993.0},
                               {"steering_norm", -0.0}};
  const std::vector<LayerRow> read = ReadBack({{0, "released", values}});
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].values, values);
  EXPECT_TRUE(std::signbit(read[0].values.at("steering_norm")));
}

TEST(RowsJson, WhatCannotBeReadIsDataLoss) {
  for (const char* text :
       {"", "{", "[]", R"({"columns":["a"]})", R"({"columns":["a"],"rows":[[0,"released"]]})",
        R"({"columns":["a"],"rows":[[0,"released","x"]]})"}) {
    std::vector<LayerRow> rows;
    EXPECT_STATUS(RowsFromJson(text, rows), kDataLoss, "results") << text;
  }
}

}  // namespace
}  // namespace probesweep::server
