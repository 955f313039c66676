#include "server/rpc/login.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <string>
#include <utility>

#include "server/rpc/status.h"

namespace probesweep::server {
namespace {

namespace experimental = grpc::experimental;

constexpr unsigned kRefreshSeconds = 2;

void AddNames(const grpc::AuthContext& context, const char* property, Credential::Kind kind,
              std::vector<Credential>& names) {
  for (const grpc::string_ref& value : context.FindPropertyValues(property)) {
    names.push_back({kind, std::string(value.data(), value.size())});
  }
}

class LoginProcessor : public grpc::AuthMetadataProcessor {
 public:
  LoginProcessor(const Authenticator* authenticator, AuditLog* audit, RpcObserver observer)
      : authenticator_(authenticator), audit_(audit), observer_(std::move(observer)) {}

  // A hash and some comparisons: not worth a thread.
  bool IsBlocking() const override { return false; }

  // The context belongs to the connection, not to the call: who calls is not written into it, since another
  // call on this connection may have another token. Nothing is consumed, so that the audit reads it again.
  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* context, OutputMetadata*,
                       OutputMetadata*) override {
    const auto path = metadata.find(":path");
    const std::string method =
        path == metadata.end() ? "" : std::string(path->second.data(), path->second.size());
    const Presented presented = ReadPresented(metadata, *context);
    const absl::Status status = authenticator_->Authorize(presented, method).status();
    if (!status.ok()) {
      Refuse(presented, method, status);
    }
    return ToGrpcStatus(status);
  }

 private:
  void Refuse(const Presented& presented, const std::string& method, const absl::Status& status) {
    AuditEntry entry;
    entry.identity = authenticator_->Identify(presented).value_or(Identity{"unknown", {}, "none"});
    entry.method = method;
    entry.result = status;
    audit_->WriteRefusal(entry);
    observer_(ObservedMethod(method), status.code(), absl::ZeroDuration());
  }

  const Authenticator* const authenticator_;
  AuditLog* const audit_;
  const RpcObserver observer_;
};

std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(const TlsFiles& tls) {
  experimental::TlsServerCredentialsOptions options(
      std::make_shared<experimental::FileWatcherCertificateProvider>(tls.key, tls.cert, tls.ca,
                                                                     kRefreshSeconds));
  options.watch_identity_key_cert_pairs();
  if (!tls.ca.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return experimental::TlsServerCredentials(options);
}

}  // namespace

Presented ReadPresented(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata,
                        const grpc::AuthContext& context) {
  Presented presented;
  const auto header = metadata.find("authorization");
  if (header != metadata.end()) {
    presented.authorization = std::string(header->second.data(), header->second.size());
  }
  AddNames(context, GRPC_X509_CN_PROPERTY_NAME, Credential::Kind::kCommonName, presented.certificate);
  AddNames(context, GRPC_PEER_URI_PROPERTY_NAME, Credential::Kind::kUri, presented.certificate);
  AddNames(context, GRPC_PEER_DNS_PROPERTY_NAME, Credential::Kind::kDns, presented.certificate);
  return presented;
}

std::shared_ptr<grpc::AuthMetadataProcessor> MakeLoginProcessor(const Authenticator* authenticator,
                                                                AuditLog* audit, RpcObserver observer) {
  return std::make_shared<LoginProcessor>(authenticator, audit, std::move(observer));
}

std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(
    const TlsFiles& tls, bool login, const std::shared_ptr<grpc::AuthMetadataProcessor>& processor) {
  if (tls.cert.empty() && !login) return grpc::InsecureServerCredentials();
  // gRPC's insecure credentials take no processor. Local ones speak plain text just so, and to loopback
  // alone.
  std::shared_ptr<grpc::ServerCredentials> credentials =
      tls.cert.empty() ? experimental::LocalServerCredentials(LOCAL_TCP) : MakeTlsCredentials(tls);
  credentials->SetAuthMetadataProcessor(processor);
  return credentials;
}

}  // namespace probesweep::server
