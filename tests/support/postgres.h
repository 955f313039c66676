// A real PostgreSQL server, started by a test and never left behind.
#ifndef PROBESWEEP_TESTS_SUPPORT_POSTGRES_H_
#define PROBESWEEP_TESTS_SUPPORT_POSTGRES_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/test_data.h"

namespace probesweep::testing {

// Over a folder of its own, on a Unix socket in it; as the user `postgres` when root runs the test, since
// PostgreSQL refuses root. A machine without PostgreSQL fails the test: it is one of the packages that the
// tests need. For a test's one thread.
class PostgresServer {
 public:
  // `settings`: "name=value" of postgresql.conf. Killed processes lose nothing without fsync, only machines
  // do.
  explicit PostgresServer(std::vector<std::string> settings = {"fsync=off"});
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Makes an empty database and returns its URI.
  std::string MakeDatabase();
  // Runs SQL in the database that `uri` names; a failure fails the test.
  void Execute(const std::string& uri, const std::string& sql);
  // The same for a query that answers with one value.
  std::string Value(const std::string& uri, const std::string& sql);

  // `pg_ctl stop -m immediate`: every process of it dies at once, as in a crash.
  void StopAtOnce();
  // Waits until it takes connections.
  void Start();
  // SIGSTOP to every process of it, and SIGCONT.
  void Pause();
  void Resume();

 private:
  std::string Uri(const std::string& database) const;
  std::vector<std::string> AsItsUser(const std::string& program,
                                     const std::vector<std::string>& arguments) const;
  void SignalAll(int signal_number);

  const std::vector<std::string> settings_;
  TempDir folder_;
  std::unique_ptr<Process> server_;
  int databases_ = 0;
};

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_SUPPORT_POSTGRES_H_
