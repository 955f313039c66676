#include "client/render/figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/property_tree/xml_parser.hpp>
#include <sstream>

#include "client/render/svg.h"
#include "tests/unit/client/fake_sweep_service.h"

namespace probesweep::client {
namespace {

using Tree = boost::property_tree::ptree;

Tree ParseXml(const std::string& svg) {
  std::istringstream in(svg);
  Tree tree;
  EXPECT_NO_THROW(boost::property_tree::read_xml(in, tree)) << svg;
  return tree;
}

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

class FigureTest : public ::testing::Test {
 protected:
  std::string Svg(const std::vector<std::string>& dimensions, const std::string& metric = "accuracy") {
    std::vector<v1::ResultRow> rows;
    const v1::Sweep sweep = SweepWithResults(dimensions, rows);
    if (drop_first_) rows.erase(rows.begin());
    for (v1::ResultRow& row : rows) {
      if (majority_ > 0) (*row.mutable_values())["majority_accuracy"] = majority_;
    }
    GridSelection selection;
    selection.metric = metric;
    return FigureSvg(*MakeGrids(sweep, rows, selection), "model <1> & \"co\"");
  }

  bool drop_first_ = false;
  double majority_ = 0;  // replaces the rows' own when above 0
};

TEST_F(FigureTest, IsWellFormedWithOnePanelForEachDimension) {
  const std::string svg = Svg({"reliability", "privacy", "toxicity", "fairness", "robustness"});
  const Tree tree = ParseXml(svg);
  const Tree& root = tree.get_child("svg");
  EXPECT_EQ(root.get<std::string>("<xmlattr>.xmlns"), "http://www.w3.org/2000/svg");
  EXPECT_GT(root.get<double>("<xmlattr>.width"), root.get<double>("<xmlattr>.height"));
  for (const char* dimension : {"reliability", "privacy", "toxicity", "fairness", "robustness"}) {
    EXPECT_EQ(Count(svg, absl::StrCat(">", dimension, "</text>")), 1) << dimension;
  }
  EXPECT_EQ(Count(svg, ">training step</text>"), 5);
  EXPECT_EQ(Count(svg, ">layer</text>"), 5);
  EXPECT_EQ(Count(svg, ">probe accuracy (test rows)</text>"), 1);
  EXPECT_EQ(Count(svg, ">1k</text>"), 5);
}

TEST_F(FigureTest, NamesDifferencesForWhatTheyAre) {
  EXPECT_EQ(Count(Svg({"privacy"}, "above_surface"), ">probe accuracy minus surface baseline&#39;s</text>"),
            1);
  EXPECT_EQ(Count(Svg({"privacy"}, "mi_ty_corrected"), ">I(T;Y) above its null (normalised HSIC)</text>"), 1);
}

TEST_F(FigureTest, EscapesForeignText) {
  const std::string svg = Svg({"privacy"});
  EXPECT_THAT(svg, ::testing::HasSubstr("model &lt;1&gt; &amp; &quot;co&quot;"));
  EXPECT_EQ(XmlEscaped("a\x01'b"), "a &#39;b");
}

TEST_F(FigureTest, HatchesCellsWithoutAValueAndSaysSo) {
  EXPECT_EQ(Count(Svg({"privacy"}), SvgWriter::kHatched), 0);
  drop_first_ = true;
  const std::string svg = Svg({"privacy"});
  EXPECT_EQ(Count(svg, SvgWriter::kHatched), 1);
  EXPECT_THAT(svg, ::testing::HasSubstr("hatched: no value"));
  ParseXml(svg);
}

TEST_F(FigureTest, DotsCellsThatAreNotAboveTheBaselines) {
  // Of 0.57, 0.67, 0.67 and 0.77 one is not above 0.6.
  const std::string svg = Svg({"privacy"});
  EXPECT_EQ(Count(svg, "<circle"), 1);
  EXPECT_THAT(svg, ::testing::HasSubstr("dot: not above the baselines"));
  EXPECT_THAT(svg, ::testing::HasSubstr("surface 0.60, majority 0.50"));
  EXPECT_EQ(Count(Svg({"privacy"}, "n_test"), "<circle"), 0);
  majority_ = 0.7;
  EXPECT_EQ(Count(Svg({"privacy"}), "<circle"), 3);
}

TEST_F(FigureTest, DrawsACellInTheScalesColourAndNamesItInATooltip) {
  const double value = 0.57 + 0.1 + 0.1;
  const std::string color = HexColor(Viridis(ScaleFor("accuracy", {value}).Fraction(value)));
  EXPECT_THAT(Svg({"privacy"}), ::testing::ContainsRegex(absl::StrCat(
                                    "fill=\"", color, "\" [^<]*<title>step1000, layer 1: 0.77</title>")));
}

TEST_F(FigureTest, IsTheSameForTheSameResults) {
  EXPECT_EQ(Svg({"privacy", "bias"}), Svg({"privacy", "bias"}));
}

TEST_F(FigureTest, StandsWithoutAnyResults) {
  std::vector<v1::ResultRow> rows;
  const v1::Sweep sweep = SweepWithResults({"privacy"}, rows);
  const std::string svg = FigureSvg(*MakeGrids(sweep, {}, {}), "m");
  ParseXml(svg);
  EXPECT_THAT(svg, ::testing::HasSubstr("no results yet"));
}

TEST_F(FigureTest, ThinsOutLabelsOfManyCheckpointsButKeepsTheLast) {
  std::vector<v1::ResultRow> rows;
  v1::Sweep sweep = SweepWithResults({"privacy"}, rows);
  for (int i = 2; i <= 359; ++i) {
    v1::Checkpoint& checkpoint = *sweep.add_checkpoints();
    checkpoint.set_name(absl::StrCat("step", i, "000"));
    checkpoint.set_step(i * 1000);
  }
  const std::string svg = FigureSvg(*MakeGrids(sweep, rows, {}), "m");
  const int labels = Count(svg, "k</text>");
  EXPECT_GT(labels, 3);
  EXPECT_LT(labels, 20);
  EXPECT_THAT(svg, ::testing::HasSubstr(">359k</text>"));
}

TEST(SvgNumberTest, IsShort) {
  EXPECT_EQ(SvgNumber(12.5), "12.5");
  EXPECT_EQ(SvgNumber(100), "100");
  EXPECT_EQ(SvgNumber(-0.001), "0");
  EXPECT_EQ(SvgNumber(1.0 / 3), "0.33");
}

}  // namespace
}  // namespace probesweep::client
