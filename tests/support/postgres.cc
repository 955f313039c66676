#include "tests/support/postgres.h"

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace probesweep::testing {
namespace {

constexpr char kUser[] = "postgres";

using Connection = std::unique_ptr<PGconn, void (*)(PGconn*)>;
using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;

// Debian keeps the programs of each version in a folder that is not in PATH.
std::string ProgramFolder() {
  std::vector<std::string> folders;
  std::error_code none;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
    const std::string folder = version.path().string() + "/bin";
    if (std::filesystem::exists(folder + "/initdb")) folders.push_back(folder);
  }
  return folders.empty() ? "" : *std::max_element(folders.begin(), folders.end());
}

bool IsRoot() { return ::geteuid() == 0; }

}  // namespace

PostgresServer::PostgresServer(std::vector<std::string> settings) : settings_(std::move(settings)) {
  if (ProgramFolder().empty()) {
    ADD_FAILURE()
        << "there is no /usr/lib/postgresql/*/bin/initdb: install postgresql-15, or all that the tests "
           "need with deploy/install-packages.sh tests";
    return;
  }
  if (IsRoot()) {
    const passwd* const user = ::getpwnam(kUser);
    const bool given = user != nullptr && ::chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) == 0;
    EXPECT_TRUE(given) << "the user '" << kUser << "' of postgresql-common is not there";
  }
  const Finished made =
      RunProgram(AsItsUser("initdb", {"--pgdata", folder_.File("data"), "--username", kUser, "--auth",
                                      "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"}));
  EXPECT_EQ(made.exit_code, 0) << made.out << made.err;
  Start();
}

PostgresServer::~PostgresServer() {
  if (server_ == nullptr) return;
  Resume();
  StopAtOnce();
}

std::vector<std::string> PostgresServer::AsItsUser(const std::string& program,
                                                   const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv;
  // Changing the user takes away that the program dies with the test: setpriv gives it back.
  if (IsRoot()) {
    const std::string user = kUser;
    argv = {"/usr/bin/setpriv", "--reuid=" + user, "--regid=" + user, "--init-groups", "--pdeathsig=KILL"};
  }
  argv.push_back(absl::StrCat(ProgramFolder(), "/", program));
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

void PostgresServer::Start() {
  std::vector<std::string> arguments = {"-D", folder_.File("data"), "-k", folder_.path(),
                                        "-c", "listen_addresses="};
  for (const std::string& setting : settings_) {
    arguments.push_back("-c");
    arguments.push_back(setting);
  }
  server_ = std::make_unique<Process>(AsItsUser("postgres", arguments));
  const bool serves =
      Eventually([this] { return PQping(Uri(kUser).c_str()) == PQPING_OK || server_->Ended().has_value(); });
  EXPECT_TRUE(serves && !server_->Ended().has_value()) << server_->err();
}

void PostgresServer::StopAtOnce() {
  server_->Signal(SIGQUIT);
  EXPECT_TRUE(server_->Wait(absl::Seconds(30)).has_value()) << server_->err();
}

void PostgresServer::Pause() { SignalAll(SIGSTOP); }
void PostgresServer::Resume() { SignalAll(SIGCONT); }

void PostgresServer::SignalAll(int signal_number) {
  server_->Signal(signal_number);
  const std::string pid = absl::StrCat(server_->pid());
  std::ifstream children(absl::StrCat("/proc/", pid, "/task/", pid, "/children"));
  for (pid_t child = 0; children >> child;) ::kill(child, signal_number);
}

std::string PostgresServer::Uri(const std::string& database) const {
  return absl::StrCat("postgresql:///", database, "?user=", kUser, "&host=", folder_.path());
}

std::string PostgresServer::MakeDatabase() {
  const std::string name = absl::StrCat("test", ++databases_);
  Execute(Uri(kUser), "CREATE DATABASE " + name);
  return Uri(name);
}

void PostgresServer::Execute(const std::string& uri, const std::string& sql) {
  const Connection connection(PQconnectdb(uri.c_str()), PQfinish);
  const Result result(PQexec(connection.get(), sql.c_str()), PQclear);
  EXPECT_EQ(PQresultStatus(result.get()), PGRES_COMMAND_OK)
      << sql << ": " << PQerrorMessage(connection.get());
}

std::string PostgresServer::Value(const std::string& uri, const std::string& sql) {
  const Connection connection(PQconnectdb(uri.c_str()), PQfinish);
  const Result result(PQexec(connection.get(), sql.c_str()), PQclear);
  const bool answered = PQresultStatus(result.get()) == PGRES_TUPLES_OK && PQntuples(result.get()) == 1;
  EXPECT_TRUE(answered) << sql << ": " << PQerrorMessage(connection.get());
  return answered ? PQgetvalue(result.get(), 0, 0) : "";
}

}  // namespace probesweep::testing
