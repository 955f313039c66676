// What people do, over real sockets.
#include "absl/strings/str_cat.h"
#include "tests/integration/server/server_fixture.h"

namespace probesweep::server {
namespace {

using SweepRpcsTest = ServerFixture;

TEST_F(SweepRpcsTest, ACreatedSweepIsPlannedAndListed) {
  ASSERT_OK_AND_ASSIGN(const v1::Sweep sweep, Create(Spec({"step16", "step0"})));
  EXPECT_EQ(sweep.state(), v1::SWEEP_STATE_RUNNING);
  ASSERT_EQ(sweep.checkpoints_size(), 2);
  EXPECT_EQ(sweep.checkpoints(0).name(), "step0");  // in training order
  EXPECT_EQ(sweep.checkpoints(1).step(), 16);
  EXPECT_EQ(sweep.tasks().ready(), 4);
  ASSERT_OK_AND_ASSIGN(const v1::Sweep again, Get(sweep.id()));
  EXPECT_EQ(again.SerializeAsString(), sweep.SerializeAsString());

  ASSERT_OK_AND_ASSIGN(const v1::Sweep second, Create(Spec(), "request-2"));
  v1::ListSweepsRequest list;
  list.set_page_size(1);
  ASSERT_OK_AND_ASSIGN(const v1::ListSweepsResponse newest, Call(*sweeps_, &Sweeps::ListSweeps, list));
  ASSERT_EQ(newest.sweeps_size(), 1);
  EXPECT_EQ(newest.sweeps(0).id(), second.id());
  list.set_page_token(newest.next_page_token());
  ASSERT_OK_AND_ASSIGN(const v1::ListSweepsResponse older, Call(*sweeps_, &Sweeps::ListSweeps, list));
  ASSERT_EQ(older.sweeps_size(), 1);
  EXPECT_EQ(older.sweeps(0).id(), sweep.id());
  EXPECT_EQ(older.next_page_token(), "");
}

TEST_F(SweepRpcsTest, TheSameRequestMakesOneSweep) {
  ASSERT_OK_AND_ASSIGN(const v1::Sweep sweep, Create(Spec()));
  ASSERT_OK_AND_ASSIGN(const v1::Sweep again, Create(Spec()));
  EXPECT_EQ(again.id(), sweep.id());
  EXPECT_STATUS(Create(Spec({"step1"})), kAlreadyExists, "request-1", sweep.id());
}

TEST_F(SweepRpcsTest, MistakesInASweepAreNamed) {
  v1::SweepSpec spec = Spec();
  spec.mutable_dimensions(1)->set_name("privacy");
  EXPECT_STATUS(Create(spec), kInvalidArgument, "dimensions[1].name", "there twice");
  spec = Spec();
  spec.mutable_dimensions(0)->set_dataset_digest(std::string(64, 'a'));
  EXPECT_STATUS(Create(spec), kNotFound, "privacy", "PutBlob");
  spec = Spec();
  spec.mutable_checkpoints(0)->set_pattern(folder_.path() + "/none*");
  EXPECT_STATUS(Create(spec), kNotFound, "checkpoints[0]", "matches no folder");
  EXPECT_STATUS(Create(Spec(), ""), kInvalidArgument, "request_id");
}

TEST_F(SweepRpcsTest, TasksComeInPlannedOrderPageByPage) {
  ASSERT_OK_AND_ASSIGN(const v1::Sweep sweep, Create(Spec()));
  v1::ListTasksRequest request;
  request.set_sweep_id(sweep.id());
  request.set_page_size(3);
  ASSERT_OK_AND_ASSIGN(v1::ListTasksResponse page, Call(*sweeps_, &Sweeps::ListTasks, request));
  ASSERT_EQ(page.tasks_size(), 3);
  EXPECT_EQ(page.tasks(0).checkpoint(), "step0");
  EXPECT_EQ(page.tasks(1).dimension(), "fairness");
  request.set_page_token(page.next_page_token());
  ASSERT_OK_AND_ASSIGN(page, Call(*sweeps_, &Sweeps::ListTasks, request));
  ASSERT_EQ(page.tasks_size(), 1);
  EXPECT_EQ(page.tasks(0).checkpoint(), "step16");
  EXPECT_EQ(page.next_page_token(), "");
  request.set_page_token("nonsense");
  EXPECT_STATUS(Call(*sweeps_, &Sweeps::ListTasks, request), kInvalidArgument, "page_token");
}

TEST_F(SweepRpcsTest, AnUnknownSweepIsNotFoundByAnyCall) {
  EXPECT_STATUS(Get("sw-none"), kNotFound, "sw-none");
  EXPECT_STATUS(Cancel("sw-none"), kNotFound, "sw-none");
  EXPECT_STATUS(Results("sw-none"), kNotFound, "sw-none");
  grpc::ClientContext context;
  v1::WatchSweepRequest request;
  request.set_sweep_id("sw-none");
  const auto reader = sweeps_->WatchSweep(&context, request);
  v1::WatchSweepResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_STATUS(ToAbsl(reader->Finish()), kNotFound, "sw-none");
}

TEST_F(SweepRpcsTest, ASweepIsCancelledRetriedAndDeleted) {
  ASSERT_OK_AND_ASSIGN(const v1::Sweep sweep, Create(Spec()));
  v1::DeleteSweepRequest remove;
  remove.set_sweep_id(sweep.id());
  EXPECT_STATUS(Call(*sweeps_, &Sweeps::DeleteSweep, remove), kFailedPrecondition, "cancel");
  ASSERT_OK_AND_ASSIGN(const v1::Sweep cancelled, Cancel(sweep.id()));
  EXPECT_EQ(cancelled.state(), v1::SWEEP_STATE_CANCELLED);
  EXPECT_TRUE(cancelled.has_end_time());
  v1::RetrySweepRequest retry;
  retry.set_sweep_id(sweep.id());
  ASSERT_OK_AND_ASSIGN(const v1::Sweep retried, Call(*sweeps_, &Sweeps::RetrySweep, retry));
  EXPECT_EQ(retried.tasks().ready(), 4);
  EXPECT_FALSE(retried.has_end_time());
  ASSERT_OK(Cancel(sweep.id()));
  ASSERT_OK(Call(*sweeps_, &Sweeps::DeleteSweep, remove));
  EXPECT_STATUS(Get(sweep.id()), kNotFound, sweep.id());
}

TEST_F(SweepRpcsTest, AWatchShowsEachStateUntilTheLast) {
  ASSERT_OK_AND_ASSIGN(const v1::Sweep sweep, Create(Spec({"step0"})));
  grpc::ClientContext context;
  v1::WatchSweepRequest request;
  request.set_sweep_id(sweep.id());
  const auto reader = sweeps_->WatchSweep(&context, request);
  v1::WatchSweepResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.sweep().tasks().ready(), 2);

