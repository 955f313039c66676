#ifndef PROBESWEEP_WORKER_MODEL_BLOCK_TENSORS_H_
#define PROBESWEEP_WORKER_MODEL_BLOCK_TENSORS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "worker/checkpoint/weight_source.h"
#include "worker/model/model.h"

namespace probesweep::worker {

// Names of the tensors that are a block's: they begin with its prefix, perhaps after the model's own.
std::vector<std::string> BlockTensors(const Model& model, int64_t layer, const WeightSource& weights);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_BLOCK_TENSORS_H_
