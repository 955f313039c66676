#ifndef PROBESWEEP_SERVER_RPC_CALL_AUDIT_H_
#define PROBESWEEP_SERVER_RPC_CALL_AUDIT_H_

#include <grpcpp/support/server_interceptor.h>

#include <memory>

#include "server/auth/audit_log.h"
#include "server/auth/authenticator.h"

namespace probesweep::server {

// Writes the calls that the access table marks as audited, when their status is sent. For ServerBuilder.
// Nothing passed is owned.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> AuditCalls(
    const Authenticator* authenticator, AuditLog* audit);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_RPC_CALL_AUDIT_H_