  ASSERT_OK(Register("w"));
  ASSERT_OK_AND_ASSIGN(const v1::LeaseTasksResponse lease, Lease("w"));
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.sweep().tasks().leased(), 2);
  ASSERT_EQ(response.workers_size(), 1);
  EXPECT_EQ(response.workers(0).checkpoint(), "step0");

  ASSERT_OK(Heartbeat("w", lease.grant().lease_id(), /*layers_done=*/1));
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.workers(0).layers_done(), 1);

  ASSERT_OK(Send(Commit(lease.grant(), 0, "w")));
  ASSERT_OK(Send(Commit(lease.grant(), 1, "w")));
  while (response.sweep().state() == v1::SWEEP_STATE_RUNNING) ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.sweep().state(), v1::SWEEP_STATE_SUCCEEDED);
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_OK(ToAbsl(reader->Finish()));
}

TEST_F(SweepRpcsTest, AWatchEndsWhenItsCallerLeaves) {
  ASSERT_OK_AND_ASSIGN(const v1::Sweep sweep, Create(Spec()));
  v1::WatchSweepRequest request;
  request.set_sweep_id(sweep.id());
  grpc::ClientContext context;
  const auto reader = sweeps_->WatchSweep(&context, request);
  v1::WatchSweepResponse response;
  ASSERT_TRUE(reader->Read(&response));
  context.TryCancel();
  EXPECT_STATUS(ToAbsl(reader->Finish()), kCancelled);
  EXPECT_TRUE(Eventually([&] {
    return Metric("probesweep_rpcs_total{code=\"CANCELLED\",method=\"SweepService/WatchSweep\"}") == 1;
  }));
}

TEST_F(SweepRpcsTest, ResultsComeInPlannedOrderByLayer) {
  ASSERT_OK_AND_ASSIGN(const v1::Sweep sweep, Create(Spec()));
  ASSERT_OK_AND_ASSIGN(const std::vector<v1::ResultRow> none, Results(sweep.id()));
  EXPECT_TRUE(none.empty());
  ASSERT_EQ(WorkOff(), 4);
  ASSERT_OK_AND_ASSIGN(const std::vector<v1::ResultRow> rows, Results(sweep.id()));
  std::vector<std::string> order;
  for (const v1::ResultRow& row : rows) {
    order.push_back(absl::StrCat(row.checkpoint(), " ", row.dimension(), " ", row.layer()));
  }
  EXPECT_THAT(order, ::testing::ElementsAre("step0 privacy 0", "step0 privacy 1", "step0 fairness 0",
                                            "step0 fairness 1", "step16 privacy 0", "step16 privacy 1",
                                            "step16 fairness 0", "step16 fairness 1"));
  EXPECT_EQ(rows[7].values().at("accuracy"), 0.1 + 0.25 + 16);
  EXPECT_EQ(rows[7].dataset(), "fairness-set");
  EXPECT_EQ(rows[0].checkpoint_digest(), Sha256Hex("step0"));
  EXPECT_EQ(rows[7].checkpoint_digest(), Sha256Hex("step16"));
  EXPECT_EQ(rows[7].provenance().tokenizer_digest(), Sha256Hex("tokenizer"));
  EXPECT_EQ(rows[7].provenance().device(), "cpu");
  ASSERT_OK_AND_ASSIGN(const std::vector<v1::ResultRow> fair, Results(sweep.id(), {"fairness"}));
  EXPECT_EQ(fair.size(), 4);
  EXPECT_STATUS(Results(sweep.id(), {"fairnes"}), kNotFound, "fairnes");
}

TEST_F(SweepRpcsTest, WorkDoneOnceIsReused) {
  const v1::SweepSpec spec = Spec();
  ASSERT_OK(Create(spec));
  ASSERT_EQ(WorkOff(), 4);
  ASSERT_OK_AND_ASSIGN(const v1::Sweep again, Create(spec, "request-2"));
  EXPECT_EQ(again.state(), v1::SWEEP_STATE_SUCCEEDED);
  EXPECT_EQ(again.tasks().reused(), 4);
  ASSERT_OK_AND_ASSIGN(const std::vector<v1::ResultRow> rows, Results(again.id()));
  ASSERT_EQ(rows.size(), 8);
  EXPECT_EQ(rows[7].checkpoint_digest(), Sha256Hex("step16")) << "of the pass that made it";
  EXPECT_EQ(Metric("probesweep_tasks_reused_total"), 4);
}

}  // namespace
}  // namespace probesweep::server
