// Every RPC that the coordinator serves, as the proto files describe it.
#ifndef PROBESWEEP_TESTS_FUZZ_RPC_RPC_CATALOGUE_H_
#define PROBESWEEP_TESTS_FUZZ_RPC_RPC_CATALOGUE_H_

#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/dynamic_message.h>
#include <grpcpp/support/status_code_enum.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace probesweep::fuzz {

struct Rpc {
  std::string path;  // "/probesweep.v1.SweepService/GetSweep"
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::set<grpc::StatusCode> documented;  // the errors that its comment lists

  const std::string& name() const { return method->name(); }
  // Answers come until the caller goes away.
  bool endless() const { return method->name() == "WatchSweep" || method->name() == "Watch"; }
};

// Reads the files in proto/, and health.proto. A new RPC is in here as soon as it is in its file.
class RpcCatalogue {
 public:
  explicit RpcCatalogue(const std::string& source_dir);

  const std::vector<Rpc>& rpcs() const { return rpcs_; }
  const Rpc& Find(const std::string& path) const;
  // Why the files cannot be read; empty when they can.
  const std::string& errors() const { return errors_.text; }

  std::unique_ptr<google::protobuf::Message> NewRequest(const Rpc& rpc) {
    return New(*rpc.method->input_type());
  }
  std::unique_ptr<google::protobuf::Message> NewResponse(const Rpc& rpc) {
    return New(*rpc.method->output_type());
  }

 private:
  struct Errors : google::protobuf::compiler::MultiFileErrorCollector {
    void AddError(const std::string& file, int line, int column, const std::string& message) override;
    std::string text;
  };
  std::unique_ptr<google::protobuf::Message> New(const google::protobuf::Descriptor& type);
  void AddServices(const google::protobuf::FileDescriptor& file);

  google::protobuf::compiler::DiskSourceTree tree_;
  Errors errors_;
  google::protobuf::compiler::Importer importer_;
  google::protobuf::DynamicMessageFactory factory_;
  std::vector<Rpc> rpcs_;
};

}  // namespace probesweep::fuzz

#endif  // PROBESWEEP_TESTS_FUZZ_RPC_RPC_CATALOGUE_H_
