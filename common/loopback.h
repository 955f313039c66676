#ifndef PROBESWEEP_COMMON_LOOPBACK_H_
#define PROBESWEEP_COMMON_LOOPBACK_H_

#include <string>

namespace probesweep {

// True when only this machine can reach `host`: localhost, 127.0.0.0/8, ::1.
bool IsLoopback(const std::string& host);

// The host of "host:port" or "[host]:port"; all of `address` when it has no port.
std::string HostOf(const std::string& address);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_LOOPBACK_H_
