// How commands print what the coordinator answers.
#ifndef PROBESWEEP_CLIENT_CLI_OUTPUT_H_
#define PROBESWEEP_CLIENT_CLI_OUTPUT_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/cli/session.h"
#include "probesweep/v1/resources.pb.h"

namespace probesweep::client {

// The message as JSON with the proto's own field names, and a line end.
std::string JsonText(const google::protobuf::Message& message);

// A JSON array, one element a line.
template <typename Messages>
std::string JsonList(const Messages& messages);

// "2026-11-24 21:07:13" in UTC; "-" when not set.
std::string TimeText(const google::protobuf::Timestamp& time);

// "running", "done", …
const char* TaskStateName(v1::TaskState state);

// "12/40".
std::string DoneText(const v1::TaskCounts& counts);

// Tells on `err` what the planner found odd.
void PrintWarnings(const v1::Sweep& sweep, Session& session);

// Names on `err` every task of the sweep that failed, with its error.
absl::Status PrintFailedTasks(const v1::Sweep& sweep, Client& client, Session& session);

template <typename Messages>
std::string JsonList(const Messages& messages) {
  std::string text = "[";
  for (const auto& message : messages) {
    std::string element = JsonText(message);
    element.pop_back();
    text += (text.size() == 1 ? "\n" : ",\n") + element;
  }
  return text + "\n]\n";
}

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_OUTPUT_H_
