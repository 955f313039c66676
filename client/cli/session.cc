#include "client/cli/session.h"

#include "common/status.h"

namespace probesweep::client {

absl::StatusOr<Client*> Session::client() {
  if (client_ == nullptr) {
    PS_ASSIGN_OR_RETURN(const Settings settings, ResolveSettings(flags_, world_.environment));
    PS_ASSIGN_OR_RETURN(client_, world_.connect(settings));
  }
  return client_.get();
}

}  // namespace probesweep::client
