// What a pass on the CPU holds at its peak, item by item. Torch-free.
#ifndef PROBESWEEP_WORKER_ENGINE_MEMORY_PLAN_H_
#define PROBESWEEP_WORKER_ENGINE_MEMORY_PLAN_H_

#include <cstdint>

namespace probesweep::worker {

struct PlanInput;

// Bytes of the largest array that glibc keeps for the next one; a larger one goes back to the system as soon
// as it is free.
inline constexpr int64_t kKeptByAllocator = int64_t{32} << 20;

// In bytes.
struct MemoryPlan {
  int64_t process = 0;          // programs, datasets, what was tokenized
  int64_t embedding = 0;        // in fp32; gone before the second block comes
  int64_t first_block = 0;      // read meanwhile
  int64_t weights = 0;          // the present block and the next, in fp32, and copies made while it is read
  int64_t residual_stream = 0;  // of all rows
  int64_t representations = 0;  // of the present layer and of those under analysis
  int64_t kept = 0;             // of layer 0, which others are compared with
  int64_t activations = 0;      // of the chunks under way, were there nothing else
  int64_t analysis = 0;         // of the analyses under way, likewise
  int64_t working = 0;          // of both: they share the threads

  int64_t peak() const;
};

MemoryPlan PlanMemory(const PlanInput& input);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_ENGINE_MEMORY_PLAN_H_
