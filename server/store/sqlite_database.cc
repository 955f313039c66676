#include "server/store/sqlite_database.h"

#include <sqlite3.h>

#include <map>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "common/status.h"

namespace probesweep::server {
namespace {

struct CloseConnection {
  void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
// Reuse keys are digests: each commit touches pages all over the tables. The usual 2 MiB hold too few of
// them, and the usual 1000 pages between two checkpoints are soon written, so that each page would go to the
// disk again and again.
constexpr char kCacheSize[] = "PRAGMA cache_size = -65536";  // KiB
constexpr char kCheckpointEvery[] = "PRAGMA wal_autocheckpoint = 4000";

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

class SqliteDatabase : public Database {
 public:
  SqliteDatabase(Connection connection, std::string path)
      : connection_(std::move(connection)), path_(std::move(path)) {}

  absl::Status Query(absl::string_view sql, const SqlRow& parameters,
                     absl::FunctionRef<absl::Status(const SqlRow&)> on_row) override {
    PS_ASSIGN_OR_RETURN(sqlite3_stmt * statement, Prepare(sql));
    const auto reset = absl::MakeCleanup([statement] {
      sqlite3_reset(statement);
      sqlite3_clear_bindings(statement);
    });
    for (size_t i = 0; i < parameters.size(); ++i) {
      if (Bind(statement, static_cast<int>(i) + 1, parameters[i]) != SQLITE_OK) return Error("bind");
    }
    SqlRow row(static_cast<size_t>(sqlite3_column_count(statement)));
    while (true) {
      const int result = sqlite3_step(statement);
      if (result == SQLITE_DONE) return absl::OkStatus();
      if (result != SQLITE_ROW) return Error("run");
      for (size_t i = 0; i < row.size(); ++i) row[i] = Column(statement, static_cast<int>(i));
      PS_RETURN_IF_ERROR(on_row(row));
    }
  }

  absl::Status ExecuteMany(absl::string_view sql, const std::vector<SqlRow>& rows) override {
    for (const SqlRow& row : rows) PS_RETURN_IF_ERROR(Execute(sql, row));
    return absl::OkStatus();
  }

  bool LeavesCommitsInDoubt() const override { return false; }

  absl::Status Transact(absl::FunctionRef<absl::Status()> work) override {
    // A deferred transaction that turns into a writing one fails at once when another writes: take the lock
    // now.
    PS_RETURN_IF_ERROR(Execute("BEGIN IMMEDIATE"));
    absl::Status status = work();
    if (status.ok()) status = Execute("COMMIT");
    if (!status.ok() && sqlite3_get_autocommit(connection_.get()) == 0) {
      const absl::Status undone = Execute("ROLLBACK");
      if (!undone.ok()) spdlog::error("{}", undone.ToString());
    }
    return status;
  }

 private:
  absl::StatusOr<sqlite3_stmt*> Prepare(absl::string_view sql) {
    Statement& statement = statements_[std::string(sql)];
    if (statement == nullptr) {
      sqlite3_stmt* prepared = nullptr;
      if (sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()), &prepared,
                             nullptr) != SQLITE_OK) {
        return Error(absl::StrCat("prepare '", sql, "'"));
      }
      statement.reset(prepared);
    }
    return statement.get();
  }

  static int Bind(sqlite3_stmt* statement, int index, const SqlValue& value) {
    if (const auto* integer = std::get_if<int64_t>(&value))
      return sqlite3_bind_int64(statement, index, *integer);
    if (const auto* real = std::get_if<double>(&value)) return sqlite3_bind_double(statement, index, *real);
    if (const auto* text = std::get_if<std::string>(&value)) {
      return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    return sqlite3_bind_null(statement, index);
  }

  static SqlValue Column(sqlite3_stmt* statement, int index) {
    switch (sqlite3_column_type(statement, index)) {
      case SQLITE_INTEGER:
        return SqlValue(int64_t{sqlite3_column_int64(statement, index)});
      case SQLITE_FLOAT:
        return SqlValue(sqlite3_column_double(statement, index));
      case SQLITE_NULL:
        return SqlValue();
      default: {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, index));
        const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, index));
        return SqlValue(bytes == nullptr ? std::string() : std::string(bytes, size));
      }
    }
  }

  // The status for the connection's last error.
  absl::Status Error(absl::string_view doing) const {
    const int code = sqlite3_extended_errcode(connection_.get());
    const std::string message =
        absl::StrCat("store ", path_, ": cannot ", doing, ": ", sqlite3_errmsg(connection_.get()));
    switch (code & 0xff) {
      case SQLITE_FULL:
        return absl::UnavailableError(message + "; free some space on its disk");
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
      case SQLITE_IOERR:
      case SQLITE_READONLY:
      case SQLITE_CANTOPEN:
      case SQLITE_NOMEM:
        return absl::UnavailableError(message);
      case SQLITE_CORRUPT:
      case SQLITE_NOTADB:
        return absl::DataLossError(message + "; restore it from a backup, or start with another --store");
      case SQLITE_CONSTRAINT:
        return absl::AlreadyExistsError(message);
      default:
        return absl::InternalError(message);
    }
  }

  const Connection connection_;
  const std::string path_;
  std::map<std::string, Statement> statements_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(const std::string& path) {
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(
      path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  Connection connection(opened);
  if (result != SQLITE_OK) {
    return absl::FailedPreconditionError(absl::StrCat(
        "cannot open the store ", path, ": ", opened == nullptr ? "no memory" : sqlite3_errmsg(opened),
        "; check that the folder exists and is writable, or choose another --store"));
  }
  // SQLite is content to read a file that it may not write.
  if (sqlite3_db_readonly(opened, "main") == 1) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot write the store ", path,
                     ": it is read-only; give the coordinator's user write access, or choose another place "
                     "with --data or --store"));
  }
  sqlite3_busy_timeout(opened, 5000);
  auto database = std::make_unique<SqliteDatabase>(std::move(connection), path);
  for (const char* pragma : {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
                             "PRAGMA foreign_keys = ON", kCacheSize, kCheckpointEvery}) {
    const absl::Status status = database->Execute(pragma);
    if (absl::IsDataLoss(status)) return status;
    if (!status.ok()) return absl::FailedPreconditionError(status.message());
  }
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace probesweep::server
