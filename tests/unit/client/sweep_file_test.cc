#include "client/cli/sweep_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/digest.h"
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
    group_by: same_text
analysis:
  protocols: [released]
  probe_c: 0.5
  hsic_epsilon: 1e-4
  keep_probes: false
  solver: sklearn
  hsic_scale_by_dimension: false
  estimators: [cka, hsic]
  splits: 7
  seed: 3
  permutations: 0
  keep_representations: true
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
  EXPECT_EQ(spec.dimensions(0).group_rule(), "");
  EXPECT_EQ(spec.dimensions(1).dataset(), "confaide");
  EXPECT_EQ(spec.dimensions(1).group_rule(), "same_text");
  EXPECT_EQ(spec.dimensions(1).steering_share(), 0.5);
  EXPECT_EQ(spec.analysis().protocols(0), "released");
  EXPECT_EQ(spec.analysis().probe_c(), 0.5);
  EXPECT_EQ(spec.analysis().hsic_sigma(), 50);
  EXPECT_EQ(spec.analysis().hsic_epsilon(), 1e-4);
  EXPECT_FALSE(spec.analysis().keep_probes());
  EXPECT_TRUE(spec.analysis().keep_steering_vectors());
  EXPECT_EQ(spec.analysis().solver(), "sklearn");
  EXPECT_FALSE(spec.analysis().hsic_scale_by_dimension());
  EXPECT_THAT(spec.analysis().estimators(), ::testing::ElementsAre("cka", "hsic"));
  EXPECT_EQ(spec.analysis().splits(), 7);
  EXPECT_EQ(spec.analysis().seed(), 3);
  EXPECT_TRUE(spec.analysis().has_permutations());
  EXPECT_EQ(spec.analysis().permutations(), 0);
  EXPECT_TRUE(spec.analysis().keep_representations());
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
  EXPECT_THAT(file.spec.analysis().protocols(), ::testing::ElementsAre("released", "calibrated"));
  EXPECT_EQ(file.spec.analysis().solver(), "exact");
  EXPECT_EQ(file.spec.analysis().splits(), 5);
  EXPECT_THAT(file.warnings, ::testing::IsEmpty());
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
       "sweep.yaml:30: wieght: unknown field; did you mean 'weight'?"},
      {"unknown field of a checkpoint", "step: 99", "stpe: 99",
       "sweep.yaml:5: checkpoints[1].stpe: unknown field; did you mean 'step'?"},
      {"unknown field of the analysis", "probe_c", "prob_c",
       "sweep.yaml:19: analysis.prob_c: unknown field; did you mean 'probe_c'?"},
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
       "sweep.yaml:18: analysis.protocols: must be a list"},
      {"an empty list", "[released]", "[]", "sweep.yaml:18: analysis.protocols: is empty"},
      {"text where a number belongs", "32768", "many",
       "sweep.yaml:6: tokens_per_step: 'many' must be a whole number"},
      {"a fraction where a count belongs", "32768", "1.5",
       "sweep.yaml:6: tokens_per_step: '1.5' must be a whole number"},
      {"a negative count", "step: 99", "step: -1",
       "sweep.yaml:5: checkpoints[1].step: '-1' must be a whole number"},
      {"text where true or false belongs", "keep_probes: false", "keep_probes: perhaps",
       "sweep.yaml:21: analysis.keep_probes: 'perhaps' must be true or false"},
      {"not a number", "probe_c: 0.5", "probe_c: .nan",
       "sweep.yaml:19: analysis.probe_c: '.nan' must be a number"},
      {"a penalty of zero", "probe_c: 0.5", "probe_c: 0", "sweep.yaml:19: analysis.probe_c: must be above 0"},
      {"a share above 1", "steering_share: 1", "steering_share: 1.2",
       "sweep.yaml:11: dimensions[0].steering_share: must be above 0 and at most 1"},
      {"an unknown protocol", "[released]", "[relaesed]",
       "sweep.yaml:18: analysis.protocols: 'relaesed' is unknown; did you mean 'released'?"},
      {"a protocol twice", "[released]", "[released, released]",
       "sweep.yaml:18: analysis.protocols: 'released' is there twice"},
      {"an unknown solver", "solver: sklearn", "solver: sklaern",
       "sweep.yaml:22: analysis.solver: 'sklaern' is unknown; did you mean 'sklearn'?"},
      {"an unknown estimator", "[cka, hsic]", "[cka, hisc]",
       "sweep.yaml:24: analysis.estimators: 'hisc' is unknown; did you mean 'hsic'?"},
      {"an estimator twice", "[cka, hsic]", "[cka, cka]",
       "sweep.yaml:24: analysis.estimators: 'cka' is there twice"},
      {"one split", "splits: 7", "splits: 1", "sweep.yaml:25: analysis.splits: must be from 2 to 1000"},
      {"a seed beyond doubles", "seed: 3", "seed: 9007199254740993",
       "sweep.yaml:26: analysis.seed: must be from 0"},
      {"too many permutations", "permutations: 0", "permutations: 100001",
       "sweep.yaml:27: analysis.permutations: must be from 0 to 100000"},
      {"an unknown grouping rule", "group_by: same_text", "group_by: same_texts",
       "sweep.yaml:16: dimensions[1].group_by: 'same_texts' is unknown; did you mean 'same_text'?"},
      {"rule and column", "dataset_name: confaide", "group_column: pair",
       "sweep.yaml:16: dimensions[1].group_by: is given beside group_column; leave one of the two out"},
      {"an unknown priority", "priority: high", "priority: hihg",
       "sweep.yaml:29: priority: 'hihg' is unknown; did you mean 'high'?"},
      {"a weight of zero", "weight: 2.5", "weight: 0", "sweep.yaml:30: weight: must be above 0"},
      {"a name with a space", "name: demo", "name: my demo", "sweep.yaml:1: name: 'my demo' is no name"},
      {"a dimension twice", "name: privacy", "name: reliability",
       "sweep.yaml:13: dimensions[1].name: 'reliability' is there twice"},
      {"a dataset that is not there", "dataset: data.csv\n    dataset_name",
       "dataset: none.csv\n    dataset_name", "sweep.yaml:14: dimensions[1].dataset: cannot open"},
      {"broken YAML", "model: demo-neox", "model: [demo", "this is not YAML"},
      {"braces without quotes", "model: demo-neox", "model: {demo}-neox",
       "sweep.yaml:2: this is not YAML: end of map not found; text that begins with { or [ needs quotes"},
      {"an analysis that is no map", "analysis:\n", "analysis: fast\nweight_: \n",
       "sweep.yaml:17: analysis: must be a map"},
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

