// The little of a relational database that the store needs; a driver per product stands behind it.
#ifndef PROBESWEEP_SERVER_STORE_DATABASE_H_
#define PROBESWEEP_SERVER_STORE_DATABASE_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace probesweep::server {

using SqlValue = std::variant<std::monostate, int64_t, double, std::string>;  // monostate: NULL
using SqlRow = std::vector<SqlValue>;

// One connection. Not thread-safe. SQL is in the dialect that SQLite and PostgreSQL share, parameters are $1,
// $2, … Errors: UNAVAILABLE (may pass), ALREADY_EXISTS (a uniqueness rule), DATA_LOSS (damaged), INTERNAL
// (bad SQL).
class Database {
 public:
  virtual ~Database() = default;
  // Runs one statement; `on_row` sees each row of its answer.
  virtual absl::Status Query(absl::string_view sql, const SqlRow& parameters,
                             absl::FunctionRef<absl::Status(const SqlRow&)> on_row) = 0;
  // Runs one statement that answers with no rows, once for each row of parameters, in order.
  virtual absl::Status ExecuteMany(absl::string_view sql, const std::vector<SqlRow>& rows) = 0;
  // Runs `work` in one writing transaction: committed durably when it returns OK, else undone. A
  // connection that is lost while it commits leaves open which: UNAVAILABLE.
  virtual absl::Status Transact(absl::FunctionRef<absl::Status()> work) = 0;
  // Whether a commit may still be decided after Transact gave up on it, by a server that goes on.
  virtual bool LeavesCommitsInDoubt() const = 0;

  absl::Status Execute(absl::string_view sql, const SqlRow& parameters = {}) {
    return Query(sql, parameters, [](const SqlRow&) { return absl::OkStatus(); });
  }
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_DATABASE_H_
