// What the worker's log lines are about, in the form that all lines have (common/log_fields.h).
#ifndef PROBESWEEP_WORKER_AGENT_OUTCOME_FIELDS_H_
#define PROBESWEEP_WORKER_AGENT_OUTCOME_FIELDS_H_

#include <string>

#include "worker/agent/outcome.h"

namespace probesweep::worker {

// sweep, lease, worker, checkpoint.
std::string FieldsOf(const std::string& worker_id, const v1::Grant& grant);
// sweep, task, lease, worker, epoch, checkpoint; `task` is one of the grant's.
std::string FieldsOf(const std::string& worker_id, const v1::Grant& grant, const v1::GrantedTask& task);
// What an outcome tells without its grant: task, lease, worker, epoch.
std::string FieldsOf(const Outcome& outcome);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_OUTCOME_FIELDS_H_
