#include "client/cli/sweep_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::client {
namespace {

constexpr const char* kGood = R"(name: demo
model: demo-neox
checkpoints:
  - checkpoints/step{0,16,64}
  - {path: /elsewhere/final, step: 99, tokens: 1000}
tokens_per_step: 32768
dimensions:
  - name: reliability
    dataset: data.csv
    label_meaning: the statement is true
    steering_share: 1
    group_column: group
  - name: privacy
    dataset: data.csv
    dataset_name: confaide
analysis:
  protocols: [released]
  probe_c: 0.5
  hsic_epsilon: 1e-4
  keep_probes: false
priority: high
weight: 2.5
)";

class SweepFileTest : public ::testing::Test {
 protected:
  SweepFileTest() { EXPECT_OK(WriteFileAtomically(folder_.File("data.csv"), "statement,label\na,1\n")); }

  absl::StatusOr<SweepFile> Read(const std::string& text) {
    EXPECT_OK(WriteFileAtomically(folder_.File("sweep.yaml"), text));
    return ReadSweepFile(folder_.File("sweep.yaml"));
  }
  // The good file with one piece replaced.
  absl::StatusOr<SweepFile> ReadWith(const std::string& from, const std::string& to) {
    EXPECT_THAT(kGood, ::testing::HasSubstr(from));
    return Read(absl::StrReplaceAll(kGood, {{from, to}}));
  }

  testing::TempDir folder_;
};

TEST_F(SweepFileTest, ReadsEveryField) {
  ASSERT_OK_AND_ASSIGN(const SweepFile file, Read(kGood));
  const v1::SweepSpec& spec = file.spec;
  EXPECT_EQ(spec.name(), "demo");
  EXPECT_EQ(spec.model(), "demo-neox");
  ASSERT_EQ(spec.checkpoints_size(), 2);
  EXPECT_EQ(spec.checkpoints(0).pattern(), folder_.File("checkpoints/step{0,16,64}"));
  EXPECT_FALSE(spec.checkpoints(0).has_step());
  EXPECT_EQ(spec.checkpoints(1).pattern(), "/elsewhere/final");
  EXPECT_EQ(spec.checkpoints(1).step(), 99);
  EXPECT_EQ(spec.checkpoints(1).tokens(), 1000);
  EXPECT_EQ(spec.tokens_per_step(), 32768);
  ASSERT_EQ(spec.dimensions_size(), 2);
  EXPECT_EQ(spec.dimensions(0).name(), "reliability");
  EXPECT_EQ(spec.dimensions(0).dataset(), "data");
  EXPECT_EQ(spec.dimensions(0).label_meaning(), "the statement is true");
  EXPECT_EQ(spec.dimensions(0).steering_share(), 1);
  EXPECT_EQ(spec.dimensions(0).group_column(), "group");
  EXPECT_EQ(spec.dimensions(1).dataset(), "confaide");
  EXPECT_EQ(spec.dimensions(1).steering_share(), 0.5);
  EXPECT_EQ(spec.analysis().protocols(0), "released");
  EXPECT_EQ(spec.analysis().probe_c(), 0.5);
  EXPECT_EQ(spec.analysis().hsic_sigma(), 50);
  EXPECT_EQ(spec.analysis().hsic_epsilon(), 1e-4);
  EXPECT_FALSE(spec.analysis().keep_probes());
  EXPECT_TRUE(spec.analysis().keep_steering_vectors());
  EXPECT_EQ(spec.priority(), v1::PRIORITY_HIGH);
  EXPECT_EQ(spec.weight(), 2.5);
  EXPECT_THAT(file.datasets, ::testing::ElementsAre("statement,label\na,1\n", "statement,label\na,1\n"));
}

TEST_F(SweepFileTest, LeavesOutWhatIsOptional) {
  ASSERT_OK_AND_ASSIGN(
      const SweepFile file,
      Read("name: d\nmodel: m\ncheckpoints: [a]\ndimensions: [{name: x, dataset: data.csv}]\n"));
  EXPECT_EQ(file.spec.tokens_per_step(), 0);
  EXPECT_EQ(file.spec.priority(), v1::PRIORITY_NORMAL);
  EXPECT_EQ(file.spec.weight(), 1);
  EXPECT_EQ(file.spec.analysis().hsic_epsilon(), 1e-5);
  EXPECT_EQ(file.spec.dimensions(0).group_column(), "");
}

