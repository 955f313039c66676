// Input of which one checkpoint or dataset is bad: its tasks fail and say why, all others are done.
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "tests/e2e/answers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/sweep_text.h"
#include "tests/golden/checkpoint_copy.h"

namespace probesweep::testing {
namespace {

using nlohmann::json;

// `rows` statements whose labels follow `label`.
std::string Dataset(int rows, const std::function<int(int)>& label) {
  std::string csv = "statement,label\n";
  for (int i = 0; i < rows; ++i) {
    absl::StrAppend(&csv, "\"Number ", i * i, label(i) ? " is warm, " : " is cold, ", i, "\",", label(i),
                    "\n");
  }
  return csv;
}

class BadInputTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(cluster_.StartCoordinator());
    cluster_.StartWorker("w");
    checkpoints_ = {first_.path(), last_.path()};
    const std::string good = cluster_.Write("good.csv", Dataset(30, [](int i) { return i % 2; }));
    dimensions_ = {{"good", good}, {"as_good", good, 1.0}};
  }

  // Runs the sweep. Exactly the tasks for which `is_bad` fail, with each of `parts` in their error. Returns
  // what the client says.
  std::string ExpectOnlyTheseFail(const std::function<bool(const json& task)>& is_bad,
                                  const std::vector<std::string>& parts) {
    const Finished run = cluster_.Submit(SweepText("bad", checkpoints_, dimensions_), {"--wait"});
    EXPECT_EQ(run.exit_code, 1) << run.err;
    ExpectParts(run.err, {"failed tasks:", "tasks failed. Mend what their errors say", "sweep retry"});
    ExpectParts(run.err, parts);
    EXPECT_EQ(cluster_.Sweep("bad")["state"], "SWEEP_STATE_FAILED");
    const json tasks = cluster_.Tasks("bad");
    EXPECT_EQ(tasks.size(), checkpoints_.size() * dimensions_.size());
    for (const json& task : tasks) {
      EXPECT_EQ(task["state"], is_bad(task) ? "TASK_STATE_QUARANTINED" : "TASK_STATE_DONE") << task;
      if (is_bad(task)) ExpectParts(task["error"], parts);
    }
    return run.err;
  }

  // In the middle of the good ones.
  void ExpectBadCheckpoint(const std::string& path, const std::vector<std::string>& parts) {
    checkpoints_.insert(checkpoints_.begin() + 1, path);
    const std::string name = path.substr(path.rfind('/') + 1);
    ExpectOnlyTheseFail([&name](const json& task) { return task["checkpoint"] == name; }, parts);
  }

  void ExpectBadDataset(const std::string& csv, const std::vector<std::string>& parts) {
    dimensions_.insert(dimensions_.begin() + 1, {"bad", cluster_.Write("bad_data.csv", csv)});
    ExpectOnlyTheseFail([](const json& task) { return task["dimension"] == "bad"; }, parts);
  }

  Cluster cluster_;
  CheckpointCopy first_, last_;
  std::vector<std::string> checkpoints_;
  std::vector<DimensionText> dimensions_;
};

TEST_F(BadInputTest, MissingCheckpointFolder) {
  const std::string path = cluster_.File("step999");
  ExpectBadCheckpoint(path, {path, "does not exist", "check the path"});
}

TEST_F(BadInputTest, TruncatedWeights) {
  const CheckpointCopy bad;
  bad.Truncate("model.safetensors", 100);
  ExpectBadCheckpoint(bad.path(), {bad.File("model.safetensors"), "truncated"});
}

TEST_F(BadInputTest, UnknownModelType) {
  const CheckpointCopy bad;
  bad.SetConfig("model_type", "gpt_neo");
  ExpectBadCheckpoint(bad.path(), {bad.File("config.json"), "model_type", "'gpt_neo'", "'gpt_neox'"});
}

TEST_F(BadInputTest, DatasetWithoutLabelColumn) {
  ExpectBadDataset("statement,lable\nIt is warm.,1\n",
                   {"dataset 'bad_data'", "line 1", "no column 'label'", "rename 'lable'?"});
}

TEST_F(BadInputTest, LabelTwo) {
  ExpectBadDataset(Dataset(20, [](int i) { return i % 2; }) + "It is lukewarm.,2\n",
                   {"dataset 'bad_data'", "line 22", "the label is '2'", "write 0 or 1"});
}

TEST_F(BadInputTest, DatasetWithoutRows) {
  ExpectBadDataset("statement,label\n", {"dataset 'bad_data'", "no rows", "add labelled statements"});
}

TEST_F(BadInputTest, SingleClassInTheTrainingSplit) {
  ExpectBadDataset(Dataset(20, [](int i) { return i < 16 ? 0 : 1; }),
                   {"dataset 'bad_data'", "first 16", "label 0"});
}

TEST_F(BadInputTest, QuoteThatDoesNotEnd) {
  ExpectBadDataset("statement,label\nIt is cold.,0\n\"It is warm.,1\n",
                   {"dataset 'bad_data'", "line 3", "close its quote"});
}

TEST_F(BadInputTest, RowWithTooManyColumns) {
  ExpectBadDataset("statement,label\nIt is cold, it is said.,0\nIt is warm.,1\n",
                   {"dataset 'bad_data'", "line 2", "header has 2 columns and this row 3", "double quotes"});
}

TEST_F(BadInputTest, ABadCheckpointAndABadDatasetTogether) {
  checkpoints_.push_back(cluster_.File("step999"));
  dimensions_.push_back({"bad", cluster_.Write("bad_data.csv", "statement,label\nIt is warm.,yes\n")});
  const std::string said = ExpectOnlyTheseFail(
      [](const json& task) { return task["checkpoint"] == "step999" || task["dimension"] == "bad"; }, {});
  ExpectParts(said, {"5 of 9 tasks failed", "step999 good: ", "step999 as_good: ", "step999 bad: ",
                     " bad: dataset 'bad_data': line 2: the label is 'yes'"});
}

}  // namespace
}  // namespace probesweep::testing
