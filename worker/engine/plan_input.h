// What plans are made from, taken from what a pass has at hand before it reads weights.
#ifndef PROBESWEEP_WORKER_ENGINE_PLAN_INPUT_H_
#define PROBESWEEP_WORKER_ENGINE_PLAN_INPUT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/engine/opened_checkpoint.h"
#include "worker/engine/pass_plan.h"
#include "worker/exec/pack.h"
#include "worker/model/check_weights.h"

namespace probesweep::worker {

// What of a block's attention and experts its tensors' shapes do not tell.
struct BlockFields {
  int64_t heads = 1;
  int64_t experts_of_row = 0;  // that a row goes through; 0: all that there are
};

// `tensors`: of one block; `hidden`: above 0.
BlockShape ShapeOfBlock(const std::vector<WeightTensor>& tensors, int64_t hidden, const BlockFields& fields);

// The checkpoint's part of the input. Errors: INVALID_ARGUMENT naming the field of config.json.
absl::StatusOr<PlanInput> DescribeCheckpoint(const OpenedCheckpoint& checkpoint, const std::string& folder);

// `pack`: of these statements.
PlannedDimension DescribeDimension(const std::string& name,
                                   const std::vector<std::vector<int64_t>>& statements, const Pack& pack);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ENGINE_PLAN_INPUT_H_