constexpr const char* kByFile = R"(name: d
model: m
checkpoints: [a]
dimensions:
  - file: dimensions/mine.yaml
  - {file: dimensions/mine.yaml, name: other, dataset: data.csv, group_column: group, steering_share: 1}
)";

TEST_F(SweepFileTest, TakesFromADimensionFileWhatTheEntryDoesNotSay) {
  ASSERT_OK(MakeFolders(folder_.File("dimensions")));
  ASSERT_OK(WriteFileAtomically(folder_.File("dimensions/own.csv"), "statement,label\nb,0\n"));
  ASSERT_OK(WriteFileAtomically(folder_.File("dimensions/mine.yaml"),
                                "name: mine\ndataset: own.csv\nlabel_meaning: so\nsteering_share: 0.25\n"
                                "group_by: same_text\nsha256: " +
                                    Sha256Hex("statement,label\nb,0\n") + "\n"));
  ASSERT_OK_AND_ASSIGN(const SweepFile file, Read(kByFile));
  EXPECT_THAT(file.datasets, ::testing::ElementsAre("statement,label\nb,0\n", "statement,label\na,1\n"));
  const v1::Dimension& mine = file.spec.dimensions(0);
  EXPECT_EQ(mine.name(), "mine");
  EXPECT_EQ(mine.dataset(), "own");
  EXPECT_EQ(mine.label_meaning(), "so");
  EXPECT_EQ(mine.steering_share(), 0.25);
  EXPECT_EQ(mine.group_rule(), "same_text");
  const v1::Dimension& other = file.spec.dimensions(1);
  EXPECT_EQ(other.name(), "other");
  EXPECT_EQ(other.dataset(), "data");
  EXPECT_EQ(other.label_meaning(), "so");
  EXPECT_EQ(other.steering_share(), 1);
  EXPECT_EQ(other.group_rule(), "") << "the entry's column takes the rule's place";
  EXPECT_EQ(other.group_column(), "group");
  ASSERT_EQ(file.warnings.size(), 1u) << "the other dataset is not the described one";
  EXPECT_THAT(file.warnings[0], ::testing::HasSubstr("data.csv is not the dataset that"));
}

TEST_F(SweepFileTest, TellsADimensionFilesMistakesWithBothPlaces) {
  ASSERT_OK(MakeFolders(folder_.File("dimensions")));
  ASSERT_OK(WriteFileAtomically(folder_.File("dimensions/mine.yaml"), "nmae: mine\nsteering_share: 2\n"));
  EXPECT_STATUS(Read(kByFile), kInvalidArgument, "sweep.yaml:5: dimensions[0].file: ",
                "mine.yaml:1: nmae: unknown field; did you mean 'name'?",
                "mine.yaml:2: steering_share: must be", "sweep.yaml:6: dimensions[1].file: ");
  ASSERT_OK(WriteFileAtomically(folder_.File("dimensions/mine.yaml"),
                                "name: mine\ndataset: none.csv\nurl: https://example.org/x\n"));
  EXPECT_STATUS(Read(kByFile), kInvalidArgument, "sweep.yaml:5: dimensions[0].file: cannot open", "none.csv",
                "it is at https://example.org/x");
  EXPECT_STATUS(Read("name: d\nmodel: m\ncheckpoints: [a]\ndimensions: [{file: none.yaml}]\n"),
                kInvalidArgument, "sweep.yaml:4: dimensions[0].file: cannot open", "none.yaml");
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
