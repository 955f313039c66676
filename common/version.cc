#include "common/version.h"

namespace probesweep {

const char* Version() { return PROBESWEEP_VERSION; }
const char* EngineVersion() { return "4"; }

}  // namespace probesweep
