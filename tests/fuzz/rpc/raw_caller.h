// Calls any method with any bytes.
#ifndef PROBESWEEP_TESTS_FUZZ_RPC_RAW_CALLER_H_
#define PROBESWEEP_TESTS_FUZZ_RPC_RAW_CALLER_H_

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace probesweep::fuzz {

// A channel that takes messages as long as those of our clients do.
std::shared_ptr<grpc::Channel> ConnectAsClients(const std::string& address);

struct Answer {
  grpc::Status status;
  std::vector<std::string> messages;
  absl::Duration took;
};

// Not thread-safe.
class RawCaller {
 public:
  explicit RawCaller(const std::string& address);
  ~RawCaller();

  // Sends `requests` one after the other and reads to the end. `endless`: goes away behind the first answer,
  // the status of which is CANCELLED then.
  Answer Call(const std::string& path, const std::vector<std::string>& requests, bool endless);

 private:
  // Whether the operation that was just started ended well.
  bool Await();

  std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
};

}  // namespace probesweep::fuzz

#endif  // PROBESWEEP_TESTS_FUZZ_RPC_RAW_CALLER_H_
