// A coordinator and its workers as processes, over a folder of their own, with the client's commands.
#ifndef PROBESWEEP_TESTS_E2E_CLUSTER_H_
#define PROBESWEEP_TESTS_E2E_CLUSTER_H_

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/test_data.h"

namespace probesweep::testing {

// For a test's one thread. What should work and does not fails the test and is returned empty.
class Cluster {
 public:
  // Leases as short as the coordinator allows, so that a killed worker's tasks are soon given to another.
  static constexpr absl::Duration kLeaseTtl = absl::Seconds(6);

  explicit Cluster(absl::Duration lease_ttl = kLeaseTtl) : lease_ttl_(lease_ttl) {}

  // Waits until it serves: the first time on a free port, then on that one again, over the same data.
  void StartCoordinator();
  // Waits until it is registered. An id that was used before replaces that worker, which must have ended.
  // One thread unless `flags` say otherwise: several tests may run at a time.
  Process& StartWorker(const std::string& id, const std::vector<std::string>& flags = {"--threads", "1"});
  Process& coordinator() { return *coordinator_; }
  Process& worker(const std::string& id) { return *workers_.at(id); }

  // What `probesweep` answers with this coordinator.
  Finished Client(const std::vector<std::string>& arguments) const;
  // `probesweep sweep submit` with a file of this text.
  Finished Submit(const std::string& sweep_text, const std::vector<std::string>& flags = {}) const;
  nlohmann::json Sweep(const std::string& name) const;
  // In planned order: `checkpoint`, `dimension`, `state`, `epoch`, `error`, …
  nlohmann::json Tasks(const std::string& name) const;
  // CSV, as it is printed.
  std::string Export(const std::string& name) const;
  // Every artifact with its digest, one a line below a header.
  std::string Artifacts(const std::string& name) const;

  std::string File(const std::string& name) const { return folder_.File(name); }
  // Writes a file and returns its path.
  std::string Write(const std::string& name, const std::string& text) const;
  std::string data_folder() const { return File("data"); }
  // Where the worker's results wait for the coordinator.
  std::string SpoolFolder(const std::string& worker_id) const {
    return File("state/probesweep/spool/" + worker_id);
  }
  const std::string& address() const { return address_; }

 private:
  ProcessOptions Environment() const;

  const absl::Duration lease_ttl_;
  TempDir folder_;
  std::string address_ = "127.0.0.1:0";  // the coordinator's, once it served
  std::unique_ptr<Process> coordinator_;
  std::map<std::string, std::unique_ptr<Process>> workers_;
};

std::string Program(const std::string& name);  // path of one of our binaries

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_E2E_CLUSTER_H_
