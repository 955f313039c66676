#include "server/rpc/rpc_observer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "probesweep/v1/sweep_service.pb.h"
#include "probesweep/v1/worker_service.pb.h"

namespace probesweep::server {
namespace {

namespace experimental = grpc::experimental;

class CallObserver : public experimental::Interceptor {
 public:
  CallObserver(std::string method, Clock* clock, const RpcObserver* observer)
      : method_(std::move(method)), clock_(clock), observer_(observer), start_(clock->Steady()) {}

  void Intercept(experimental::InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(experimental::InterceptionHookPoints::PRE_SEND_STATUS)) {
      (*observer_)(method_, static_cast<absl::StatusCode>(batch->GetSendStatus().error_code()),
                   clock_->Steady() - start_);
    }
    batch->Proceed();
  }

 private:
  const std::string method_;
  Clock* const clock_;
  const RpcObserver* const observer_;
  const absl::Duration start_;
};

class CallObserverFactory : public experimental::ServerInterceptorFactoryInterface {
 public:
  CallObserverFactory(Clock* clock, RpcObserver observer) : clock_(clock), observer_(std::move(observer)) {}

  experimental::Interceptor* CreateServerInterceptor(experimental::ServerRpcInfo* info) override {
    return new CallObserver(ObservedMethod(info->method()), clock_, &observer_);
  }

 private:
  Clock* const clock_;
  const RpcObserver observer_;
};

}  // namespace

std::vector<std::string> RpcMethods() {
  std::vector<std::string> methods;
  for (const google::protobuf::FileDescriptor* file :
       {v1::GetSweepRequest::descriptor()->file(), v1::HeartbeatRequest::descriptor()->file()}) {
    const google::protobuf::ServiceDescriptor& service = *file->service(0);
    for (int i = 0; i < service.method_count(); ++i) {
      methods.push_back(absl::StrCat(service.name(), "/", service.method(i)->name()));
    }
  }
  return methods;
}

std::string ObservedMethod(absl::string_view path) {
  static const auto& methods = *new std::vector<std::string>(RpcMethods());
  absl::ConsumePrefix(&path, "/probesweep.v1.");
  const bool known = std::find(methods.begin(), methods.end(), path) != methods.end();
  return known ? std::string(path) : "other";
}

std::unique_ptr<experimental::ServerInterceptorFactoryInterface> ObserveRpcs(Clock* clock,
                                                                             RpcObserver observer) {
  return std::make_unique<CallObserverFactory>(clock, std::move(observer));
}

}  // namespace probesweep::server
