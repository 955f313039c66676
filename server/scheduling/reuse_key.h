#ifndef PROBESWEEP_SERVER_SCHEDULING_REUSE_KEY_H_
#define PROBESWEEP_SERVER_SCHEDULING_REUSE_KEY_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/domain/sweep.h"

namespace probesweep::server {

// Names the work of one task: two tasks with one key give the same rows and the same artifact bytes. A digest
// over the checkpoint's identity, the dimension, the analysis configuration and the engine's version, the
// names that go into artifacts' metadata, and the text by which a sweep asks to be computed anew. A
// checkpoint without identity gives a key of its own, from `task_id`: what the coordinator cannot see, it
// cannot know to be unchanged.
std::string ReuseKey(const SweepSpec& spec, const Checkpoint& checkpoint, const Dimension& dimension,
                     absl::string_view engine_version, absl::string_view task_id);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_SCHEDULING_REUSE_KEY_H_
