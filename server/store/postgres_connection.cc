#include "server/store/postgres_connection.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "common/status.h"
#include "server/store/postgres_values.h"

namespace probesweep::server {
namespace {

// Rows sent before their answers are read: bounds what libpq keeps in memory.
constexpr size_t kPipelineRows = 1000;

// Options that the URI may override: they stand before it.
//
// A host that does not answer costs 4 s; a second one in the URI is tried then. A server that only follows
// another takes no changes: the one that does is looked for among the hosts of the URI.
constexpr const char* kDefaults[][2] = {{"connect_timeout", "4"},
                                        {"target_session_attrs", "read-write"},
                                        {"keepalives_idle", "10"},
                                        {"keepalives_interval", "5"},
                                        {"keepalives_count", "3"},
                                        {"tcp_user_timeout", "10000"},
                                        {"fallback_application_name", "probesweepd"}};

// A commit is durable when it returns; a stronger setting of the server stays. A lock is not waited for
// longer than a client waits, and a coordinator that stopped in the middle of a transaction does not keep the
// others from leading: the server ends its session.
constexpr char kRaiseDurability[] =
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') = 'off'";
constexpr const char* kSessionSettings[] = {
    kRaiseDurability, "SET lock_timeout = '4s'", "SET idle_in_transaction_session_timeout = '5s'",
    // Rows are looked up by key. A plan made while a table was small, which reads all of it, would stay.
    "SET enable_seqscan = off",
    // The server notices within this time that nobody waits for a long statement any more.
    "SET client_connection_check_interval = '5s'"};

absl::Status IgnoreRow(const SqlRow&) { return absl::OkStatus(); }

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresConnection>> PostgresConnection::Connect(const std::string& uri,
                                                                                const std::string& name,
                                                                                absl::Duration silence) {
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : kDefaults) {
    keywords.push_back(keyword);
    values.push_back(value);
  }
  for (const auto& [keyword, value] :
       {std::pair("dbname", uri.c_str()), std::pair("client_encoding", "UTF8")}) {
    keywords.push_back(keyword);
    values.push_back(value);
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  std::unique_ptr<PostgresConnection> connection(new PostgresConnection(
      PQconnectdbParams(keywords.data(), values.data(), /*expand_dbname=*/1), name, silence));
  PGconn* const handle = connection->connection_.get();
  if (handle == nullptr || PQstatus(handle) != CONNECTION_OK) {
    std::string why = handle == nullptr ? "no memory" : PQerrorMessage(handle);
    absl::StripAsciiWhitespace(&why);
    return absl::UnavailableError(
        absl::StrCat("cannot connect to the store ", name, ": ", why,
                     "; check that PostgreSQL runs there and that the user may use the database"));
  }
  PS_RETURN_IF_ERROR(connection->SetUp());
  return connection;
}

absl::Status PostgresConnection::SetUp() {
  if (PQsetnonblocking(connection_.get(), 1) != 0) return Lost(PQerrorMessage(connection_.get()));
  PQsetNoticeProcessor(
      connection_.get(),
      [](void*, const char* notice) {
        spdlog::debug("postgresql: {}", absl::StripTrailingAsciiWhitespace(notice));
      },
      nullptr);
  for (const char* setting : kSessionSettings) PS_RETURN_IF_ERROR(Query(setting, {}, IgnoreRow));
  return absl::OkStatus();
}

bool PostgresConnection::Usable() {
  if (lost_) return false;
  pollfd waiting{PQsocket(connection_.get()), POLLIN, 0};
  // Between statements a server speaks only to say goodbye: after its last words the socket ends.
  while (!lost_ && ::poll(&waiting, 1, 0) > 0) lost_ = PQconsumeInput(connection_.get()) == 0;
  lost_ = lost_ || PQstatus(connection_.get()) != CONNECTION_OK;
  return !lost_;
}

absl::Status PostgresConnection::Query(absl::string_view sql, const SqlRow& parameters,
                                       absl::FunctionRef<absl::Status(const SqlRow&)> on_row) {
  PS_ASSIGN_OR_RETURN(const std::string statement, Prepare(sql));
  PS_RETURN_IF_ERROR(Send(statement, parameters));
  // Row by row: a table need not fit into memory twice.
  PQsetSingleRowMode(connection_.get());
  PS_RETURN_IF_ERROR(Flush());
  return Finish(sql, on_row);
}

absl::Status PostgresConnection::ExecuteMany(absl::string_view sql, const std::vector<SqlRow>& rows) {
  if (rows.empty()) return absl::OkStatus();
  PS_ASSIGN_OR_RETURN(const std::string statement, Prepare(sql));
  for (size_t begin = 0; begin < rows.size(); begin += kPipelineRows) {
    if (PQenterPipelineMode(connection_.get()) != 1) return Lost(PQerrorMessage(connection_.get()));
    PS_RETURN_IF_ERROR(SendMany(statement, rows, begin, std::min(rows.size(), begin + kPipelineRows)));
    const absl::Status status = FinishPipeline(sql);
    if (!lost_ && PQexitPipelineMode(connection_.get()) != 1) return Lost(PQerrorMessage(connection_.get()));
    PS_RETURN_IF_ERROR(status);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> PostgresConnection::Prepare(absl::string_view sql) {
  const auto known = statements_.find(std::string(sql));
  if (known != statements_.end()) return known->second;
  const std::string name = absl::StrCat("s", statements_.size());
  if (PQsendPrepare(connection_.get(), name.c_str(), std::string(sql).c_str(), 0, nullptr) != 1) {
    return Lost(PQerrorMessage(connection_.get()));
  }
  PS_RETURN_IF_ERROR(Flush());
  PS_RETURN_IF_ERROR(Finish(sql, IgnoreRow));
  statements_.emplace(sql, name);
  return name;
}

absl::Status PostgresConnection::Send(const std::string& statement, const SqlRow& parameters) {
  const PostgresParameters converted(parameters);
  if (PQsendQueryPrepared(connection_.get(), statement.c_str(), converted.size(), converted.data(), nullptr,
                          nullptr,
                          /*resultFormat=*/0) != 1) {
    return Lost(PQerrorMessage(connection_.get()));
  }
  return absl::OkStatus();
}

absl::Status PostgresConnection::SendMany(const std::string& statement, const std::vector<SqlRow>& rows,
                                          size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) PS_RETURN_IF_ERROR(Send(statement, rows[i]));
  if (PQpipelineSync(connection_.get()) != 1) return Lost(PQerrorMessage(connection_.get()));
  return Flush();
}

absl::Status PostgresConnection::Flush() {
  while (true) {
    const int left = PQflush(connection_.get());
    if (left == 0) return absl::OkStatus();
    if (left < 0) return Lost(PQerrorMessage(connection_.get()));
    PS_RETURN_IF_ERROR(Await(/*for_writing=*/true));
  }
}

absl::Status PostgresConnection::Await(bool for_writing) {
  pollfd waiting{PQsocket(connection_.get()), static_cast<short>(for_writing ? POLLIN | POLLOUT : POLLIN), 0};
  int ready = 0;
  do {
    ready = ::poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(silence_)));
  } while (ready < 0 && errno == EINTR);
  if (ready == 0) return Lost(absl::StrCat("it did not answer for ", absl::FormatDuration(silence_)));
  // While it writes, too: two sides that only write wait for each other.
  if ((waiting.revents & ~POLLOUT) != 0 && PQconsumeInput(connection_.get()) == 0) {
    return Lost(PQerrorMessage(connection_.get()));
  }
  return absl::OkStatus();
}

absl::StatusOr<PostgresConnection::Result> PostgresConnection::NextResult() {
  while (PQisBusy(connection_.get()) == 1) PS_RETURN_IF_ERROR(Await(/*for_writing=*/false));
  Result result(PQgetResult(connection_.get()));
  if (PQstatus(connection_.get()) != CONNECTION_OK) return Lost(PQerrorMessage(connection_.get()));
  return result;
}

absl::Status PostgresConnection::Finish(absl::string_view sql,
                                        absl::FunctionRef<absl::Status(const SqlRow&)> on_row) {
  absl::Status status;
  SqlRow row;
  while (true) {
    PS_ASSIGN_OR_RETURN(const Result result, NextResult());
    if (result == nullptr) return status;
    if (!status.ok()) continue;
    status = StatusOf(result.get(), sql);
    for (int i = 0; status.ok() && i < PQntuples(result.get()); ++i) {
      ReadPostgresRow(result.get(), i, row);
      status = on_row(row);
    }
  }
}

absl::Status PostgresConnection::FinishPipeline(absl::string_view sql) {
  absl::Status status;
  while (true) {
    PS_ASSIGN_OR_RETURN(const Result result, NextResult());
    if (result == nullptr) continue;  // a statement's last one
    if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) return status;
    // The statements after one that failed are not run: theirs are no errors of their own.
    if (status.ok()) status = StatusOf(result.get(), sql);
  }
}

absl::Status PostgresConnection::Lost(absl::string_view why) {
  lost_ = true;
  return absl::UnavailableError(
      absl::StrCat("store ", name_, ": the connection was lost: ", absl::StripAsciiWhitespace(why)));
}

absl::Status PostgresConnection::StatusOf(const PGresult* result, absl::string_view sql) {
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE ||
      status == PGRES_PIPELINE_ABORTED) {
    return absl::OkStatus();
  }
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* const message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const absl::string_view code = state == nullptr ? "" : state;
  return absl::Status(CodeOfSqlState(code),
                      absl::StrCat("store ", name_, ": cannot run '", sql,
                                   "': ", message == nullptr ? "unknown error" : message,
                                   code == "53100" ? "; free some space on the server's disk" : ""));
}

}  // namespace probesweep::server
