// What workers do, over real sockets.
#include <thread>

#include "tests/integration/server/server_fixture.h"

namespace probesweep::server {
namespace {

using WorkerRpcsTest = ServerFixture;

TEST_F(WorkerRpcsTest, AWorkerRegistersLeasesReportsAndCommits) {
  ASSERT_OK_AND_ASSIGN(const v1::Sweep sweep, Create(Spec({"step0"})));
  ASSERT_OK_AND_ASSIGN(const v1::RegisterWorkerResponse registered, Register("w"));
  EXPECT_EQ(registered.lease_ttl().seconds(), 30);
  EXPECT_EQ(registered.heartbeat_interval().seconds(), 10);
  ASSERT_OK_AND_ASSIGN(const v1::LeaseTasksResponse lease, Lease("w"));
  const v1::Grant& grant = lease.grant();
  EXPECT_EQ(grant.sweep_id(), sweep.id());
  EXPECT_EQ(grant.model(), "pythia");
  EXPECT_EQ(grant.checkpoint().path(), folder_.path() + "/model/step0");
  ASSERT_EQ(grant.tasks_size(), 2);
  EXPECT_EQ(grant.tasks(0).epoch(), 1);
  ASSERT_OK_AND_ASSIGN(const v1::HeartbeatResponse heartbeat, Heartbeat("w", grant.lease_id(), 1));
  EXPECT_THAT(heartbeat.renewed_lease_ids(), ::testing::ElementsAre(grant.lease_id()));
  EXPECT_TRUE(heartbeat.revoked_task_ids().empty());
  ASSERT_OK_AND_ASSIGN(const v1::CommitTaskResponse first, Send(Commit(grant, 0, "w")));
  EXPECT_FALSE(first.already_committed());
  ASSERT_OK(Send(Commit(grant, 1, "w")));
  ASSERT_OK_AND_ASSIGN(const v1::Sweep done, Get(sweep.id()));
  EXPECT_EQ(done.state(), v1::SWEEP_STATE_SUCCEEDED);
}

TEST_F(WorkerRpcsTest, ACommitSentTwiceCountsOnce) {
  ASSERT_OK_AND_ASSIGN(const v1::Sweep sweep, Create(Spec({"step0"})));
  ASSERT_OK(Register("w"));
  ASSERT_OK_AND_ASSIGN(const v1::LeaseTasksResponse lease, Lease("w"));
  ASSERT_OK(Send(Commit(lease.grant(), 0, "w")));
  ASSERT_OK_AND_ASSIGN(const v1::CommitTaskResponse again, Send(Commit(lease.grant(), 0, "w")));
  EXPECT_TRUE(again.already_committed());
  ASSERT_OK_AND_ASSIGN(const std::vector<v1::ResultRow> rows, Results(sweep.id()));
  EXPECT_EQ(rows.size(), 2);
}

TEST_F(WorkerRpcsTest, AStaleCommitIsRefusedAndCounted) {
  ASSERT_OK(Create(Spec({"step0"})));
  ASSERT_OK(Register("w"));
  ASSERT_OK_AND_ASSIGN(const v1::LeaseTasksResponse lease, Lease("w"));
  v1::CommitTaskRequest stale = Commit(lease.grant(), 0, "w");
  stale.set_epoch(stale.epoch() - 1);
  EXPECT_STATUS(Send(stale), kAborted, "stale");
  stale = Commit(lease.grant(), 0, "w");
  stale.mutable_worker()->set_incarnation("i2");
  EXPECT_STATUS(Send(stale), kAborted, "stale");
  // A new process under the same name takes the work over; what the old one says afterwards is stale.
  ASSERT_OK(Register("w", "i2"));
  EXPECT_STATUS(Send(Commit(lease.grant(), 0, "w")), kAborted, lease.grant().lease_id());
  EXPECT_STATUS(Heartbeat("w", lease.grant().lease_id()), kFailedPrecondition, "'w'");
  EXPECT_EQ(Metric("probesweep_stale_commits_total"), 3);
  EXPECT_EQ(Metric("probesweep_leases_lost_total"), 1);
}

TEST_F(WorkerRpcsTest, BadCommitsAreRefused) {
  ASSERT_OK(Create(Spec({"step0"})));
  ASSERT_OK(Register("w"));
  ASSERT_OK_AND_ASSIGN(const v1::LeaseTasksResponse lease, Lease("w"));
  v1::CommitTaskRequest commit = Commit(lease.grant(), 0, "w");
  commit.clear_results();
  EXPECT_STATUS(Send(commit), kInvalidArgument, "no result rows");
  commit = Commit(lease.grant(), 0, "w");
  for (const char* digest : {"", "0123456789abcdef", "no hex"}) {
    commit.set_checkpoint_digest(digest);
    EXPECT_STATUS(Send(commit), kInvalidArgument, "checkpoint_digest", digest);
  }
  commit = Commit(lease.grant(), 0, "w");
  commit.clear_provenance();
  EXPECT_STATUS(Send(commit), kInvalidArgument, "provenance.tokenizer_digest", "is the worker older?");
  commit = Commit(lease.grant(), 0, "w");
  commit.mutable_provenance()->set_configuration("protocols=paper");
  EXPECT_STATUS(Send(commit), kInvalidArgument, "provenance.configuration", "'protocols=paper'");
  commit = Commit(lease.grant(), 0, "w");
  commit.set_task_id("sw-none-00000");
  EXPECT_STATUS(Send(commit), kNotFound, "sw-none-00000");
}

TEST_F(WorkerRpcsTest, WeightsThatChangeUnderASweepAreCounted) {
  ASSERT_OK(Create(Spec({"step0"})));
  ASSERT_OK(Register("w"));
  ASSERT_OK_AND_ASSIGN(const v1::LeaseTasksResponse lease, Lease("w"));
  ASSERT_OK(Send(Commit(lease.grant(), 0, "w")));
  EXPECT_EQ(Metric("probesweep_checkpoint_digest_conflicts_total"), 0);
  v1::CommitTaskRequest other = Commit(lease.grant(), 1, "w");
  other.set_checkpoint_digest(Sha256Hex("other weights"));
  ASSERT_OK(Send(other));
  EXPECT_EQ(Metric("probesweep_checkpoint_digest_conflicts_total"), 1);
}

TEST_F(WorkerRpcsTest, FailuresAreKeptByKind) {
  ASSERT_OK_AND_ASSIGN(const v1::Sweep sweep, Create(Spec({"step0", "step16"})));
  ASSERT_OK(Register("w"));
  ASSERT_OK_AND_ASSIGN(const v1::LeaseTasksResponse lease, Lease("w"));
  v1::FailTaskRequest fail;
  *fail.mutable_worker() = Commit(lease.grant(), 0, "w").worker();
  fail.set_lease_id(lease.grant().lease_id());
  fail.set_task_id(lease.grant().tasks(0).task_id());
  fail.set_epoch(lease.grant().tasks(0).epoch());
  fail.set_kind(v1::FAILURE_KIND_CHECKPOINT_CORRUPT);
  fail.set_error("layer 3: NaN");
  ASSERT_OK(Call(*workers_, &Workers::FailTask, fail));
  ASSERT_OK(Call(*workers_, &Workers::FailTask, fail));  // idempotent
  ASSERT_OK_AND_ASSIGN(const v1::Sweep failed, Get(sweep.id()));
  EXPECT_EQ(failed.tasks().quarantined(), 2);  // both dimensions of the checkpoint
  EXPECT_EQ(failed.tasks().ready(), 2);        // the other checkpoint goes on
  v1::ListTasksRequest list;
  list.set_sweep_id(sweep.id());
  ASSERT_OK_AND_ASSIGN(const v1::ListTasksResponse tasks, Call(*sweeps_, &Sweeps::ListTasks, list));
  EXPECT_EQ(tasks.tasks(0).error(), "layer 3: NaN");
  EXPECT_EQ(tasks.tasks(0).failure_kind(), v1::FAILURE_KIND_CHECKPOINT_CORRUPT);
  fail.set_kind(v1::FAILURE_KIND_LEASE_LOST);
  EXPECT_STATUS(Call(*workers_, &Workers::FailTask, fail), kInvalidArgument, "kind");
}

TEST_F(WorkerRpcsTest, AReleasedLeaseGoesToTheNextWorkerAndItsCostIsCounted) {
  ASSERT_OK(Create(Spec({"step0"})));
  ASSERT_OK(Register("w1"));
  ASSERT_OK(Register("w2"));
  ASSERT_OK_AND_ASSIGN(const v1::LeaseTasksResponse lease, Lease("w1"));
  v1::ReleaseLeaseRequest release;
  *release.mutable_worker() = Commit(lease.grant(), 0, "w1").worker();
  release.set_lease_id(lease.grant().lease_id());
  release.mutable_statistics()->set_tokens(123);
  release.mutable_statistics()->mutable_forward()->set_seconds(2);
  ASSERT_OK(Call(*workers_, &Workers::ReleaseLease, release));
  ASSERT_OK_AND_ASSIGN(const v1::LeaseTasksResponse next, Lease("w2"));
  ASSERT_EQ(next.grant().tasks_size(), 2);
  EXPECT_EQ(next.grant().tasks(0).epoch(), 2);
  EXPECT_EQ(Metric("probesweep_tokens_total"), 123);
  EXPECT_EQ(Metric("probesweep_stage_duration_seconds_sum{stage=\"forward\"}"), 2);
  EXPECT_EQ(Metric("probesweep_leases_lost_total"), 0);
}

TEST_F(WorkerRpcsTest, APollIsAnsweredWhenWorkComes) {
  ASSERT_OK(Register("w"));
  absl::StatusOr<v1::LeaseTasksResponse> lease;
  std::thread poll([&] { lease = Lease("w", absl::Seconds(8)); });
  const absl::StatusOr<v1::Sweep> sweep = Create(Spec({"step0"}));
  poll.join();
  ASSERT_OK(sweep);
  ASSERT_OK(lease);
  EXPECT_EQ(lease->grant().sweep_id(), sweep->id());
}

TEST_F(WorkerRpcsTest, APollWhoseCallerLeftGetsNoGrant) {
  ASSERT_OK(Register("gone"));
  ASSERT_OK(Register("w"));
  v1::LeaseTasksRequest request;
  request.mutable_worker()->set_worker_id("gone");
  request.mutable_worker()->set_incarnation("i1");
  request.mutable_wait()->set_seconds(30);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(50));
  v1::LeaseTasksResponse response;
  EXPECT_STATUS(ToAbsl(workers_->LeaseTasks(&context, request, &response)), kDeadlineExceeded);
  EXPECT_TRUE(Eventually([&] {
    return Metric("probesweep_rpcs_total{code=\"CANCELLED\",method=\"WorkerService/LeaseTasks\"}") == 1;
  }));
  ASSERT_OK(Create(Spec({"step0"})));
  ASSERT_OK_AND_ASSIGN(const v1::LeaseTasksResponse lease, Lease("w"));
  EXPECT_EQ(lease.grant().tasks_size(), 2);
}

TEST_F(WorkerRpcsTest, StrangersAndOtherEnginesAreTurnedAway) {
  EXPECT_STATUS(Lease("stranger"), kNotFound, "register first");
  EXPECT_STATUS(Heartbeat("stranger", "ls-1"), kNotFound, "register first");
  EXPECT_STATUS(Register("w", "i1", "another"), kFailedPrecondition, "another", "same release");
  EXPECT_STATUS(Register(""), kInvalidArgument, "id");
}

TEST_F(WorkerRpcsTest, ADrainedWorkerGetsNoMoreWork) {
  ASSERT_OK(Create(Spec()));
  ASSERT_OK(Register("w"));
  v1::DrainWorkerRequest drain;
  drain.set_worker_id("w");
  ASSERT_OK_AND_ASSIGN(const v1::Worker worker, Call(*sweeps_, &Sweeps::DrainWorker, drain));
  EXPECT_EQ(worker.state(), v1::WORKER_STATE_DRAINING);
  ASSERT_OK_AND_ASSIGN(const v1::LeaseTasksResponse lease, Lease("w"));
  EXPECT_TRUE(lease.drain());
  EXPECT_FALSE(lease.has_grant());
  ASSERT_OK_AND_ASSIGN(const v1::ListWorkersResponse list,
                       Call(*sweeps_, &Sweeps::ListWorkers, v1::ListWorkersRequest()));
  ASSERT_EQ(list.workers_size(), 1);
  EXPECT_EQ(list.workers(0).host(), "host");
  drain.set_worker_id("nobody");
  EXPECT_STATUS(Call(*sweeps_, &Sweeps::DrainWorker, drain), kNotFound, "nobody");
}

TEST_F(WorkerRpcsTest, CancelledWorkIsRevokedByTheNextHeartbeat) {
  ASSERT_OK_AND_ASSIGN(const v1::Sweep sweep, Create(Spec({"step0"})));
  ASSERT_OK(Register("w"));
  ASSERT_OK_AND_ASSIGN(const v1::LeaseTasksResponse lease, Lease("w"));
  ASSERT_OK(Cancel(sweep.id()));
  ASSERT_OK_AND_ASSIGN(const v1::HeartbeatResponse heartbeat, Heartbeat("w", lease.grant().lease_id()));
  EXPECT_EQ(heartbeat.revoked_task_ids_size(), 2);
  EXPECT_STATUS(Send(Commit(lease.grant(), 0, "w")), kAborted, "cancelled");
}

}  // namespace
}  // namespace probesweep::server
