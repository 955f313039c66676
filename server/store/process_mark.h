// A process as another one of the same machine recognises it, also after it ended.
#ifndef PROBESWEEP_SERVER_STORE_PROCESS_MARK_H_
#define PROBESWEEP_SERVER_STORE_PROCESS_MARK_H_

#include <string>

namespace probesweep::server {

// Host, boot, namespace of process ids, id and start time of this process; "" where the system does not tell.
std::string ThisProcessMark();

// Whether the process of that mark is known to have ended: it ran under this very boot of this machine, in
// this namespace, and is not there any more. False when that cannot be told.
bool HasEnded(const std::string& mark);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_PROCESS_MARK_H_
