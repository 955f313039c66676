#include "server/rpc/call_audit.h"

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <string>

#include "server/auth/access_table.h"
#include "server/rpc/login.h"

namespace probesweep::server {
namespace {

namespace experimental = grpc::experimental;
using experimental::InterceptionHookPoints;

// The text of a field, "" when the message has no such field.
std::string Text(const google::protobuf::Message& message, const char* field) {
  const google::protobuf::FieldDescriptor* descriptor = message.GetDescriptor()->FindFieldByName(field);
  if (descriptor == nullptr || descriptor->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING ||
      descriptor->is_repeated()) {
    return "";
  }
  return message.GetReflection()->GetString(message, descriptor);
}

class CallAudit : public experimental::Interceptor {
 public:
  CallAudit(experimental::ServerRpcInfo* info, const Authenticator* authenticator, AuditLog* audit)
      : info_(info), authenticator_(authenticator), audit_(audit) {
    entry_.method = info->method();
  }

  void Intercept(experimental::InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      NoteCaller(*batch->GetRecvInitialMetadata());
    }
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE)) {
      NoteRequest(static_cast<const google::protobuf::Message*>(batch->GetRecvMessage()));
    }
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_MESSAGE)) {
      NoteResponse(static_cast<const google::protobuf::Message*>(batch->GetSendMessage()));
    }
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      const grpc::Status status = batch->GetSendStatus();
      entry_.result =
          absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
      audit_->Write(entry_);
    }
    batch->Proceed();
  }

 private:
  void NoteCaller(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
    grpc::ServerContextBase& context = *info_->server_context();
    entry_.peer = context.peer();
    // The login let the call through just now; a file that changed in between leaves the caller unnamed.
    entry_.identity = authenticator_->Identify(ReadPresented(metadata, *context.auth_context()))
                          .value_or(Identity{"unknown", {}, "none"});
  }

  // gRPC hands out the message that its handler gets: of a type derived from Message alone, so that both have
  // one address. Null for one that could not be parsed, and behind the last one of a stream.
  void NoteRequest(const google::protobuf::Message* request) {
    if (request == nullptr) return;
    if (entry_.sweep_id.empty()) entry_.sweep_id = Text(*request, "sweep_id");
    if (entry_.worker_id.empty()) entry_.worker_id = Text(*request, "worker_id");
    if (entry_.digest.empty()) entry_.digest = Text(*request, "digest");
    const auto* worker = request->GetDescriptor()->FindFieldByName("worker");
    if (worker == nullptr || worker->message_type() == nullptr || worker->is_repeated()) return;
    entry_.worker_id = Text(request->GetReflection()->GetMessage(*request, worker), "worker_id");
  }

  // A new sweep's id is in the answer alone.
  void NoteResponse(const google::protobuf::Message* response) {
    if (response == nullptr || response->GetDescriptor()->name() != "Sweep") return;
    if (entry_.sweep_id.empty()) entry_.sweep_id = Text(*response, "id");
  }

  experimental::ServerRpcInfo* const info_;
  const Authenticator* const authenticator_;
  AuditLog* const audit_;
  AuditEntry entry_;
};

class CallAuditFactory : public experimental::ServerInterceptorFactoryInterface {
 public:
  CallAuditFactory(const Authenticator* authenticator, AuditLog* audit)
      : authenticator_(authenticator), audit_(audit) {}

  // None for methods that are not audited: most calls pay nothing.
  experimental::Interceptor* CreateServerInterceptor(experimental::ServerRpcInfo* info) override {
    const AccessRule* rule = FindRule(info->method());
    if (rule == nullptr || !rule->audited) return nullptr;
    return new CallAudit(info, authenticator_, audit_);
  }

 private:
  const Authenticator* const authenticator_;
  AuditLog* const audit_;
};

}  // namespace

std::unique_ptr<experimental::ServerInterceptorFactoryInterface> AuditCalls(
    const Authenticator* authenticator, AuditLog* audit) {
  return std::make_unique<CallAuditFactory>(authenticator, audit);
}

}  // namespace probesweep::server
