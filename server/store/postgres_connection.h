#ifndef PROBESWEEP_SERVER_STORE_POSTGRES_CONNECTION_H_
#define PROBESWEEP_SERVER_STORE_POSTGRES_CONNECTION_H_

#include <libpq-fe.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/store/database.h"

namespace probesweep::server {

// One session with a PostgreSQL server. Every wait ends: a server that says nothing for `silence` counts as
// lost. Statements are prepared once a session. Not thread-safe.
//
// Errors: UNAVAILABLE (lost, busy, read-only, out of space), ALREADY_EXISTS, DATA_LOSS (the server found
// damage), INTERNAL (bad SQL).
class PostgresConnection {
 public:
  // `name` stands for the URI in messages. Errors: UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<PostgresConnection>> Connect(const std::string& uri,
                                                                     const std::string& name,
                                                                     absl::Duration silence);

  absl::Status Query(absl::string_view sql, const SqlRow& parameters,
                     absl::FunctionRef<absl::Status(const SqlRow&)> on_row);
  // The statement once for each row of parameters, without a round trip for each.
  absl::Status ExecuteMany(absl::string_view sql, const std::vector<SqlRow>& rows);

  // Whether it can be used; notices at once when the server closed it meanwhile.
  bool Usable();
  // Whether a statement of the running transaction failed.
  bool transaction_failed() const { return PQtransactionStatus(connection_.get()) == PQTRANS_INERROR; }

 private:
  struct Close {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Result = std::unique_ptr<PGresult, Clear>;

  PostgresConnection(PGconn* connection, std::string name, absl::Duration silence)
      : connection_(connection), name_(std::move(name)), silence_(silence) {}

  absl::Status SetUp();
  // The name under which the server knows the statement.
  absl::StatusOr<std::string> Prepare(absl::string_view sql);
  absl::Status Send(const std::string& statement, const SqlRow& parameters);
  absl::Status SendMany(const std::string& statement, const std::vector<SqlRow>& rows, size_t begin,
                        size_t end);
  absl::Status Flush();
  // Waits until the server said something, or, when `for_writing`, takes more.
  absl::Status Await(bool for_writing);
  // The next result; null after a statement's last one.
  absl::StatusOr<Result> NextResult();
  // Reads a statement's results to their end, so that the next one may be sent.
  absl::Status Finish(absl::string_view sql, absl::FunctionRef<absl::Status(const SqlRow&)> on_row);
  absl::Status FinishPipeline(absl::string_view sql);

  absl::Status Lost(absl::string_view why);
  // OK unless `result` is an error.
  absl::Status StatusOf(const PGresult* result, absl::string_view sql);

  const std::unique_ptr<PGconn, Close> connection_;
  const std::string name_;
  const absl::Duration silence_;
  bool lost_ = false;
  std::map<std::string, std::string> statements_;  // SQL → name
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_POSTGRES_CONNECTION_H_
