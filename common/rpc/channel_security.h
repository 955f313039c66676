#ifndef PROBESWEEP_COMMON_RPC_CHANNEL_SECURITY_H_
#define PROBESWEEP_COMMON_RPC_CHANNEL_SECURITY_H_

#include <string>

#include "common/tls_files.h"

namespace probesweep {

// How a client or a worker shows itself to a coordinator, and knows it. Nothing set: plain text, no login.
struct ChannelSecurity {
  TlsFiles tls;            // with a CA: TLS; with certificate and key too: mTLS
  std::string token;       // PROBESWEEP_TOKEN; wins over token_file
  std::string token_file;  // --token-file
};

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_RPC_CHANNEL_SECURITY_H_
