#include "worker/engine/process_memory.h"

#include <fstream>
#include <string>

namespace probesweep::worker {
namespace {

// A line of /proc/self/status, such as "VmHWM:    1234 kB".
int64_t StatusBytes(const char* field) {
  std::ifstream status("/proc/self/status");
  std::string name;
  while (status >> name) {
    int64_t kibibytes = 0;
    if (name == field && status >> kibibytes) return kibibytes * 1024;
    std::getline(status, name);
  }
  return 0;
}

}  // namespace

int64_t ResidentBytes() { return StatusBytes("VmRSS:"); }
int64_t PeakResidentBytes() { return StatusBytes("VmHWM:"); }
void ForgetPeak() { std::ofstream("/proc/self/clear_refs") << "5"; }

}  // namespace probesweep::worker
