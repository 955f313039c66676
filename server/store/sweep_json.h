// Sweeps as the JSON that the store keeps. Fields are only added; absent ones read as their defaults.
#ifndef PROBESWEEP_SERVER_STORE_SWEEP_JSON_H_
#define PROBESWEEP_SERVER_STORE_SWEEP_JSON_H_

#include <string>

#include "absl/status/status.h"
#include "common/result_columns.h"
#include "server/domain/sweep.h"

namespace probesweep::server {

// The same spec gives the same bytes.
std::string SpecToJson(const SweepSpec& spec);
// Checkpoints and warnings.
std::string PlanToJson(const Sweep& sweep);
std::string NamesToJson(const std::vector<std::string>& names);

// Errors: DATA_LOSS.
absl::Status SpecFromJson(const std::string& text, SweepSpec& spec);
absl::Status PlanFromJson(const std::string& text, Sweep& sweep);
// As releases kept a result row's values that stored each row by itself.
absl::Status ValuesFromJson(const std::string& text, ResultValues& values);
absl::Status NamesFromJson(const std::string& text, std::vector<std::string>& names);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_SWEEP_JSON_H_
