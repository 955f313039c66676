#include "common/rpc/channel.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/support/client_interceptor.h>
#include <stdlib.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/loopback.h"
#include "common/status.h"

namespace probesweep {
namespace {

namespace experimental = grpc::experimental;

constexpr unsigned kRefreshSeconds = 2;

// Adds the token to a call. Not as gRPC's call credentials: those exist only beside TLS.
class TokenInterceptor : public experimental::Interceptor {
 public:
  explicit TokenInterceptor(TokenSource* token) : token_(token) {}

  void Intercept(experimental::InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(experimental::InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      batch->GetSendInitialMetadata()->emplace("authorization", absl::StrCat("Bearer ", token_->Current()));
    }
    batch->Proceed();
  }

 private:
  TokenSource* const token_;
};

class TokenInterceptorFactory : public experimental::ClientInterceptorFactoryInterface {
 public:
  explicit TokenInterceptorFactory(std::shared_ptr<TokenSource> token) : token_(std::move(token)) {}
  experimental::Interceptor* CreateClientInterceptor(experimental::ClientRpcInfo*) override {
    return new TokenInterceptor(token_.get());
  }

 private:
  const std::shared_ptr<TokenSource> token_;
};

// Blocking calls move connections on only while they last. When all of them fail at once, the coordinator
// being away, a connection that is being made is looked at by gRPC's backup poller alone: every 5 seconds
// unless this variable, read when gRPC starts, says otherwise. A lease may be over by then.
void PollConnectionsOften() { ::setenv("GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS", "200", /*replace=*/0); }

std::shared_ptr<grpc::ChannelCredentials> MakeTlsCredentials(const TlsFiles& files) {
  experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::make_shared<experimental::FileWatcherCertificateProvider>(
      files.key, files.cert, files.ca, kRefreshSeconds));
  options.watch_root_certs();
  if (!files.cert.empty()) options.watch_identity_key_cert_pairs();
  return experimental::TlsCredentials(options);
}

}  // namespace

absl::StatusOr<ChannelFactory> ChannelFactory::Create(const ChannelSecurity& security) {
  PollConnectionsOften();
  const TlsFiles& tls = security.tls;
  const bool has_identity = !tls.cert.empty() || !tls.key.empty();
  if (tls.ca.empty() && has_identity) {
    return absl::InvalidArgumentError(
        "--tls-cert and --tls-key need --tls-ca: the CA that signed the coordinator's certificate");
  }
  if (has_identity) PS_RETURN_IF_ERROR(CheckIdentityFiles(tls, absl::Now()));
  if (!tls.ca.empty()) PS_RETURN_IF_ERROR(CheckAuthorityFile(tls, "--tls-ca"));
  PS_ASSIGN_OR_RETURN(std::shared_ptr<TokenSource> token, TokenSource::Open(security, Clock::System()));
  return ChannelFactory(tls.ca.empty() ? grpc::InsecureChannelCredentials() : MakeTlsCredentials(tls),
                        !tls.ca.empty(), std::move(token));
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelFactory::Connect(
    const std::string& address, const grpc::ChannelArguments& arguments) const {
  if (token_ == nullptr) return grpc::CreateCustomChannel(address, credentials_, arguments);
  if (!encrypted_ && !IsLoopback(HostOf(address))) {
    return absl::FailedPreconditionError(
        absl::StrCat("the token would reach ", address,
                     " in plain text, where others can read it; give the coordinator's CA with --tls-ca, or "
                     "forward the port (ssh -L) and connect to 127.0.0.1"));
  }
  std::vector<std::unique_ptr<experimental::ClientInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(std::make_unique<TokenInterceptorFactory>(token_));
  return experimental::CreateCustomChannelWithInterceptors(address, credentials_, arguments,
                                                           std::move(interceptors));
}

}  // namespace probesweep
