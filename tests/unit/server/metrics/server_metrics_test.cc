#include "server/metrics/server_metrics.h"

#include <prometheus/text_serializer.h>

#include "absl/strings/match.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

class ServerMetricsTest : public ::testing::Test {
 protected:
  // Whether the exposition has this line.
  ::testing::AssertionResult Has(const std::string& line) {
    const std::string text = prometheus::TextSerializer().Serialize(metrics_.Collect());
    if (absl::StrContains("\n" + text, "\n" + line + "\n")) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "'" << line << "' is not in\n" << text;
  }

  ServerMetrics metrics_{{"SweepService/GetSweep"}};
};

TEST_F(ServerMetricsTest, WhatCanBeNamedIsThereAtZero) {
  EXPECT_TRUE(Has("probesweep_tasks{state=\"retry_wait\"} 0"));
  EXPECT_TRUE(Has("probesweep_task_failures_total{kind=\"checkpoint_corrupt\"} 0"));
  EXPECT_TRUE(Has("probesweep_stage_duration_seconds_count{stage=\"tokenize\"} 0"));
  EXPECT_TRUE(Has("probesweep_rpcs_total{code=\"OK\",method=\"SweepService/GetSweep\"} 0"));
  EXPECT_TRUE(Has("probesweep_store_errors_total{operation=\"commit\"} 0"));
}

TEST_F(ServerMetricsTest, EventsAreCounted) {
  metrics_.OnGrant(5);
  metrics_.OnGrant(2);
  metrics_.OnLeaseLost();
  metrics_.OnStaleCommit();
  metrics_.OnReused(3);
  metrics_.OnDigestConflict();
  metrics_.OnNondeterminism();
  metrics_.OnTaskFailed(FailureKind::kPermanent);
  EXPECT_TRUE(Has("probesweep_leases_granted_total 2"));
  EXPECT_TRUE(Has("probesweep_tasks_granted_total 7"));
  EXPECT_TRUE(Has("probesweep_leases_lost_total 1"));
  EXPECT_TRUE(Has("probesweep_stale_commits_total 1"));
  EXPECT_TRUE(Has("probesweep_tasks_reused_total 3"));
  EXPECT_TRUE(Has("probesweep_checkpoint_digest_conflicts_total 1"));
  EXPECT_TRUE(Has("probesweep_nondeterminism_total 1"));
  EXPECT_TRUE(Has("probesweep_task_failures_total{kind=\"permanent\"} 1"));
}

TEST_F(ServerMetricsTest, GaugesShowTheLastState) {
  CoordinatorGauges gauges;
  gauges.tasks = {1, 2, 3, 4, 5, 6};
  gauges.sweeps = {7, 8, 9, 10};
  gauges.workers = {11, 12, 13, 14};
  metrics_.OnGauges(gauges);
  EXPECT_TRUE(Has("probesweep_tasks{state=\"ready\"} 1"));
  EXPECT_TRUE(Has("probesweep_tasks{state=\"cancelled\"} 6"));
  EXPECT_TRUE(Has("probesweep_sweeps{state=\"running\"} 7"));
  EXPECT_TRUE(Has("probesweep_sweeps{state=\"cancelled\"} 10"));
  EXPECT_TRUE(Has("probesweep_workers{state=\"idle\"} 11"));
  EXPECT_TRUE(Has("probesweep_workers{state=\"lost\"} 14"));
}

TEST_F(ServerMetricsTest, APassIsSplitIntoItsStages) {
  PassStatistics pass;
  pass.load = absl::Seconds(1);
  pass.tokenize = absl::Seconds(2);
  pass.forward = absl::Seconds(4);
  pass.analyse = absl::Seconds(8);
  pass.commit = absl::Seconds(16);
  pass.tokens = 100;
  pass.statements = 10;
  pass.bytes_read = 1000;
  metrics_.OnPass(pass);
  EXPECT_TRUE(Has("probesweep_stage_duration_seconds_sum{stage=\"load\"} 1"));
  EXPECT_TRUE(Has("probesweep_stage_duration_seconds_sum{stage=\"tokenize\"} 2"));
  EXPECT_TRUE(Has("probesweep_stage_duration_seconds_sum{stage=\"forward\"} 4"));
  EXPECT_TRUE(Has("probesweep_stage_duration_seconds_sum{stage=\"analyse\"} 8"));
  EXPECT_TRUE(Has("probesweep_stage_duration_seconds_sum{stage=\"commit\"} 16"));
  EXPECT_TRUE(Has("probesweep_pass_duration_seconds_sum 31"));
  EXPECT_TRUE(Has("probesweep_pass_duration_seconds_count 1"));
  EXPECT_TRUE(Has("probesweep_tokens_total 100"));
  EXPECT_TRUE(Has("probesweep_statements_total 10"));
  EXPECT_TRUE(Has("probesweep_read_bytes_total 1000"));
}

TEST_F(ServerMetricsTest, RpcsAndStoreOperationsAreMeasured) {
  metrics_.OnRpc("SweepService/GetSweep", absl::StatusCode::kNotFound, absl::Milliseconds(500));
  EXPECT_TRUE(Has("probesweep_rpcs_total{code=\"NOT_FOUND\",method=\"SweepService/GetSweep\"} 1"));
  EXPECT_TRUE(Has("probesweep_rpc_duration_seconds_sum{method=\"SweepService/GetSweep\"} 0.5"));
  metrics_.OnStoreOperation("commit", absl::Milliseconds(250), absl::OkStatus());
  metrics_.OnStoreOperation("commit", absl::Milliseconds(250), absl::UnavailableError("full"));
  metrics_.OnStoreOperation("read", absl::Milliseconds(250), absl::NotFoundError("none"));
  EXPECT_TRUE(Has("probesweep_store_operation_duration_seconds_sum{operation=\"commit\"} 0.5"));
  EXPECT_TRUE(Has("probesweep_store_errors_total{operation=\"commit\"} 1"));
  EXPECT_TRUE(Has("probesweep_store_errors_total{operation=\"read\"} 0"));
}

TEST_F(ServerMetricsTest, HousekeepingIsCounted) {
  metrics_.OnBlobsRemoved(2, 300);
  metrics_.OnBlobsRemoved(1, 50);
  metrics_.OnDataSpace(40, 100);
  EXPECT_TRUE(Has("probesweep_blobs_removed_total 3"));
  EXPECT_TRUE(Has("probesweep_blob_bytes_removed_total 350"));
  EXPECT_TRUE(Has("probesweep_data_free_bytes 40"));
  EXPECT_TRUE(Has("probesweep_data_size_bytes 100"));
}

TEST_F(ServerMetricsTest, QueuesAreAskedAtEachScrapeUntilTold) {
  size_t depth = 3;
  metrics_.SampleQueue("jobs", [&] { return depth; });
  EXPECT_TRUE(Has("probesweep_queue_depth{queue=\"jobs\"} 3"));
  depth = 4;
  EXPECT_TRUE(Has("probesweep_queue_depth{queue=\"jobs\"} 4"));
  metrics_.StopSampling();
  depth = 5;
  EXPECT_TRUE(Has("probesweep_queue_depth{queue=\"jobs\"} 4"));
}

}  // namespace
}  // namespace probesweep::server
