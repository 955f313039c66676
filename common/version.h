#ifndef PROBESWEEP_COMMON_VERSION_H_
#define PROBESWEEP_COMMON_VERSION_H_

namespace probesweep {

// The release, e.g. "0.1.0".
const char* Version();

// Changes whenever a number that the engine computes may change; part of every result's reuse key.
const char* EngineVersion();

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_VERSION_H_
