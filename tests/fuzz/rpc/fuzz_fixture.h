// A coordinator under hostile calls, honest ones beside them, and what must hold afterwards.
#ifndef PROBESWEEP_TESTS_FUZZ_RPC_FUZZ_FIXTURE_H_
#define PROBESWEEP_TESTS_FUZZ_RPC_FUZZ_FIXTURE_H_

#include <google/protobuf/stubs/logging.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/fuzz/rpc/accepted.h"
#include "tests/fuzz/rpc/hostile_values.h"
#include "tests/fuzz/rpc/raw_caller.h"
#include "tests/fuzz/rpc/rpc_catalogue.h"
#include "tests/integration/server/server_fixture.h"

namespace probesweep::fuzz {

class FuzzFixture : public server::ServerFixture {
 protected:
  FuzzFixture();
  void SetUp() override;
  void TearDown() override;

  // Keeps a sweep with open tasks, a worker with a grant, blobs, and few sweeps beside those; learns the ids.
  void Tend();
  // Messages that the coordinator accepts now, but for what hostile calls have done since Tend. None for an
  // RPC that this class does not know.
  std::vector<std::string> Honest(const Rpc& rpc);

  // Calls, notes what was accepted, and expects an answer in time with a status that the RPC documents.
  // `what`: how to come here again.
  void Attack(const Rpc& rpc, const std::vector<std::string>& requests, const std::string& what);

  // Submits, works and reads as people do, in five seconds at most. `name` keeps results from being reused.
  std::vector<v1::ResultRow> HealthyRound(const std::string& name);
  // What lies in the coordinator, and in the one that is started over its data, is what was accepted.
  void ExpectOnlyWhatWasAccepted();

  RpcCatalogue catalogue_;
  KnownTexts known_;
  std::map<std::string, std::map<grpc::StatusCode, int>> answers_;  // to Attack, by path

 private:
  void MakeOddFolders();
  void LearnTexts();
  void StartWithClients();
  // Sets the request of an RPC of that service; false: it is not known here.
  bool SetHonestOfSweeps(const Rpc& rpc, google::protobuf::Message& request);
  bool SetHonestOfWorkers(const Rpc& rpc, google::protobuf::Message& request);
  std::vector<std::string> HonestUpload() const;
  void KeepSweepsFew();
  v1::CommitTaskRequest HonestCommit(const v1::Grant& grant, int task, const std::string& worker);
  void Note(const Rpc& rpc, const std::vector<std::string>& requests, const Answer& answer);
  std::string WhyWrong(const Rpc& rpc, const std::vector<std::string>& requests, const Answer& answer);
  std::vector<v1::Sweep> AllSweeps();
  void ExpectStored();
  void ExpectResults(const v1::Sweep& sweep);
  void ExpectBlobs();

  class PlainLog;
  std::shared_ptr<PlainLog> log_;
  const google::protobuf::LogSilencer quiet_;  // it reports each text that is no UTF-8
  std::unique_ptr<RawCaller> caller_;
  v1::SweepSpec spec_;
  Accepted accepted_;
  std::set<std::string> reported_;  // each kind of failure once
  int tended_ = 0;
  std::string worker_, sweep_id_;
  v1::Grant grant_;
};

}  // namespace probesweep::fuzz

#endif  // PROBESWEEP_TESTS_FUZZ_RPC_FUZZ_FIXTURE_H_
