#include "server/store/postgres_database.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "common/status.h"
#include "server/store/postgres_connection.h"
#include "server/store/postgres_uri.h"

namespace probesweep::server {
namespace {

class PostgresDatabase : public Database {
 public:
  PostgresDatabase(std::string uri, const PostgresOptions& options)
      : uri_(std::move(uri)), name_(RedactUri(uri_)), options_(options) {}

  absl::Status Query(absl::string_view sql, const SqlRow& parameters,
                     absl::FunctionRef<absl::Status(const SqlRow&)> on_row) override {
    PS_RETURN_IF_ERROR(NeedConnection());
    return connection_->Query(sql, parameters, on_row);
  }

  absl::Status ExecuteMany(absl::string_view sql, const std::vector<SqlRow>& rows) override {
    PS_RETURN_IF_ERROR(NeedConnection());
    return connection_->ExecuteMany(sql, rows);
  }

  bool LeavesCommitsInDoubt() const override { return true; }

  absl::Status Transact(absl::FunctionRef<absl::Status()> work) override {
    // Whatever the server's default is: a statement sees what was committed before it began.
    PS_RETURN_IF_ERROR(Execute("BEGIN ISOLATION LEVEL READ COMMITTED"));
    in_transaction_ = true;
    const absl::Cleanup ended = [this] { in_transaction_ = false; };
    absl::Status status = work();
    if (status.ok()) status = Commit();
    if (!status.ok() && connection_->Usable()) {
      const absl::Status undone = Execute("ROLLBACK");
      if (!undone.ok()) spdlog::error("{}", undone.message());
    }
    return status;
  }

  // Connects when it is not connected.
  absl::Status NeedConnection() {
    if (connection_ != nullptr && connection_->Usable()) return absl::OkStatus();
    if (in_transaction_) {
      return absl::UnavailableError(
          absl::StrCat("store ", name_, ": the connection was lost in the middle of a transaction"));
    }
    const bool again = connection_ != nullptr;
    connection_.reset();
    PS_ASSIGN_OR_RETURN(connection_, PostgresConnection::Connect(uri_, name_, options_.silence));
    if (again) spdlog::info("store {}: connected again", name_);
    return absl::OkStatus();
  }

 private:
  absl::Status Commit() {
    // The server answers COMMIT with success although it undoes a transaction in which something failed.
    if (connection_->transaction_failed()) {
      return absl::InternalError(absl::StrCat("store ", name_, ": a statement of the transaction failed"));
    }
    const absl::Status committed = Execute("COMMIT");
    if (committed.ok() || connection_->Usable()) return committed;
    return Annotate(committed, "it is not known whether the last change was stored");
  }

  const std::string uri_, name_;
  const PostgresOptions options_;
  std::unique_ptr<PostgresConnection> connection_;  // null: not connected
  bool in_transaction_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(const std::string& uri,
                                                       const PostgresOptions& options) {
  PS_RETURN_IF_ERROR(CheckPostgresUri(uri));
  auto database = std::make_unique<PostgresDatabase>(uri, options);
  PS_RETURN_IF_ERROR(database->NeedConnection());
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace probesweep::server