TEST_F(SweepFileTest, ReportsEachMistakeWithFileLineFieldAndNearestName) {
  const struct {
    const char* intent;
    const char* from;
    const char* to;
    const char* message;
  } cases[] = {
      {"unknown field of a dimension", "    label_meaning:", "    label_meening:",
       "sweep.yaml:10: dimensions[0].label_meening: unknown field; did you mean 'label_meaning'?"},
      {"unknown field of the sweep", "weight: 2.5", "wieght: 2.5",
       "sweep.yaml:22: wieght: unknown field; did you mean 'weight'?"},
      {"unknown field of a checkpoint", "step: 99", "stpe: 99",
       "sweep.yaml:5: checkpoints[1].stpe: unknown field; did you mean 'step'?"},
      {"unknown field of the analysis", "probe_c", "prob_c",
       "sweep.yaml:18: analysis.prob_c: unknown field; did you mean 'probe_c'?"},
      {"a name like none is answered with the list", "weight: 2.5", "xxxxxxxxxxxx: 1",
       "unknown field; there are: name,"},
      {"a name is missing", "name: demo\n", "", "sweep.yaml:1: name: is missing"},
      {"a model is missing", "model: demo-neox\n", "", "sweep.yaml:1: model: is missing"},
      {"a dimension's dataset is missing", "    dataset: data.csv\n    label", "    label",
       "sweep.yaml:8: dimensions[0].dataset: is missing"},
      {"a field without a value", "model: demo-neox",
       "model:", "sweep.yaml:2: model: is empty; it must be text"},
      {"a field twice", "model: demo-neox", "name: other", "sweep.yaml:2: name: is there twice"},
      {"a list where text belongs", "model: demo-neox", "model: [a]",
       "sweep.yaml:2: model: must be text, not a list"},
      {"text where a list belongs", "  protocols: [released]", "  protocols: released",
       "sweep.yaml:17: analysis.protocols: must be a list"},
      {"an empty list", "[released]", "[]", "sweep.yaml:17: analysis.protocols: is empty"},
      {"text where a number belongs", "32768", "many",
       "sweep.yaml:6: tokens_per_step: 'many' must be a whole number"},
      {"a fraction where a count belongs", "32768", "1.5",
       "sweep.yaml:6: tokens_per_step: '1.5' must be a whole number"},
      {"a negative count", "step: 99", "step: -1",
       "sweep.yaml:5: checkpoints[1].step: '-1' must be a whole number"},
      {"text where true or false belongs", "keep_probes: false", "keep_probes: perhaps",
       "sweep.yaml:20: analysis.keep_probes: 'perhaps' must be true or false"},
      {"not a number", "probe_c: 0.5", "probe_c: .nan",
       "sweep.yaml:18: analysis.probe_c: '.nan' must be a number"},
      {"a penalty of zero", "probe_c: 0.5", "probe_c: 0", "sweep.yaml:18: analysis.probe_c: must be above 0"},
      {"a share above 1", "steering_share: 1", "steering_share: 1.2",
       "sweep.yaml:11: dimensions[0].steering_share: must be above 0 and at most 1"},
      {"an unknown protocol", "[released]", "[relaesed]",
       "sweep.yaml:17: analysis.protocols: 'relaesed' is unknown; did you mean 'released'?"},
      {"a protocol twice", "[released]", "[released, released]",
       "sweep.yaml:17: analysis.protocols: 'released' is there twice"},
      {"an unknown priority", "priority: high", "priority: hihg",
       "sweep.yaml:21: priority: 'hihg' is unknown; did you mean 'high'?"},
      {"a weight of zero", "weight: 2.5", "weight: 0", "sweep.yaml:22: weight: must be above 0"},
      {"a name with a space", "name: demo", "name: my demo", "sweep.yaml:1: name: 'my demo' is no name"},
      {"a dimension twice", "name: privacy", "name: reliability",
       "sweep.yaml:13: dimensions[1].name: 'reliability' is there twice"},
      {"a dataset that is not there", "dataset: data.csv\n    dataset_name",
       "dataset: none.csv\n    dataset_name", "sweep.yaml:14: dimensions[1].dataset: cannot open"},
      {"broken YAML", "model: demo-neox", "model: [demo", "this is not YAML"},
      {"an analysis that is no map", "analysis:\n", "analysis: fast\nweight_: \n",
       "sweep.yaml:16: analysis: must be a map"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.intent);
    EXPECT_STATUS(ReadWith(c.from, c.to), kInvalidArgument, c.message);
  }
}

TEST_F(SweepFileTest, ReportsAllMistakesInTheFilesOrder) {
  const auto file = Read(
      "nmae: demo\nmodel: m\ncheckpoints: [a]\ndimensions:\n  - {name: x, dataset: data.csv, share: 1}\n");
  const std::vector<std::string> lines = absl::StrSplit(file.status().message(), '\n');
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0], ::testing::HasSubstr("sweep.yaml:1: nmae: unknown field; did you mean 'name'?"));
  EXPECT_THAT(lines[1], ::testing::HasSubstr("sweep.yaml:1: name: is missing"));
  EXPECT_THAT(lines[2], ::testing::HasSubstr("sweep.yaml:5: dimensions[0].share: unknown field"));
}

TEST_F(SweepFileTest, RefusesAnEmptyDatasetAndAnEmptyFile) {
  ASSERT_OK(WriteFileAtomically(folder_.File("data.csv"), "\n \n"));
  EXPECT_STATUS(Read(kGood), kInvalidArgument, "sweep.yaml:9: dimensions[0].dataset:", "is empty");
  EXPECT_STATUS(Read(""), kInvalidArgument, "sweep.yaml:1: is empty; give the fields name, model");
  EXPECT_STATUS(Read("- a\n- b\n"), kInvalidArgument, "sweep.yaml:1: must be a map");
}

TEST_F(SweepFileTest, NamesAFileThatIsNotThere) {
  EXPECT_STATUS(ReadSweepFile(folder_.File("none.yaml")), kNotFound, "none.yaml");
}

}  // namespace
}  // namespace probesweep::client
