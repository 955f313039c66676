#include "tests/fuzz/rpc/rpc_catalogue.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace probesweep::fuzz {
namespace {

using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

const std::map<std::string, grpc::StatusCode>& Codes() {
  static const auto& codes = *new std::map<std::string, grpc::StatusCode>{
      {"INVALID_ARGUMENT", grpc::StatusCode::INVALID_ARGUMENT},
      {"NOT_FOUND", grpc::StatusCode::NOT_FOUND},
      {"ALREADY_EXISTS", grpc::StatusCode::ALREADY_EXISTS},
      {"RESOURCE_EXHAUSTED", grpc::StatusCode::RESOURCE_EXHAUSTED},
      {"FAILED_PRECONDITION", grpc::StatusCode::FAILED_PRECONDITION},
      {"ABORTED", grpc::StatusCode::ABORTED},
      {"DATA_LOSS", grpc::StatusCode::DATA_LOSS},
      {"INTERNAL", grpc::StatusCode::INTERNAL}};
  return codes;
}

std::string CommentOf(const MethodDescriptor& method) {
  google::protobuf::SourceLocation location;
  return method.GetSourceLocation(&location) ? location.leading_comments : "";
}

// What stands behind "Errors:". "As SweepService.PutBlob": what stands there.
std::set<grpc::StatusCode> ErrorsOf(const MethodDescriptor& method) {
  const std::string comment = CommentOf(method);
  std::set<grpc::StatusCode> errors;
  const size_t begin = comment.find("Errors:");
  if (begin == std::string::npos) return errors;
  const std::string listed = comment.substr(begin);
  const auto no_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '.';
  };
  std::string word;
  for (const char c : listed + " ") {
    if (!no_word(c)) {
      word += c;
      continue;
    }
    while (!word.empty() && word.back() == '.') word.pop_back();
    if (const auto code = Codes().find(word); code != Codes().end()) errors.insert(code->second);
    const std::string full = absl::StrCat(method.file()->package(), ".", word);
    if (const MethodDescriptor* other = method.file()->pool()->FindMethodByName(full);
        other != nullptr && other != &method) {
      const std::set<grpc::StatusCode> same = ErrorsOf(*other);
      errors.insert(same.begin(), same.end());
    }
    word.clear();
  }
  return errors;
}

}  // namespace

void RpcCatalogue::Errors::AddError(const std::string& file, int line, int, const std::string& message) {
  absl::StrAppend(&text, file, ":", line + 1, ": ", message, "\n");
}

RpcCatalogue::RpcCatalogue(const std::string& source_dir) : importer_(&tree_, &errors_) {
  tree_.MapPath("", source_dir + "/proto");
  tree_.MapPath("", source_dir + "/tests/fuzz/rpc");
  tree_.MapPath("", "/usr/include");  // google/protobuf/timestamp.proto and its like
  for (const char* file :
       {"probesweep/v1/sweep_service.proto", "probesweep/v1/worker_service.proto", "health.proto"}) {
    if (const FileDescriptor* read = importer_.Import(file); read != nullptr) AddServices(*read);
  }
}

void RpcCatalogue::AddServices(const FileDescriptor& file) {
  for (int s = 0; s < file.service_count(); ++s) {
    for (int m = 0; m < file.service(s)->method_count(); ++m) {
      const MethodDescriptor& method = *file.service(s)->method(m);
      rpcs_.push_back(
          {absl::StrCat("/", method.service()->full_name(), "/", method.name()), &method, ErrorsOf(method)});
    }
  }
}

const Rpc& RpcCatalogue::Find(const std::string& path) const {
  return *std::find_if(rpcs_.begin(), rpcs_.end(), [&](const Rpc& rpc) { return rpc.path == path; });
}

std::unique_ptr<google::protobuf::Message> RpcCatalogue::New(const google::protobuf::Descriptor& type) {
  // Those that the server itself parses with, where they are linked in.
  const auto* linked =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type.full_name());
  const google::protobuf::Message* prototype =
      linked == nullptr ? factory_.GetPrototype(&type)
                        : google::protobuf::MessageFactory::generated_factory()->GetPrototype(linked);
  return std::unique_ptr<google::protobuf::Message>(prototype->New());
}

}  // namespace probesweep::fuzz
