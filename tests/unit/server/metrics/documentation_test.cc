// What is written about metrics, against what the registry really exports.
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/file.h"
#include "server/metrics/server_metrics.h"
#include "server/rpc/rpc_observer.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

// Families as at the start of a coordinator, with their types.
std::map<std::string, prometheus::MetricType> Exported() {
  ServerMetrics metrics(RpcMethods());
  metrics.SampleQueue("requests", [] { return size_t{0}; });
  std::map<std::string, prometheus::MetricType> families;
  for (const prometheus::MetricFamily& family : metrics.Collect()) {
    EXPECT_FALSE(family.metric.empty()) << family.name;
    families[family.name] = family.type;
  }
  return families;
}

std::set<std::string> NamesIn(const std::string& text) {
  static const std::regex name("probesweep_[a-z_]+");
  std::set<std::string> names;
  for (std::sregex_iterator match(text.begin(), text.end(), name), end; match != end; ++match) {
    names.insert(match->str());
  }
  return names;
}

// The family that a series of a histogram belongs to; other names as they are.
std::string FamilyOf(const std::string& series,
                     const std::map<std::string, prometheus::MetricType>& exported) {
  for (const char* suffix : {"_bucket", "_sum", "_count"}) {
    absl::string_view base = series;
    if (!absl::ConsumeSuffix(&base, suffix)) continue;
    const auto found = exported.find(std::string(base));
    if (found != exported.end() && found->second == prometheus::MetricType::Histogram) return found->first;
  }
  return series;
}

std::string Read(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(testing::SourceDir() + "/" + path);
  EXPECT_OK(text);
  return text.value_or("");
}

const char* TypeName(prometheus::MetricType type) {
  switch (type) {
    case prometheus::MetricType::Counter:
      return "counter";
    case prometheus::MetricType::Gauge:
      return "gauge";
    case prometheus::MetricType::Histogram:
      return "histogram";
    default:
      return "another type";
  }
}

TEST(MetricsDocumentationTest, EveryFamilyIsDocumentedWithItsType) {
  const std::string text = Read("docs/metrics.md");
  for (const auto& [name, type] : Exported()) {
    EXPECT_TRUE(absl::StrContains(text, absl::StrCat("| `", name, "` | ", TypeName(type), " |")))
        << name << " has no row in docs/metrics.md as a " << TypeName(type);
  }
}

TEST(MetricsDocumentationTest, EveryDocumentedMetricExists) {
  const auto exported = Exported();
  for (const std::string& name : NamesIn(Read("docs/metrics.md"))) {
    EXPECT_EQ(exported.count(FamilyOf(name, exported)), 1) << name << " is documented but not exported";
  }
}

TEST(MetricsDocumentationTest, TheDashboardUsesMetricsThatExist) {
  const auto exported = Exported();
  const nlohmann::json dashboard = nlohmann::json::parse(Read("deploy/grafana/probesweep.json"));
  int expressions = 0;
  for (const auto& panel : dashboard["panels"]) {
    for (const auto& target : panel.value("targets", nlohmann::json::array())) {
      const std::set<std::string> names = NamesIn(target["expr"]);
      EXPECT_FALSE(names.empty()) << target["expr"];
      for (const std::string& name : names) {
        EXPECT_EQ(exported.count(FamilyOf(name, exported)), 1) << panel["title"] << ": " << name;
      }
      ++expressions;
    }
  }
  EXPECT_GT(expressions, 20);
}

TEST(MetricsDocumentationTest, TheAlertRulesUseMetricsThatExist) {
  const auto exported = Exported();
  const std::set<std::string> names = NamesIn(Read("deploy/prometheus/rules.yml"));
  EXPECT_GT(names.size(), 10u);
  for (const std::string& name : names) {
    if (name == "probesweep_coordinator" || name == "probesweep_work") continue;  // the groups
    EXPECT_EQ(exported.count(FamilyOf(name, exported)), 1) << name;
  }
}

TEST(MetricsDocumentationTest, NamesFollowPrometheusConventions) {
  for (const auto& [name, type] : Exported()) {
    EXPECT_TRUE(absl::StartsWith(name, "probesweep_")) << name;
    EXPECT_EQ(absl::EndsWith(name, "_total"), type == prometheus::MetricType::Counter) << name;
    EXPECT_EQ(absl::EndsWith(name, "_seconds"), type == prometheus::MetricType::Histogram) << name;
  }
}

}  // namespace
}  // namespace probesweep::server
