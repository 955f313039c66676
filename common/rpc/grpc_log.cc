#include "common/rpc/grpc_log.h"

#include <grpc/support/log.h>

#include "common/logging.h"

namespace probesweep {

void RouteGrpcLog() {
  gpr_set_log_function([](gpr_log_func_args* line) {
    const auto level = line->severity == GPR_LOG_SEVERITY_ERROR ? spdlog::level::debug : spdlog::level::trace;
    spdlog::log(level, "grpc: {}", line->message);
  });
}

}  // namespace probesweep
