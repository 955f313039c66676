// Results that are computed anew and compared with what is stored.
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>

#include <memory>

#include "absl/strings/match.h"
#include "tests/e2e/answers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/sweep_text.h"

namespace probesweep::testing {
namespace {

// Runs one statement on the file of a coordinator that is stopped; the number of rows that it changed.
int ChangeStore(const std::string& path, const std::string& sql) {
  sqlite3* opened = nullptr;
  EXPECT_EQ(::sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, ::sqlite3_close);
  EXPECT_EQ(::sqlite3_exec(opened, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << ::sqlite3_errmsg(opened);
  return ::sqlite3_changes(opened);
}

// A finished sweep of two checkpoints and two dimensions.
class VerifyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(cluster_.StartCoordinator());
    cluster_.StartWorker("w");
    const Finished run = cluster_.Submit(
        SweepText("small", {DemoCheckpoints("{0,4000}")}, DemoDimensions({"privacy", "fairness"})),
        {"--wait"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }

  Finished Verify() { return cluster_.Client({"results", "verify", "small", "--cells", "4"}); }
  bool VerificationIsListed() {
    const Finished list = cluster_.Client({"sweep", "list"});
    EXPECT_EQ(list.exit_code, 0) << list.err;
    EXPECT_TRUE(absl::StrContains(list.out, "small")) << list.out;
    return absl::StrContains(list.out, "verify-small");
  }

  Cluster cluster_;
};

TEST_F(VerifyTest, AnHonestSweepIsTheSameToTheBit) {
  const Finished verified =
      cluster_.Client({"results", "verify", "small", "--cells", "4", "--tolerance", "0"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  ExpectParts(verified.out, {"compared 24 rows and ", " within 0: all the same\n"});
  ExpectParts(verified.err, {"computing 4 of 4 tasks anew"});
  EXPECT_FALSE(VerificationIsListed());
}

TEST_F(VerifyTest, AChangedNumberIsFoundAndNamed) {
  cluster_.coordinator().Signal(SIGTERM);
  ASSERT_EQ(cluster_.coordinator().Wait(absl::Seconds(30)), 0) << cluster_.coordinator().err();
  ASSERT_EQ(ChangeStore(cluster_.data_folder() + "/probesweep.db",
                        // Layer 1 is the second row; layer and protocol stand before the columns, of which
                        // the second is accuracy.
                        "UPDATE result_sets SET rows_json = json_set(rows_json, '$.rows[1][3]',"
                        " json_extract(rows_json, '$.rows[1][3]') + 0.001) WHERE reuse_key ="
                        " (SELECT reuse_key FROM tasks WHERE checkpoint = 1 AND dimension = 0)"),
            1);
  ASSERT_NO_FATAL_FAILURE(cluster_.StartCoordinator());

  const Finished verified = Verify();
  EXPECT_EQ(verified.exit_code, 1) << verified.out << verified.err;
  ExpectParts(verified.out, {"step4000    privacy        1  released  accuracy"});
  ExpectParts(verified.err, {"the results are not the same: 1 value differs"});
  EXPECT_FALSE(VerificationIsListed());
}

TEST_F(VerifyTest, CtrlCRemovesWhatItComputes) {
  cluster_.worker("w").Kill();  // so that it waits for somebody to compute
  Process verify({Program("probesweep"), "--coordinator", cluster_.address(), "results", "verify", "small"},
                 {{{"XDG_CONFIG_HOME", cluster_.File("no-configuration")}}, ""});
  ASSERT_TRUE(Eventually([&] { return VerificationIsListed() || verify.Ended().has_value(); }));
  ASSERT_FALSE(verify.Ended().has_value()) << verify.err();
  verify.Signal(SIGINT);
  EXPECT_EQ(verify.Wait(absl::Seconds(30)), 1) << verify.err();
  ExpectParts(verify.err(), {"interrupted: nothing was compared"});
  EXPECT_FALSE(VerificationIsListed());
}

}  // namespace
}  // namespace probesweep::testing
