#include "server/rpc/convert_workers.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

#include "absl/strings/str_cat.h"
#include "server/rpc/convert_time.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

template <typename Message>
void ExpectEqual(const Message& actual, const std::string& expected) {
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(actual, Parse<Message>(expected)))
      << actual.DebugString();
}

TEST(ConvertWorkersTest, ARegistrationIsReadWhole) {
  const RegisterCommand command = FromProto(Parse<v1::RegisterWorkerRequest>(R"pb(
    worker { worker_id: "w" incarnation: "i" }
    host: "h"
    device: "cpu"
    version: "v"
    engine_version: "e"
  )pb"));
  EXPECT_EQ(command.worker.id, "w");
  EXPECT_EQ(command.worker.incarnation, "i");
  EXPECT_EQ(command.host, "h");
  EXPECT_EQ(command.device, "cpu");
  EXPECT_EQ(command.version, "v");
  EXPECT_EQ(command.engine_version, "e");
}

TEST(ConvertWorkersTest, OfEndlessHintsTheFirstCount) {
  v1::LeaseTasksRequest request;
  for (int i = 0; i < 1'500; ++i) request.add_cached_checkpoints(absl::StrCat("/", i));
  const LeaseCommand lease = FromProto(request);
  ASSERT_EQ(lease.cached_paths.size(), 1'000);
  EXPECT_EQ(lease.cached_paths.back(), "/999");
}

TEST(ConvertWorkersTest, APollAndAHeartbeatAreReadWhole) {
  const LeaseCommand lease = FromProto(Parse<v1::LeaseTasksRequest>(R"pb(
    worker { worker_id: "w" }
    wait { seconds: 2 nanos: 500000000 }
    cached_checkpoints: "/a"
    cached_checkpoints: "/b"
  )pb"));
  EXPECT_EQ(lease.wait, absl::Seconds(2.5));
  EXPECT_THAT(lease.cached_paths, ::testing::ElementsAre("/a", "/b"));
  const HeartbeatCommand heartbeat = FromProto(Parse<v1::HeartbeatRequest>(R"pb(
    worker { worker_id: "w" }
    leases { lease_id: "l" layers_done: 1 layers_total: 6 steps: 40 }
  )pb"));
  ASSERT_EQ(heartbeat.leases.size(), 1);
  EXPECT_EQ(heartbeat.leases[0].lease_id, "l");
  EXPECT_EQ(heartbeat.leases[0].layers_done, 1);
  EXPECT_EQ(heartbeat.leases[0].layers_total, 6);
  EXPECT_EQ(heartbeat.leases[0].steps, 40);
}

TEST(ConvertWorkersTest, ACommitIsReadWhole) {
  const auto request = Parse<v1::CommitTaskRequest>(R"pb(
    worker { worker_id: "w" incarnation: "i" }
    lease_id: "l"
    task_id: "t"
    epoch: 4
    results {
      layer: 2
      protocol: "released"
      values { key: "auroc" value: 0.75 }
    }
    artifacts { digest: "d" kind: "probes" size_bytes: 9 }
    checkpoint_digest: "c"
    provenance {
      tokenizer_digest: "t"
      dataset_digest: "ds"
      configuration: "probe_c=1"
      engine_version: "2"
      device: "cuda:1"
      dtype: "bf16"
    }
  )pb");
  const TaskClaim claim = ClaimOf(request);
  EXPECT_EQ(claim.worker.id, "w");
  EXPECT_EQ(claim.worker.incarnation, "i");
  EXPECT_EQ(claim.lease_id, "l");
  EXPECT_EQ(claim.task_id, "t");
  EXPECT_EQ(claim.epoch, 4);
  const Outcome outcome = OutcomeOf(request);
  ASSERT_EQ(outcome.rows.size(), 1);
  EXPECT_EQ(outcome.rows[0].layer, 2);
  EXPECT_EQ(outcome.rows[0].protocol, "released");
  EXPECT_EQ(outcome.rows[0].values, (ResultValues{{"auroc", 0.75}}));
  EXPECT_EQ(outcome.checkpoint_digest, "c");
  EXPECT_EQ(outcome.provenance.tokenizer_digest, "t");
  EXPECT_EQ(outcome.provenance.dataset_digest, "ds");
  EXPECT_EQ(outcome.provenance.configuration, "probe_c=1");
  EXPECT_EQ(outcome.provenance.engine_version, "2");
  EXPECT_EQ(outcome.provenance.device, "cuda:1");
  EXPECT_EQ(outcome.provenance.dtype, "bf16");
  ASSERT_EQ(outcome.artifacts.size(), 1);
  EXPECT_EQ(outcome.artifacts[0].digest, "d");
  EXPECT_EQ(outcome.artifacts[0].kind, "probes");
  EXPECT_EQ(outcome.artifacts[0].size_bytes, 9);
}

TEST(ConvertWorkersTest, FailureKindsAreTheWorkersToChooseButLeaseLost) {
  const struct {
    const char* intent;
    int kind;
    FailureKind expected;
  } cases[] = {
      {"transient", v1::FAILURE_KIND_TRANSIENT, FailureKind::kTransient},
      {"permanent", v1::FAILURE_KIND_PERMANENT, FailureKind::kPermanent},
      {"corrupt", v1::FAILURE_KIND_CHECKPOINT_CORRUPT, FailureKind::kCheckpointCorrupt},
      {"not said: may pass", v1::FAILURE_KIND_UNSPECIFIED, FailureKind::kTransient},
      {"of a newer worker: may pass", 99, FailureKind::kTransient},
  };
  for (const auto& c : cases) {
    v1::FailTaskRequest request;
    request.set_kind(static_cast<v1::FailureKind>(c.kind));
    request.set_error("why");
    const absl::StatusOr<Failure> failure = FailureOf(request);
    ASSERT_OK(failure);
    EXPECT_EQ(failure->kind, c.expected) << c.intent;
    EXPECT_EQ(failure->error, "why");
  }
  v1::FailTaskRequest lost;
  lost.set_kind(v1::FAILURE_KIND_LEASE_LOST);
  EXPECT_STATUS(FailureOf(lost), kInvalidArgument, "kind");
}

TEST(ConvertWorkersTest, ALongErrorIsCut) {
  v1::FailTaskRequest request;
  request.set_error(std::string(100'000, 'x'));
  ASSERT_OK_AND_ASSIGN(const Failure failure, FailureOf(request));
  EXPECT_EQ(failure.error, std::string(4096, 'x') + "…");
}

TEST(ConvertWorkersTest, StatisticsThatCannotBeCountAsNothing) {
  EXPECT_FALSE(StatisticsOf(v1::ReleaseLeaseRequest()).has_value());
  const std::optional<PassStatistics> statistics = StatisticsOf(Parse<v1::ReleaseLeaseRequest>(R"pb(
    statistics {
      load { seconds: 1 }
      tokenize { seconds: 2 }
      forward { seconds: 3 }
      analyse { seconds: -4 }
      commit { seconds: 9000000000 }
      tokens: 10
      statements: 11
      bytes_read: -12
    }
  )pb"));
  ASSERT_TRUE(statistics.has_value());
  EXPECT_EQ(statistics->load, absl::Seconds(1));
  EXPECT_EQ(statistics->tokenize, absl::Seconds(2));
  EXPECT_EQ(statistics->forward, absl::Seconds(3));
  EXPECT_EQ(statistics->analyse, absl::ZeroDuration());
  EXPECT_EQ(statistics->commit, absl::Hours(720));
  EXPECT_EQ(statistics->tokens, 10);
  EXPECT_EQ(statistics->statements, 11);
  EXPECT_EQ(statistics->bytes_read, 0);
}

TEST(ConvertWorkersTest, AGrantIsWrittenWhole) {
  LeaseAnswer answer;
  Grant& grant = answer.grant.emplace();
  grant.lease_id = "l";
  grant.sweep_id = "sw";
  grant.model = "m";
  grant.checkpoint = {"step1", "/c", 1, 2, "id"};
  grant.analysis.protocols = {"released"};
  grant.tasks = {{"t", 3, {"privacy", "confaide", "d", "label", 0.5, "group", ""}}};
  grant.ttl = absl::Milliseconds(1500);
  v1::LeaseTasksResponse out;
  ToProto(answer, out);
  ExpectEqual(out, R"pb(
    grant {
      lease_id: "l"
      sweep_id: "sw"
      model: "m"
      checkpoint { name: "step1" path: "/c" step: 1 tokens: 2 identity: "id" }
      analysis {
        protocols: "released"
        probe_c: 1
        hsic_sigma: 50
        hsic_epsilon: 1e-5
        keep_probes: true
        keep_steering_vectors: true
        solver: "exact"
        hsic_scale_by_dimension: true
        splits: 5
        permutations: 200
      }
      tasks {
        task_id: "t"
        epoch: 3
        dimension {
          name: "privacy"
          dataset: "confaide"
          dataset_digest: "d"
          label_meaning: "label"
          steering_share: 0.5
          group_column: "group"
        }
      }
      ttl { seconds: 1 nanos: 500000000 }
    }
  )pb");
  v1::LeaseTasksResponse drain;
  ToProto(LeaseAnswer{std::nullopt, true}, drain);
  ExpectEqual(drain, "drain: true");
}

TEST(ConvertWorkersTest, OtherAnswersAreWrittenWhole) {
  v1::RegisterWorkerResponse registered;
  ToProto(RegisterAnswer{absl::Seconds(10), absl::Seconds(30)}, registered);
  ExpectEqual(registered, "heartbeat_interval { seconds: 10 } lease_ttl { seconds: 30 }");
  v1::HeartbeatResponse heartbeat;
  ToProto(HeartbeatAnswer{{"l1"}, {"t1", "t2"}, true}, heartbeat);
  ExpectEqual(heartbeat, "renewed_lease_ids: 'l1' revoked_task_ids: 't1' revoked_task_ids: 't2' drain: true");
  v1::CommitTaskResponse committed;
  ToProto(CommitAnswer{true}, committed);
  ExpectEqual(committed, "already_committed: true");
}

TEST(ConvertTimeTest, NegativeTimesKeepPositiveNanoseconds) {
  google::protobuf::Timestamp out;
  ToProto(absl::FromUnixMillis(-250), out);
  EXPECT_EQ(out.seconds(), -1);
  EXPECT_EQ(out.nanos(), 750'000'000);
}

}  // namespace
}  // namespace probesweep::server
