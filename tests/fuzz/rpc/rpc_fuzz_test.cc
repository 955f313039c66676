// Messages that nobody should send, thrown at every RPC of a whole coordinator. The same seed throws the same
// ones:
//   PROBESWEEP_FUZZ_SEED=7 PROBESWEEP_FUZZ_RUNS=20000 build/release/tests/test_fuzz_rpc
#include <cstdlib>
#include <functional>
#include <iostream>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/auth/access_table.h"
#include "tests/fuzz/rpc/fuzz_fixture.h"
#include "tests/fuzz/rpc/odd_texts.h"

namespace probesweep::fuzz {
namespace {

// In each run every RPC is called, once for so many fields of its request.
constexpr int kDefaultRuns = 200;
constexpr uint64_t kFieldsACall = 10;
// An honest client looks by now and then.
constexpr int kRoundsAHealthyRound = 500;

int64_t Setting(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  int64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : otherwise;
}

// Of the message and of those in it.
uint64_t FieldsOf(const google::protobuf::Descriptor& type) {
  uint64_t fields = 0;
  for (int i = 0; i < type.field_count(); ++i) {
    fields += type.field(i)->message_type() == nullptr ? 1 : FieldsOf(*type.field(i)->message_type());
  }
  return fields;
}

class RpcFuzzTest : public FuzzFixture {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(FuzzFixture::SetUp());
    fresh_ = HealthyRound("fresh");
    ASSERT_EQ(fresh_.size(), 8);  // 2 checkpoints x 2 dimensions x 2 layers
  }

  using MakeRequests =
      std::function<std::vector<std::string>(const Rpc& rpc, HostileValues& values, uint64_t nth)>;

  void AttackEveryRpc(const MakeRequests& make) {
    const int64_t seed = Setting("PROBESWEEP_FUZZ_SEED", 1),
                  runs = Setting("PROBESWEEP_FUZZ_RUNS", kDefaultRuns);
    for (int64_t run = 0; run < runs; ++run) {
      ASSERT_NO_FATAL_FAILURE(Tend());
      for (size_t i = 0; i < catalogue_.rpcs().size(); ++i) {
        // Another one is the first each time: what one does, the next ones meet.
        const Rpc& rpc = catalogue_.rpcs()[(i + static_cast<size_t>(run)) % catalogue_.rpcs().size()];
        const uint64_t times = 1 + FieldsOf(*rpc.method->input_type()) / kFieldsACall;
        for (uint64_t k = 0; k < times; ++k) {
          HostileValues values(static_cast<uint64_t>(seed * 1'000'003 + run) * 10'007 + i * 101 + k, &known_);
          const uint64_t nth = static_cast<uint64_t>(run) * times + k;
          Attack(rpc, make(rpc, values, nth), absl::StrCat("seed ", seed, ", run ", run));
        }
      }
      if (run % kRoundsAHealthyRound == kRoundsAHealthyRound - 1)
        ExpectHealthyServed(absl::StrCat("run-", run));
    }
    ShowAnswers();
    ExpectHealthyServed("afterwards");
    ExpectOnlyWhatWasAccepted();
    ExpectHealthyServed("restarted");
  }

  void ShowAnswers() {
    for (const Rpc& rpc : catalogue_.rpcs()) {
      std::cout << rpc.path << ":";
      for (const auto& [code, count] : answers_[rpc.path]) std::cout << " " << code << "=" << count;
      std::cout << std::endl;
    }
  }

  void ExpectHealthyServed(const std::string& name) {
    const std::vector<v1::ResultRow> rows = HealthyRound(name);
    ASSERT_EQ(rows.size(), fresh_.size());
    for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].DebugString(), fresh_[i].DebugString());
  }

