#include "worker/agent/outcome_fields.h"

#include "common/log_fields.h"

namespace probesweep::worker {

std::string FieldsOf(const std::string& worker_id, const v1::Grant& grant) {
  return LogFields({{"sweep", grant.sweep_id()},
                    {"lease", grant.lease_id()},
                    {"worker", worker_id},
                    {"checkpoint", grant.checkpoint().name()}});
}

std::string FieldsOf(const std::string& worker_id, const v1::Grant& grant, const v1::GrantedTask& task) {
  return LogFields({{"sweep", grant.sweep_id()},
                    {"task", task.task_id()},
                    {"lease", grant.lease_id()},
                    {"worker", worker_id},
                    {"epoch", task.epoch()},
                    {"checkpoint", grant.checkpoint().name()}});
}

std::string FieldsOf(const Outcome& outcome) {
  return LogFields({{"task", outcome.task_id()},
                    {"lease", outcome.lease_id()},
                    {"worker", outcome.worker().worker_id()},
                    {"epoch", outcome.epoch()}});
}

}  // namespace probesweep::worker
