#include "client/cli/output.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "client/render/progress.h"
#include "common/printable.h"
#include "common/status.h"

namespace probesweep::client {

std::string JsonText(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string text;
  // Our messages hold no Any, the one thing that cannot be printed.
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) text = "{}";
  return text + "\n";
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return "-";
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(time.seconds()), absl::UTCTimeZone());
}

const char* TaskStateName(v1::TaskState state) {
  switch (state) {
    case v1::TASK_STATE_READY:
      return "ready";
    case v1::TASK_STATE_LEASED:
      return "running";
    case v1::TASK_STATE_RETRY_WAIT:
      return "to be retried";
    case v1::TASK_STATE_DONE:
      return "done";
    case v1::TASK_STATE_QUARANTINED:
      return "failed";
    case v1::TASK_STATE_CANCELLED:
      return "cancelled";
    default:
      return "unknown";
  }
}

std::string DoneText(const v1::TaskCounts& counts) {
  return absl::StrCat(counts.done(), "/", TotalTasks(counts));
}

void PrintWarnings(const v1::Sweep& sweep, Session& session) {
  for (const std::string& warning : sweep.warnings())
    session.err() << "warning: " << Printable(warning) << "\n";
}

absl::Status PrintFailedTasks(const v1::Sweep& sweep, Client& client, Session& session) {
  if (sweep.tasks().quarantined() == 0) return absl::OkStatus();
  PS_ASSIGN_OR_RETURN(const std::vector<v1::Task> tasks, client.ListTasks(sweep.id()));
  session.err() << "failed tasks:\n";
  for (const v1::Task& task : tasks) {
    if (task.state() != v1::TASK_STATE_QUARANTINED) continue;
    session.err() << "  " << Printable(task.checkpoint()) << " " << Printable(task.dimension()) << ": "
                  << Printable(task.error()) << "\n";
  }
  return absl::OkStatus();
}

}  // namespace probesweep::client
