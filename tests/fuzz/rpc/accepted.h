// What a coordinator accepted, and whether what it tells afterwards is that and no more.
#ifndef PROBESWEEP_TESTS_FUZZ_RPC_ACCEPTED_H_
#define PROBESWEEP_TESTS_FUZZ_RPC_ACCEPTED_H_

#include <google/protobuf/message.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "probesweep/v1/sweep_service.pb.h"
#include "probesweep/v1/worker_service.pb.h"

namespace probesweep::fuzz {

struct Accepted {
  std::map<std::string, v1::Sweep> sweeps;  // as they were when made, without those that were deleted
  std::set<std::string> workers;
  std::set<std::string> blobs;
  std::set<std::string> commits;  // as ResultText gives them
};

// The rows of one task in one text, whichever of the two they come from.
std::string ResultText(const v1::CommitTaskRequest& commit);
std::string ResultText(const std::vector<v1::ResultRow>& rows_of_one_task);

// Each of these says what is wrong, "" when nothing is. They know what the proto files and docs/formats.md
// promise, not what the coordinator checks.

// Every text is one line of UTF-8 of some length, every number finite: what tables, logs and exports can
// show.
std::string WhyNotShowable(const google::protobuf::Message& message);
std::string WhyNotASweep(const v1::Sweep& sweep, const std::set<std::string>& blobs);
std::string WhyNotARow(const v1::ResultRow& row, const v1::SweepSpec& spec);

}  // namespace probesweep::fuzz

#endif  // PROBESWEEP_TESTS_FUZZ_RPC_ACCEPTED_H_
