#ifndef PROBESWEEP_COMMON_RPC_CHANNEL_H_
#define PROBESWEEP_COMMON_RPC_CHANNEL_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/channel_security.h"
#include "common/rpc/token_source.h"

namespace probesweep {

// Makes channels to coordinators: plain, with TLS or mTLS, with a token. Certificates and the token's file
// are looked at again while channels live; replaced ones are taken without a restart. Copies share them.
class ChannelFactory {
 public:
  // Errors: INVALID_ARGUMENT (flags that do not fit together), NOT_FOUND, FAILED_PRECONDITION (a file that
  // cannot be used, and how to mend it).
  static absl::StatusOr<ChannelFactory> Create(const ChannelSecurity& security);

  // Connects lazily. `address`: host:port. Errors: FAILED_PRECONDITION when the token would cross a network
  // readable.
  absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const std::string& address,
                                                         const grpc::ChannelArguments& arguments) const;

 private:
  ChannelFactory(std::shared_ptr<grpc::ChannelCredentials> credentials, bool encrypted,
                 std::shared_ptr<TokenSource> token)
      : credentials_(std::move(credentials)), encrypted_(encrypted), token_(std::move(token)) {}

  std::shared_ptr<grpc::ChannelCredentials> credentials_;
  bool encrypted_;
  std::shared_ptr<TokenSource> token_;  // null: none
};

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_RPC_CHANNEL_H_
