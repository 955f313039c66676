#include "server/store/process_mark.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace probesweep::server {
namespace {

// Where processes have the same ids; "" when it is not known.
std::string ThisPlace() {
  char host[256] = "";
  if (::gethostname(host, sizeof host - 1) != 0) return "";
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  char space[64] = "";
  if (boot.empty() || ::readlink("/proc/self/ns/pid", space, sizeof space - 1) <= 0) return "";
  return absl::StrCat(host, " ", boot, " ", space);
}

struct ProcessStatus {
  char state = '?';
  std::string start_time;  // clock ticks since the boot
};

// Nothing when the system does not tell, as of other users' processes.
std::optional<ProcessStatus> StatusOf(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  // The program's name, in brackets, may hold anything.
  const size_t name_end = text.rfind(") ");
  if (name_end == std::string::npos) return std::nullopt;
  const std::vector<std::string> fields = absl::StrSplit(text.substr(name_end + 2), ' ');
  constexpr size_t kState = 0, kStartTime = 19;
  if (fields.size() <= kStartTime || fields[kState].size() != 1) return std::nullopt;
  return ProcessStatus{fields[kState].front(), fields[kStartTime]};
}

}  // namespace

std::string ThisProcessMark() {
  const std::string place = ThisPlace();
  const std::optional<ProcessStatus> status = StatusOf(::getpid());
  if (place.empty() || !status.has_value()) return "";
  return absl::StrCat(place, " ", ::getpid(), " ", status->start_time);
}

bool HasEnded(const std::string& mark) {
  const std::string place = ThisPlace();
  absl::string_view rest = mark;
  if (place.empty() || !absl::ConsumePrefix(&rest, absl::StrCat(place, " "))) return false;
  const std::vector<std::string> process = absl::StrSplit(rest, ' ');
  pid_t pid = 0;
  if (process.size() != 2 || !absl::SimpleAtoi(process[0], &pid) || pid <= 0) return false;
  if (::kill(pid, 0) != 0 && errno == ESRCH) return true;
  const std::optional<ProcessStatus> status = StatusOf(pid);
  if (!status.has_value()) return false;
  const bool not_yet_reaped = status->state == 'Z' || status->state == 'X';
  return not_yet_reaped || status->start_time != process[1];
}

}  // namespace probesweep::server
