// The login in front of every call, health and reflection included.
#ifndef PROBESWEEP_SERVER_RPC_LOGIN_H_
#define PROBESWEEP_SERVER_RPC_LOGIN_H_

#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/security/server_credentials.h>

#include <map>
#include <memory>

#include "common/tls_files.h"
#include "server/auth/audit_log.h"
#include "server/auth/authenticator.h"
#include "server/rpc/rpc_observer.h"

namespace probesweep::server {

// What a caller shows: its authorization header and the names of its certificate.
Presented ReadPresented(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata,
                        const grpc::AuthContext& context);

// Refuses calls before gRPC reads their messages, with Authenticator::Authorize's errors. Refused calls never
// reach an interceptor, so they are told to `observer` and `audit` here. Nothing passed is owned.
std::shared_ptr<grpc::AuthMetadataProcessor> MakeLoginProcessor(const Authenticator* authenticator,
                                                                AuditLog* audit, RpcObserver observer);

// For the listening port, with the processor where one is needed: TLS when `tls` has a certificate (with a
// CA: clients must have certificates of it), else plain. The files are looked at again every other second.
std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(
    const TlsFiles& tls, bool login, const std::shared_ptr<grpc::AuthMetadataProcessor>& processor);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_LOGIN_H_
