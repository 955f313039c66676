// One outcome as a file of the spool:
//
//   bytes  what
//   8      "PSSPOOL1"
//   8      n, the message's length, little-endian
//   64     SHA-256 of kind and message, in lower-case hex digits
//   1      kind: 'C', a CommitTaskRequest; 'F', a FailTaskRequest
//   n      the message
//   …      the artifacts' bytes, one behind the other, in the order and with the sizes that the message says
//
// All of it is under a digest: the artifacts are under those by which the message names them. So a file that
// is torn or damaged is told from a whole one, and an artifact is read once to be checked and sent.
#ifndef PROBESWEEP_WORKER_AGENT_SPOOL_FILE_H_
#define PROBESWEEP_WORKER_AGENT_SPOOL_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/agent/outcome.h"

namespace probesweep::worker {

// Makes `path`, which must not be there, and fsyncs it. What an error leaves of it is the caller's to remove.
// Errors: RESOURCE_EXHAUSTED (disk full) and others of writing.
absl::Status WriteSpoolFile(const std::string& path, const Outcome& outcome);

// Reads and checks all but the artifacts' bytes; those are checked one by one as the outcome hands them out.
// Errors: DATA_LOSS (torn or damaged), those of reading.
absl::StatusOr<Outcome> ReadSpoolFile(const std::string& path);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_AGENT_SPOOL_FILE_H_
