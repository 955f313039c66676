#include "server/descriptors.h"

#include <sys/resource.h>

#include "common/logging.h"

namespace probesweep::server {

void RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) spdlog::debug("the limit on open files stays as it is");
}

}  // namespace probesweep::server
