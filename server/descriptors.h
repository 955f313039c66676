#ifndef PROBESWEEP_SERVER_DESCRIPTORS_H_
#define PROBESWEEP_SERVER_DESCRIPTORS_H_

namespace probesweep::server {

// Lets this process open as many files and connections as the system allows it: shells and service managers
// often start with 1024, which a thousand workers exhaust.
void RaiseDescriptorLimit();

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_DESCRIPTORS_H_
