#include "common/rpc/token_source.h"

#include <utility>

#include "common/logging.h"
#include "common/secret_file.h"
#include "common/status.h"

namespace probesweep {

absl::StatusOr<std::shared_ptr<TokenSource>> TokenSource::Open(const ChannelSecurity& security,
                                                               Clock* clock) {
  if (!security.token.empty()) {
    PS_RETURN_IF_ERROR(CheckToken(security.token, "PROBESWEEP_TOKEN"));
    return std::shared_ptr<TokenSource>(new TokenSource(security.token, "", clock));
  }
  if (security.token_file.empty()) return std::shared_ptr<TokenSource>();
  PS_ASSIGN_OR_RETURN(std::string token, ReadTokenFile(security.token_file, "--token-file"));
  return std::shared_ptr<TokenSource>(new TokenSource(std::move(token), security.token_file, clock));
}

std::string TokenSource::Current() {
  {
    absl::MutexLock lock(&mutex_);
    if (file_.empty() || clock_->Steady() - read_at_ < kRefresh) return token_;
    read_at_ = clock_->Steady();
  }
  absl::StatusOr<std::string> token = ReadTokenFile(file_, "--token-file");
  absl::MutexLock lock(&mutex_);
  if (token.ok()) {
    token_ = *std::move(token);
  } else {
    spdlog::warn("the former token stays in use: {}", token.status().message());
  }
  return token_;
}

}  // namespace probesweep