  // One in three is made of nothing but hostile values, one in three is an honest one with one of them, in
  // field after field from call to call, one in three with some.
  std::vector<std::string> HostileMessages(const Rpc& rpc, HostileValues& values, uint64_t nth) {
    std::vector<std::string> requests;
    if (nth % 3 != 0) requests = Honest(rpc);
    if (requests.empty()) requests.resize(rpc.method->client_streaming() ? values.Below(4) : 1);
    if (rpc.method->client_streaming()) values.Shuffle(requests);
    for (std::string& request : requests) {
      if (rpc.method->client_streaming() && values.OneIn(2)) continue;
      const std::unique_ptr<google::protobuf::Message> message = catalogue_.NewRequest(rpc);
      message->ParseFromString(request);
      if (request.empty()) values.Fill(*message);
      if (nth % 3 == 1) {
        values.MutateAt(*message, nth / 3);
      } else {
        values.Mutate(*message, static_cast<int>(values.Below(4)));
      }
      request = message->SerializeAsString();
    }
    return requests;
  }

  std::vector<std::string> HostileBytes(const Rpc& rpc, HostileValues& values, uint64_t nth) {
    std::vector<std::string> requests = values.OneIn(3) ? HostileMessages(rpc, values, nth) : Honest(rpc);
    for (std::string& request : requests) {
      if (values.OneIn(5)) request = values.RandomBytes();
      if (!values.OneIn(8)) values.Damage(request);
    }
    // A call of one message with none, or with two, is none either.
    if (values.OneIn(rpc.method->client_streaming() ? 3 : 20)) values.Shuffle(requests);
    return requests;
  }

  std::vector<v1::ResultRow> fresh_;
};

TEST_F(RpcFuzzTest, ThrowsAtEveryMethodThatIsServed) {
  std::set<std::string> served, known = {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"};
  for (const server::AccessRule& rule : server::AccessTable()) served.insert(rule.method);
  for (const Rpc& rpc : catalogue_.rpcs()) known.insert(rpc.path);
  EXPECT_EQ(known, served);
}

TEST_F(RpcFuzzTest, KnowsAnHonestRequestOfEveryRpc) {
  for (const Rpc& rpc : catalogue_.rpcs()) {
    ASSERT_NO_FATAL_FAILURE(Tend());
    const std::vector<std::string> requests = Honest(rpc);
    ASSERT_FALSE(requests.empty()) << rpc.path << ": teach FuzzFixture::Honest what the coordinator accepts";
    const Answer answer = RawCaller(server_->grpc_address()).Call(rpc.path, requests, rpc.endless());
    EXPECT_TRUE(answer.status.ok() || (rpc.endless() && !answer.messages.empty()) ||
                rpc.name() == "DeleteSweep")
        << rpc.path << ": " << answer.status.error_message();
  }
}

// Each of them once in an otherwise honest request: what a seed finds now and then.
TEST_F(RpcFuzzTest, EveryOddPatternIsPlannedOrRefused) {
  const Rpc& rpc = catalogue_.Find("/probesweep.v1.SweepService/CreateSweep");
  std::vector<std::string> patterns = known_["pattern"];
  patterns.insert(patterns.end(), OddPatterns().begin(), OddPatterns().end());
  for (const std::string& pattern : patterns) {
    ASSERT_NO_FATAL_FAILURE(Tend());
    v1::CreateSweepRequest request;
    request.ParseFromString(Honest(rpc).at(0));
    request.mutable_spec()->mutable_checkpoints(0)->set_pattern(pattern);
    Attack(rpc, {request.SerializeAsString()}, "pattern " + pattern);
  }
  ExpectOnlyWhatWasAccepted();
}

TEST_F(RpcFuzzTest, HostileMessagesAreRefusedAndHealthyClientsServed) {
  AttackEveryRpc([this](const Rpc& rpc, HostileValues& values, uint64_t nth) {
    return HostileMessages(rpc, values, nth);
  });
  // What is all refused at the door finds nothing behind it.
  for (const Rpc& rpc : catalogue_.rpcs()) {
    const grpc::StatusCode accepted = rpc.endless() ? grpc::StatusCode::CANCELLED : grpc::StatusCode::OK;
    EXPECT_GT(answers_[rpc.path][accepted], 0) << rpc.path;
  }
}

TEST_F(RpcFuzzTest, HostileBytesAreRefusedAndHealthyClientsServed) {
  AttackEveryRpc(
      [this](const Rpc& rpc, HostileValues& values, uint64_t nth) { return HostileBytes(rpc, values, nth); });
}

}  // namespace
}  // namespace probesweep::fuzz
