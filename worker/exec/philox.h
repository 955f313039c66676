// Random numbers by counter: the same on every machine, in any order.
#ifndef PROBESWEEP_WORKER_EXEC_PHILOX_H_
#define PROBESWEEP_WORKER_EXEC_PHILOX_H_

#include <array>
#include <cstdint>

namespace probesweep::worker {

// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): four random words
// that are a function of counter and key.
std::array<uint32_t, 4> Philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// A number in [0, 1), a multiple of 2⁻⁵³, for the place (major, minor) of the stream `seed`: the first two
// words of Philox, the first of them the more significant, with the seed as the key and (minor, major) as the
// counter, each less significant half first.
double UniformAt(uint64_t seed, uint64_t major, uint64_t minor);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_EXEC_PHILOX_H_
