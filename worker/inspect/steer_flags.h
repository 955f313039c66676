#ifndef PROBESWEEP_WORKER_INSPECT_STEER_FLAGS_H_
#define PROBESWEEP_WORKER_INSPECT_STEER_FLAGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/exec/steering.h"

namespace probesweep::worker {

// The flags of `generate` that steer, each as often as it was given. The first of each belong together, then
// the second, and so on; a flag given once holds for all.
struct SteerFlags {
  std::vector<std::string> files;      // --steer
  std::vector<std::string> keys;       // --steer-key
  std::vector<int64_t> layers;         // --steer-layer
  std::vector<double> alphas;          // --alpha; 1 where it is not given
  std::vector<std::string> positions;  // --steer-positions: last or all; last where it is not given
};

// Reads what the flags name, for `model`, which `checkpoint` names in messages. Errors: INVALID_ARGUMENT
// naming the flag; as ReadSteeringVector and CheckSteering.
absl::StatusOr<std::vector<Steering>> ReadSteering(const SteerFlags& flags, const Model& model,
                                                   const std::string& checkpoint);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_INSPECT_STEER_FLAGS_H_
