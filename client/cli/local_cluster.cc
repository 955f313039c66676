#include "client/cli/local_cluster.h"

#include <signal.h>
#include <time.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(50);
constexpr uint64_t kMaxReadyFileBytes = 64 << 10;

// SIGINT and SIGTERM, blocked for this thread and those to come while the object lives.
class StopSignals {
 public:
  StopSignals() {
    ::sigemptyset(&signals_);
    ::sigaddset(&signals_, SIGINT);
    ::sigaddset(&signals_, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  ~StopSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Waits for one of them, at most `patience`; true when it came.
  bool Wait(absl::Duration patience) {
    const timespec timeout = absl::ToTimespec(patience);
    return ::sigtimedwait(&signals_, nullptr, &timeout) > 0;
  }

 private:
  sigset_t signals_;
  sigset_t before_;
};

class LocalCluster {
 public:
  explicit LocalCluster(const LocalClusterOptions& options) : options_(options) {}

  // OK when a signal ended it.
  absl::Status Run(const std::function<absl::Status(const ServingAddresses&)>& on_ready) {
    ServingAddresses addresses;
    PS_RETURN_IF_ERROR(StartCoordinator(addresses));
    if (stopping_) return absl::OkStatus();
    PS_RETURN_IF_ERROR(StartWorker(addresses));
    if (stopping_) return absl::OkStatus();
    PS_RETURN_IF_ERROR(on_ready(addresses));
    return WaitUntil([] { return false; }, absl::InfiniteDuration()).status();
  }

  // The worker first: it still needs the coordinator to give back what it holds.
  void Stop() {
    StopChild(worker_.get(), options_.worker_stop_patience);
    StopChild(coordinator_.get(), options_.coordinator_stop_patience);
  }

 private:
  absl::Status StartCoordinator(ServingAddresses& addresses) {
    std::vector<std::string> arguments = options_.coordinator_arguments;
    arguments.insert(arguments.end(), {"--ready-file", options_.ready_file});
    PS_ASSIGN_OR_RETURN(coordinator_, ChildProcess::Start(options_.coordinator_program, arguments));
    const auto ready = [&] {
      absl::StatusOr<ServingAddresses> read = ReadReadyFile(options_.ready_file);
      if (read.ok()) addresses = *std::move(read);
      return !addresses.grpc.empty();
    };
    return Expect(WaitUntil(ready, options_.startup_patience), "the coordinator did not get ready");
  }

  absl::Status StartWorker(const ServingAddresses& addresses) {
    std::vector<std::string> arguments = options_.worker_arguments;
    arguments.insert(arguments.end(), {"--coordinator", addresses.grpc});
    PS_ASSIGN_OR_RETURN(worker_, ChildProcess::Start(options_.worker_program, arguments));
    const auto ready = [&] { return options_.worker_is_there(addresses.grpc); };
    return Expect(WaitUntil(ready, options_.startup_patience), "the worker did not register");
  }

  // A time that ran out becomes an error, unless a signal ended the wait.
  absl::Status Expect(const absl::StatusOr<bool>& happened, absl::string_view otherwise) const {
    PS_RETURN_IF_ERROR(happened.status());
    if (*happened || stopping_) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat(
        otherwise, " within ", absl::FormatDuration(options_.startup_patience), "; see its log above"));
  }

  // True when `condition` came true; false when a signal came (then stopping_ is set) or time ran out.
  // Errors: UNAVAILABLE when a child ended by itself.
  absl::StatusOr<bool> WaitUntil(const std::function<bool()>& condition, absl::Duration patience) {
    const absl::Duration deadline = Clock::System()->Steady() + patience;
    while (!condition()) {
      for (ChildProcess* child : {coordinator_.get(), worker_.get()}) {
        if (child == nullptr || !child->Ended()) continue;
        return absl::UnavailableError(
            absl::StrCat(child->name(), " ended by itself: ", *child->Ended(), "; see its log above"));
      }
      stopping_ = signals_.Wait(kPoll);
      if (stopping_ || Clock::System()->Steady() > deadline) return false;
    }
    return true;
  }

  void StopChild(ChildProcess* child, absl::Duration patience) {
    if (child == nullptr) return;
    child->Signal(SIGTERM);
    const absl::Duration deadline = Clock::System()->Steady() + patience;
    while (!child->Ended()) {
      if (signals_.Wait(kPoll) || Clock::System()->Steady() > deadline) child->Signal(SIGKILL);
    }
  }

  const LocalClusterOptions& options_;
  StopSignals signals_;
  bool stopping_ = false;
  std::unique_ptr<ChildProcess> coordinator_;
  std::unique_ptr<ChildProcess> worker_;
};

}  // namespace

absl::Status RunLocalCluster(const LocalClusterOptions& options,
                             const std::function<absl::Status(const ServingAddresses&)>& on_ready) {
  LocalCluster cluster(options);
  absl::Status status = cluster.Run(on_ready);
  cluster.Stop();
  return status;
}

absl::StatusOr<ServingAddresses> ReadReadyFile(const std::string& path) {
  PS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxReadyFileBytes));
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("grpc") || !json["grpc"].is_string()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " does not say where the coordinator serves"));
  }
  ServingAddresses addresses;
  addresses.grpc = json["grpc"].get<std::string>();
  if (json.contains("http") && json["http"].is_string()) addresses.http = json["http"].get<std::string>();
  return addresses;
}

std::string ReadyFileText(const ServingAddresses& addresses) {
  return nlohmann::json{{"grpc", addresses.grpc}, {"http", addresses.http}}.dump() + "\n";
}

}  // namespace probesweep::client
