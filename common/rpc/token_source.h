#ifndef PROBESWEEP_COMMON_RPC_TOKEN_SOURCE_H_
#define PROBESWEEP_COMMON_RPC_TOKEN_SOURCE_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/rpc/channel_security.h"

namespace probesweep {

// The token that calls carry. One from a file is read again now and then, so that a worker that runs for
// weeks takes a new one without a restart. Thread-safe.
class TokenSource {
 public:
  static constexpr absl::Duration kRefresh = absl::Seconds(10);

  // Null when `security` has no token. Errors: as of ReadTokenFile and CheckToken.
  static absl::StatusOr<std::shared_ptr<TokenSource>> Open(const ChannelSecurity& security, Clock* clock);

  // The last one that could be read.
  std::string Current();

 private:
  TokenSource(std::string token, std::string file, Clock* clock)
      : file_(std::move(file)), clock_(clock), token_(std::move(token)), read_at_(clock->Steady()) {}

  const std::string file_;  // empty: the token stays
  Clock* const clock_;
  absl::Mutex mutex_;
  std::string token_ ABSL_GUARDED_BY(mutex_);
  absl::Duration read_at_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_RPC_TOKEN_SOURCE_H_
